import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { COMMAND } from '../support/command.js';
import { jobFolder, table, type JobFolder } from './folder.js';

const MOVE = ['after:', '  move: archive'];
const check = async (job: JobFolder, uid?: number) => {
  const { status, stdout } = await job.command(['check', job.job], uid === undefined ? {} : { uid });
  return { status, text: stdout.toString() };
};

describe('check looks at the folders that a run will need', () => {
  test('the archive itself, that it is there and is a folder', async () => {
    const job = jobFolder(MOVE);
    job.input('a.csv', 1);
    expect(await check(job)).toMatchObject({ status: 73, text: expect.stringContaining('the folder of after does not exist') as string });
    writeFileSync(job.file('archive'), '');
    expect(await check(job)).toMatchObject({ status: 73, text: expect.stringContaining('the folder of after is no folder') as string });
  });

  test('an archive behind a link is one, as it is to a run', async () => {
    const job = jobFolder(MOVE);
    job.input('a.csv', 1);
    mkdirSync(job.file('real'));
    symlinkSync(job.file('real'), job.file('archive'));
    expect((await check(job)).status).toBe(0);
    expect((await job.run()).status).toBe(0);
    expect(job.read('real/a.csv')).toBe(table([1]));
  });

  test.runIf(process.geteuid?.() === 0).each([
    ['the archive', 'archive', MOVE, 'archive'],
    ['the inbox, where inputs are moved', 'inbox', MOVE, 'archive'],
    ['the inbox, where inputs are deleted', 'inbox', ['after: delete'], 'archive'],
  ])('whether %s may be written', async (_, folder, after, also) => {
    const job = jobFolder(after);
    job.input('a.csv', 1);
    mkdirSync(job.file(also));
    for (const name of ['', 'inbox', 'scores', 'archive', 'nightly.yaml']) chownSync(job.file(name), 65534, 65534);
    expect((await check(job, 65534)).status).toBe(0);
    chmodSync(job.file(folder), 0o555);
    const { status, text } = await check(job, 65534);
    expect([status, text]).toEqual([77, expect.stringMatching(/FAILED +after/)]);
    expect((await job.command(['run', job.job], { uid: 65534 })).status).toBe(77);
  }, 60_000); // prettier-ignore

  test('but not whether inputs may be moved where they are kept', async () => {
    const job = jobFolder();
    job.input('a.csv', 1);
    expect((await check(job)).text).not.toMatch(/ok +after/);
  });
});

describe('check warns of what will go wrong', () => {
  test('of one output for all inputs', async () => {
    const job = jobFolder(['output: scores/{date}.csv']);
    job.input('a.csv', 1);
    expect((await check(job)).text).toMatch(/warning +output +all inputs would have the one output/);
    const named = jobFolder(['output: scores/{date}.csv', 'input: inbox/a.csv']);
    named.input('a.csv', 1);
    expect((await check(named)).text).not.toContain('all inputs would have');
  });

  test('in words of the job, without advice that a check cannot follow', async () => {
    const job = jobFolder(['keep: [id, nothing]']);
    job.input('a.csv', 1);
    const { status, text } = await check(job);
    expect([status, text]).toEqual([78, expect.stringContaining('keep names the column "nothing"')]);
    expect(text).not.toContain('--keep');
    expect(text).not.toContain('-v lists');
    expect(text).not.toContain('to do:'); // nothing is left of it
  });
});

test.runIf(spawnSync('unshare', ['-Urm', 'sh', '-c', 'mount -t tmpfs none /mnt']).status === 0)(
  'a state folder without room: no-space, 74, and check says so before',
  () => {
    const job = jobFolder(['stateDir: /mnt']);
    job.input('a.csv', 1);
    const script = `mount -t tmpfs -o size=64k none /mnt; head -c 100k /dev/zero > /mnt/fill; for word in check run; do "$NODE" "$COMMAND" $word "$JOB" 2>&1; echo "status $?"; done`;
    const { stdout } = spawnSync('unshare', ['-Urm', 'sh', '-c', script], {
      env: { PATH: process.env['PATH'], NODE: process.execPath, COMMAND, JOB: job.job },
      encoding: 'utf8',
    });
    expect(stdout.match(/^status \d+$/gm)).toEqual(['status 74', 'status 74']);
    expect(stdout.match(/no-space/g)?.length).toBeGreaterThanOrEqual(2);
    expect(stdout).toContain('the state folder of the job has no room');
    expect(stdout).not.toContain('job-lock-failed');
    expect(job.has('scores/a.csv')).toBe(false);
  },
  60_000,
);
