import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { score, ScorelineError } from '#src/index.js';
import { verifyJournal } from '#src/journal/verify.js';
import { fixture, tempFolder } from '../support/command.js';

describe('a run that is stopped, at any moment', () => {
  const MOMENTS = [0, 1, 3, 10, 30, 60, 90, 120, 150, 180, 220, 260, 300, 400];

  test.each(MOMENTS)('after %i ms: one START, one end, and what is there is what was said', async (afterMs) => {
    const folder = tempFolder();
    const output = join(folder, 'scores.csv');
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(), afterMs);
    const said = await score({
      model: fixture('adult', 'adult-forest.onnx'),
      input: fixture('adult', 'adult.csv'),
      output,
      signal: controller.signal,
      chunkBytes: 100_000,
    }).then(
      () => 'published',
      (error: unknown) => (error instanceof ScorelineError ? error.code : 'no error of ours'),
    );
    clearTimeout(timer);
    expect(['published', 'interrupted']).toContain(said);
    expect(existsSync(output)).toBe(said === 'published');
    expect(readdirSync(folder).filter((name) => name.endsWith('.scoreline-tmp'))).toEqual([]);
    const journal = `${output}.journal.jsonl`;
    const kinds = readFileSync(journal, 'utf8').trim().split('\n').map((line) => (JSON.parse(line) as { kind: string }).kind); // prettier-ignore
    expect(kinds).toEqual(['START', ...(said === 'published' ? ['PREPARE', 'COMMIT'] : ['FAIL'])]);
    expect(await verifyJournal(journal)).toMatchObject({ ok: true, open: [], problems: [] });
    expect(process.getActiveResourcesInfo().filter((name) => name === 'MessagePort')).toEqual([]); // nothing goes on behind its back
  });

  test('a FIFO that nobody reads is waited for no longer', async () => {
    const folder = tempFolder();
    const { execFileSync } = await import('node:child_process');
    const fifo = join(folder, 'fifo');
    execFileSync('mkfifo', [fifo]);
    const run = score({
      model: fixture('types', 'single.onnx'),
      input: fixture('types', 'types.csv'),
      output: fifo,
      bind: { x: 'f1' },
      signal: AbortSignal.timeout(300),
    });
    await expect(run).rejects.toMatchObject({ code: 'interrupted' });
  });
});
