import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { verifyJournal } from '#src/journal/verify.js';
import { scoreline } from '../support/command.js';
import { jobFolder, scores, table } from './folder.js';

const INPUTS = 4;

describe('a job that is killed', () => {
  test('anywhere, again and again, gives each input once in the end, moves it, and leaves nothing else', async () => {
    const job = jobFolder(['after:', '  move: done', 'output: scores/{run}-{stem}.csv']);
    mkdirSync(job.file('done'));
    for (let index = 0; index < INPUTS; index++) job.input(`${index}.csv`, index);
    const seed = Date.now();
    for (let round = 0; round < 12; round++) {
      const delayMs = ((seed + round * 7919) % 13) * 60 + 60;
      await scoreline(['run', job.job], { during: (child) => void setTimeout(() => child.kill('SIGKILL'), delayMs) });
    }
    expect((await job.run()).status, `seed ${seed}`).toBe(0);
    expect(readdirSync(job.file('inbox'))).toEqual([]);
    expect(readdirSync(job.file('done')).sort()).toEqual(['0.csv', '1.csv', '2.csv', '3.csv']);
    const outputs = readdirSync(job.file('scores'), { recursive: true, encoding: 'utf8' });
    expect(outputs, `seed ${seed}`).toHaveLength(INPUTS);
    for (let index = 0; index < INPUTS; index++) {
      const name = outputs.find((each) => each.endsWith(`-${index}.csv`)) ?? '';
      expect(job.read(`scores/${name}`)).toBe(scores([index]));
      expect(readFileSync(job.file(`done/${index}.csv`), 'utf8')).toBe(table([index]));
      const published = job.ledger().filter(({ kind, name: input }) => kind === 'published' && input === `${index}.csv`);
      expect(new Set(published.map(({ run }) => run)).size).toBe(1);
    }
    expect(job.journal().filter((kind) => kind === 'COMMIT')).toHaveLength(INPUTS);
    const { open } = await verifyJournal(job.file('nightly.journal.jsonl'));
    expect(open, `seed ${seed}`).toEqual([]);
  }, 120_000); // prettier-ignore

  test('by SIGTERM ends with 143 and counts no failure; the next run goes on', async () => {
    const job = jobFolder(['settle: 2s']);
    job.input('a.csv', 1);
    const stopped = await scoreline(['run', job.job], { during: (child) => void setTimeout(() => child.kill('SIGTERM'), 1000) });
    expect(stopped.signal).toBe('SIGTERM');
    expect(stopped.stderr).toContain('stopped by SIGTERM');
    expect(job.ledger().some(({ kind }) => kind === 'failed')).toBe(false);
    expect((await job.run()).status).toBe(0);
    expect(job.read('scores/a.csv')).toBe(scores([1]));
  }, 60_000);
});
