import { chownSync, copyFileSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { fixture } from '../support/command.js';
import { jobFolder, MODEL, scores, type JobFolder } from './folder.js';

const KILLER = fileURLToPath(new URL('../support/kill-at.mjs', import.meta.url));

/** A job whose run was killed, with its scoring process, when the predictions had got their name and the ledger did not say so yet. */
async function halfPublished(): Promise<JobFolder> {
  const job = jobFolder(['model: m.onnx']);
  copyFileSync(MODEL, job.file('m.onnx'));
  job.input('a.csv', 1);
  const env = { NODE_OPTIONS: `--import=${KILLER}`, KILL_BEFORE: 'open nightly.ledger.jsonl.lock' };
  expect((await job.command(['run', job.job], { env })).signal).toBe('SIGKILL');
  expect(job.read('scores/a.csv')).toBe(scores([1]));
  expect(job.ledger().filter(({ kind }) => kind === 'published')).toEqual([]);
  return job;
}

describe('an input whose run was killed between the rename of its predictions and the line in the ledger is published once', () => {
  test.each([
    ['the model is replaced', (job: JobFolder) => copyFileSync(fixture('types', 'two-outputs.onnx'), job.file('m.onnx'))],
    ['the input is touched', (job: JobFolder) => utimesSync(job.file('inbox/a.csv'), 1e9, 1e9)],
    ['nothing is changed', () => undefined],
  ])(
    'where meanwhile %s',
    async (_, change) => {
      const job = await halfPublished();
      change(job);
      expect((await job.run()).status).toBe(0);
      expect(job.read('scores/a.csv')).toBe(scores([1]));
      expect(job.journal().filter((kind) => ['START', 'COMMIT'].includes(kind))).toEqual(['START', 'COMMIT']);
      expect(new Set(job.ledger().filter(({ kind }) => kind === 'published').map(({ run }) => run)).size).toBe(1); // prettier-ignore
      expect(readdirSync(job.file('scores'))).toEqual(['a.csv']);
    },
    60_000,
  );

  test('also where another content has taken its name: that is no foreign output, and is published after it', async () => {
    const job = await halfPublished();
    job.input('a.csv', 7);
    expect((await job.run()).status).toBe(0);
    expect(job.read('scores/a.csv')).toBe(scores([7]));
    expect(job.journal().filter((kind) => kind === 'COMMIT')).toHaveLength(2);
  }, 60_000);
});

describe.runIf(process.geteuid?.() === 0)('an input that the user of the job may not read', () => {
  test('is a failed attempt, which status tells with 2, until it can be read', async () => {
    const job = jobFolder();
    for (const name of ['', 'inbox', 'scores', 'nightly.yaml']) chownSync(job.file(name), 65534, 65534);
    const input = job.file('inbox/a.csv');
    writeFileSync(input, 'id,x\nr0,1\n', { mode: 0o600 }); // of root
    const run = () => job.command(['run', job.job], { uid: 65534 });
    expect((await run()).stderr).toContain('input-permission');
    expect((await run()).stderr).toContain('(attempt 2)');
    const health = await job.command(['status', job.job, '--json'], { uid: 65534 });
    expect([health.status, JSON.parse(health.stdout.toString())]).toEqual([
      2,
      expect.objectContaining({
        failing: [{ input, attempts: 2, last: expect.objectContaining({ code: 'input-permission', status: 77 }) as object }],
      }),
    ]);
    chownSync(input, 65534, 65534);
    expect((await run()).status).toBe(0);
    expect((await job.command(['status', job.job], { uid: 65534 })).status).toBe(0);
  }, 60_000);
});
