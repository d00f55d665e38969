import { copyFileSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { scoreline, tempFolder } from '../support/command.js';
import { jobFolder, scores, table, type JobFolder } from './folder.js';

const status = async (job: JobFolder): Promise<{ status: number | null; text: string }> => {
  const ended = await job.command(['status', job.job]);
  return { status: ended.status, text: ended.stdout.toString() };
};

/** A second job file, other.yaml, in the folder of a first one. */
function secondJob(job: JobFolder, ...lines: readonly string[]): string {
  writeFileSync(job.file('other.yaml'), `${job.read('nightly.yaml')}${lines.map((line) => `${line}\n`).join('')}`);
  return job.file('other.yaml');
}

describe('two jobs', () => {
  test('with one output: the second one replaces nothing that the first has published, 78, unless it is told to', async () => {
    const job = jobFolder();
    job.input('a.csv', 1);
    job.input('b.csv', 2);
    writeFileSync(job.file('scores/b.csv'), 'of a person');
    const first = await job.run();
    expect([first.status, job.read('scores/a.csv'), job.read('scores/b.csv')]).toEqual([78, scores([1]), 'of a person']);
    expect(first.stderr).toContain('[job-foreign-output]'.slice(1, -1));
    const other = secondJob(job, 'prefix: m_');
    const refused = await scoreline(['run', other]);
    expect([refused.status, job.read('scores/a.csv')]).toEqual([78, scores([1])]);
    expect((await scoreline(['run', other, '--dry-run'])).status).toBe(78);
    expect((await scoreline(['status', other])).stdout.toString()).toContain('job-foreign-output');
    expect((await scoreline(['check', other])).stdout.toString()).toContain('job-foreign-output');
    expect((await scoreline(['run', other, '--rescore'])).status).toBe(0);
    expect(job.read('scores/a.csv')).toContain('m_prediction');
    expect(await status(job)).toMatchObject({ status: 2, text: expect.stringContaining('1 published output changed since') as string });
  }, 60_000);

  test('of one name in one state folder: the second one is refused, 78, and neither its runs nor its status take the other’s ledger for theirs', async () => {
    const job = jobFolder();
    job.input('a.csv', 1);
    await job.run();
    const elsewhere = tempFolder();
    for (const folder of ['inbox', 'scores']) mkdirSync(join(elsewhere, folder));
    writeFileSync(join(elsewhere, 'nightly.yaml'), `${job.read('nightly.yaml')}stateDir: ${job.path}\n`);
    writeFileSync(join(elsewhere, 'inbox', 'a.csv'), table([1]));
    const other = join(elsewhere, 'nightly.yaml');
    const run = await scoreline(['run', other]);
    expect([run.status, run.stderr]).toEqual([78, expect.stringContaining('job-state-taken')]);
    expect(run.stderr).toContain(job.job);
    expect((await scoreline(['run', other, '--dry-run'])).status).toBe(78);
    expect((await scoreline(['check', other])).status).toBe(78);
    expect(await scoreline(['status', other])).toMatchObject({ status: 2 });
    expect((await job.run()).status).toBe(0);
  }, 60_000);
});

describe('a job file that was moved', () => {
  test('goes on with its state once the old file is gone', async () => {
    const job = jobFolder(['stateDir: state']);
    mkdirSync(job.file('state'));
    job.input('a.csv', 1);
    await job.run();
    const moved = tempFolder();
    const text = job.read('nightly.yaml').replace('inbox/', `${job.path}/inbox/`).replace('scores/', `${job.path}/scores/`).replace('stateDir: state', `stateDir: ${job.file('state')}`);
    writeFileSync(join(moved, 'nightly.yaml'), text);
    expect((await scoreline(['run', join(moved, 'nightly.yaml')])).status).toBe(78);
    unlinkSync(job.job);
    rmSync(job.file('scores/a.csv'));
    expect((await scoreline(['run', join(moved, 'nightly.yaml')])).status).toBe(0);
    expect(job.has('scores/a.csv')).toBe(false); // known, and not scored again
  }, 60_000); // prettier-ignore

  test('with its folder and all that is in it is the same job, and its outputs are its own', async () => {
    const job = jobFolder();
    job.input('a.csv', 1);
    await job.run();
    const moved = join(tempFolder(), 'moved');
    renameSync(job.path, moved);
    mkdirSync(job.path);
    copyFileSync(join(moved, 'nightly.yaml'), job.job); // a new job at the old place
    writeFileSync(join(moved, 'inbox', 'a.csv'), table([2]));
    expect((await scoreline(['run', join(moved, 'nightly.yaml')])).status).toBe(0);
    expect(readFileSync(join(moved, 'scores', 'a.csv'), 'utf8')).toBe(scores([2]));
  }, 60_000);

  test('by a link on its way is the same job by either path', async () => {
    const job = jobFolder(['stateDir: state']);
    mkdirSync(job.file('state'));
    job.input('a.csv', 1);
    const link = join(tempFolder(), 'current');
    symlinkSync(job.path, link);
    expect((await scoreline(['run', join(link, 'nightly.yaml')])).status).toBe(0);
    expect((await job.run()).status).toBe(0);
  }, 60_000);
});

describe('published predictions', () => {
  test('that are gone though their input is there, or are other bytes, are noticed by status and by a run', async () => {
    const job = jobFolder();
    for (const [index, name] of ['a.csv', 'b.csv', 'c.csv', 'd.csv'].entries()) job.input(name, index);
    await job.run();
    expect(await status(job)).toMatchObject({ status: 0 });
    const later = new Date(Date.now() + 60_000);
    rmSync(job.file('scores/a.csv'));
    writeFileSync(job.file('scores/b.csv'), 'shorter');
    writeFileSync(job.file('scores/c.csv'), scores([7])); // of the same size
    for (const name of ['c.csv', 'd.csv']) utimesSync(job.file(`scores/${name}`), later, later); // d is only touched
    const health = JSON.parse((await job.command(['status', job.job, '--json'])).stdout.toString()) as object;
    expect(health).toMatchObject({
      level: 'warning',
      outputsGone: [job.file('scores/a.csv')],
      outputsChanged: [job.file('scores/b.csv'), job.file('scores/c.csv')],
    });
    const { status: ended, stderr } = await job.run('-v');
    expect(ended).toBe(0);
    expect(stderr).toContain('[output-gone]');
    expect(stderr).toMatch(/\(2 times\) \[output-changed\]/);
  }, 60_000);

  test('that were taken away, as their input was, are nobody’s concern', async () => {
    const job = jobFolder(['after: delete']);
    job.input('a.csv', 1);
    await job.run();
    rmSync(job.file('scores/a.csv'));
    expect(await status(job)).toMatchObject({ status: 0 });
  });
});

test('what is passed over among the inputs is a warning to a monitor, with its count', async () => {
  const job = jobFolder();
  job.input('a.csv', 1);
  await job.run();
  for (const name of ['b.csv', 'c.csv']) symlinkSync(job.file('inbox/a.csv'), job.file(`inbox/${name}`));
  expect(await status(job)).toMatchObject({ status: 1, text: expect.stringContaining('2 entries passed over (a symbolic link)') as string });
});
