import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { thisProcess } from '#src/files/process-identity.js';
import { encodeRun, encodeStaged } from '#src/publish/run-state.js';
import { jobFolder, scores, type JobFolder } from './folder.js';

const RUN = '01900000-0000-7000-8000-000000000000';

/** What a run that was killed leaves at an output: its state file and a temp file. Gives both paths. */
function leave(job: JobFolder, name: string, ledger = job.file('nightly.ledger.jsonl')): readonly [string, string] {
  const state = job.file(`scores/.${name}.scoreline-run`);
  const staged = job.file(`scores/.${name}.0123456789ab.scoreline-tmp`);
  const header = { run: RUN, identity: null, journal: null, ledger: { path: ledger, entry: {} }, process: { ...thisProcess(), startTime: '1' } };
  writeFileSync(state, Buffer.concat([encodeRun(header), encodeStaged({ of: 'output', path: job.file(`scores/${name}`), staged })]), { mode: 0o600 });
  writeFileSync(staged, 'id,pred');
  return [state, staged];
}
const there = (paths: readonly string[]): boolean[] => paths.map((path) => existsSync(path));

describe('the next run of a job removes what a killed one has left', () => {
  test('at the output of an input that is published and settled, and lets the output be', async () => {
    const job = jobFolder();
    job.input('a.csv', 1);
    await job.run();
    const left = leave(job, 'a.csv');
    expect((await job.run()).status).toBe(0);
    expect(there(left)).toEqual([false, false]);
    expect(job.read('scores/a.csv')).toBe(scores([1]));
  });

  test('also where nothing of the state file reached the disk', async () => {
    const job = jobFolder();
    job.input('a.csv', 1);
    await job.run();
    writeFileSync(job.file('scores/.a.csv.scoreline-run'), '', { mode: 0o600 });
    expect((await job.run()).status).toBe(0);
    expect(job.has('scores/.a.csv.scoreline-run')).toBe(false);
  });

  test('for an input that was tried and has been taken away since, but not what another command left there to go on from', async () => {
    const job = jobFolder();
    for (const name of ['a.csv', 'b.csv']) job.input(name, 'no number');
    await job.run();
    for (const name of ['a.csv', 'b.csv']) rmSync(job.file(`inbox/${name}`));
    const [own, others] = [leave(job, 'a.csv'), leave(job, 'b.csv', job.file('other.ledger.jsonl'))];
    expect((await job.run()).status).toBe(0);
    expect(there(own)).toEqual([false, false]);
    expect(there(others)).toEqual([true, true]);
  });

  test('but nothing of an input that is still there and may be gone on with', async () => {
    const job = jobFolder(['maxInputAge: 1s']);
    job.input('a.csv', 'no number');
    await job.run();
    await new Promise((resolve) => setTimeout(resolve, 1500));
    const left = leave(job, 'a.csv');
    await job.run(); // too old by now: it is not tried again
    expect(there(left)).toEqual([true, true]);
  });
});
