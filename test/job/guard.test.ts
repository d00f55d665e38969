import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, chmodSync, chownSync, linkSync, lstatSync, mkdirSync, readFileSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { flagKeys } from '#src/cli/job-keys.js';
import { InputError } from '#src/errors/errors.js';
import { History } from '#src/job/history.js';
import { listInputs, stampOf } from '#src/job/inputs.js';
import { loadJob } from '#src/job/load.js';
import { planJobRun } from '#src/job/plan-run.js';
import { retold } from '#src/job/retold.js';
import { appendToLedger } from '#src/publish/ledger.js';
import { jobFolder, readLedger, scores, table, type JobFolder } from './folder.js';

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

/** A line that says that a file was published, and is still to be moved or deleted. */
function publishedLine(job: JobFolder, path: string, name: string) {
  const output = { path: job.file('scores/x.csv'), bytes: 4, sha256: digest('done') };
  writeFileSync(output.path, 'done');
  const paths = { output: output.path, rejects: null, journal: null, templates: '' };
  const stamp = stampOf(lstatSync(path, { bigint: true }));
  return { kind: 'published', at: '2026-01-01T00:00:00.000Z', run: 'r', name, sha256: 'f'.repeat(64), path, stamp, paths, output };
}

describe('state that somebody else may have planted is not believed', () => {
  test('a ledger with another name, too: 77, and nothing is scored', async () => {
    const job = jobFolder();
    job.input('a.csv', 1);
    writeFileSync(job.file('planted'), '');
    linkSync(job.file('planted'), job.file('nightly.ledger.jsonl'));
    const { status, stderr } = await job.run();
    expect(status).toBe(77);
    expect(stderr).toContain('hard link');
    expect(job.has('scores/a.csv')).toBe(false);
  });

  test.skipIf(process.geteuid?.() !== 0)('a ledger of another user: 77; status reads it all the same', async () => {
    const job = jobFolder();
    job.input('a.csv', 1);
    await job.run();
    chownSync(job.file('nightly.ledger.jsonl'), 4711, 4711);
    expect((await job.run()).status).toBe(77);
    expect((await job.command(['status', job.job])).status).toBe(0);
  });

  test('a lock that is a link to another file: 77, and that file is not emptied', async () => {
    const job = jobFolder();
    job.input('a.csv', 1);
    writeFileSync(job.file('victim'), 'precious');
    linkSync(job.file('victim'), job.file('nightly.lock'));
    const { status, stderr } = await job.run();
    expect(status).toBe(77);
    expect(stderr).toContain('job-state');
    expect(job.read('victim')).toBe('precious');
  });

  test('a file that is no input of the job is neither moved nor deleted, whatever the ledger says', async () => {
    const job = jobFolder(['after: delete']);
    mkdirSync(job.file('elsewhere'));
    writeFileSync(job.file('elsewhere/a.csv'), table([1]));
    writeFileSync(job.file('inbox/b.csv'), table([1]));
    const lines = [publishedLine(job, job.file('elsewhere/a.csv'), 'a.csv'), publishedLine(job, job.file('inbox/b.csv'), 'b.csv')];
    await appendToLedger(job.file('nightly.ledger.jsonl'), lines);
    await job.run();
    expect(job.has('elsewhere/a.csv')).toBe(true);
    expect(job.has('inbox/b.csv')).toBe(false);
  });
});

describe('what another has written is not replaced', () => {
  test('by an input of the same name in another folder of the job, nor by rejects', async () => {
    const job = jobFolder(['input: [inbox/*.csv, other/*.csv]']);
    mkdirSync(job.file('other'));
    job.input('a.csv', 1);
    expect((await job.run()).status).toBe(0);
    writeFileSync(job.file('other/a.csv'), table([2]));
    job.input('a.csv.rejects.csv', 5);
    unlinkSync(job.file('inbox/a.csv'));
    const { status, stderr } = await job.run();
    expect(status).toBe(78);
    expect(stderr.match(/job-shared-output/g)?.length).toBeGreaterThan(0);
    expect(stderr).toContain('2 failed');
    expect(job.read('scores/a.csv')).toBe(scores([1]));
  });

  test('a file of the job itself', async () => {
    const job = jobFolder(['output: "{stem}.jsonl"']);
    job.input('nightly.ledger.csv', 1);
    const { status, stderr } = await job.run();
    expect(status).toBe(78);
    expect(stderr).toContain('a file of the job itself');
  });

  test('through a link from one output to another: the link is replaced', async () => {
    const job = jobFolder();
    job.input('b.csv', 2);
    expect((await job.run()).status).toBe(0);
    symlinkSync('b.csv', job.file('scores/a.csv'));
    job.input('a.csv', 1);
    expect((await job.run()).status).toBe(0);
    expect([job.read('scores/a.csv'), job.read('scores/b.csv')]).toEqual([scores([1]), scores([2])]);
    expect(lstatSync(job.file('scores/a.csv')).isFile()).toBe(true);
  });

  test('a pipe planted in the place of an output: 73, and the run goes on', async () => {
    const job = jobFolder();
    job.input('a.csv', 1);
    job.input('b.csv', 2);
    execFileSync('mkfifo', [job.file('scores/a.csv')]);
    const { status, stderr } = await job.run();
    expect(status).toBe(73);
    expect(stderr).toContain('output-special');
    expect(job.read('scores/b.csv')).toBe(scores([2]));
  });
});

describe('an input is what its file holds', () => {
  test('a content that comes back after another is scored again: the output is of what lies there', async () => {
    const job = jobFolder();
    for (const value of [1, 2, 1]) {
      job.input('a.csv', value);
      expect((await job.run()).status).toBe(0);
      expect(job.read('scores/a.csv')).toBe(scores([value]));
    }
    expect(job.journal().filter((kind) => kind === 'COMMIT')).toHaveLength(3);
    await job.run();
    expect(job.journal().filter((kind) => kind === 'COMMIT')).toHaveLength(3);
  });

  test('a file that is written to since it was listed is left for the next run', async () => {
    const job = jobFolder();
    const path = job.input('a.csv', 1);
    const { signal } = new AbortController();
    const given = await loadJob(job.job, flagKeys((file) => readFileSync(file, 'utf8')), undefined); // prettier-ignore
    const listing = await listInputs(given, Date.now());
    appendFileSync(path, 'r1,2\n');
    const history = await History.open(job.file('nightly.ledger.jsonl'), given.identity);
    const plan = await planJobRun(given, history, listing, { rescore: false, run: 'R', date: 'D', nowMs: Date.now(), signal });
    expect([plan.todo, plan.waiting.map(({ reason }) => reason)]).toEqual([[], ['settling']]);
  });

  test('one that is changed while it is scored: input-changed, and nothing is said of flags', async () => {
    const job = jobFolder();
    const path = job.input('a.csv', 1);
    const stamp = stampOf(lstatSync(path, { bigint: true }));
    appendFileSync(path, 'r1,2\n');
    const thrown = new InputError('digest-mismatch', 'found an input with sha256', { fix: '--expect-sha256' });
    const given = { job: { file: job.job, runDeadlineMs: 1000 }, leftMs: 1 };
    expect(await retold(thrown, { path, stamp }, given)).toMatchObject({ code: 'input-changed' });
    expect(await retold(thrown, { path, stamp: stampOf(lstatSync(path, { bigint: true })) }, given)).toMatchObject({
      code: 'digest-mismatch',
      fix: 'expectSha256',
    });
    const late = new InputError('deadline', 'the deadline of 977ms has passed', { fix: '' });
    expect(await retold(late, { path, stamp }, given)).toMatchObject({ code: 'deadline', message: late.message });
    expect(await retold(late, { path, stamp }, { ...given, leftMs: 0 })).toMatchObject({ code: 'run-deadline', status: 124, message: expect.stringContaining('1s') as string }); // prettier-ignore
  });
});

describe('a ledger', () => {
  test.each([
    ['random bytes', Buffer.from([0x93, 0x11, 0xfe, 0x00, 0x41])],
    ['text of another kind', Buffer.from('hello')],
    ['random bytes and a newline', Buffer.from([0x93, 0x11, 0xfe, 0x0a])],
    ['a line whose end was overwritten', Buffer.from('{"kind":"published\u0001\u0002\n')],
  ])('with %s in it is damaged', async (_, bytes) => {
    const job = jobFolder();
    writeFileSync(job.file('l.jsonl'), bytes);
    expect((await readLedger(job.file('l.jsonl'))).damaged).toBe(1);
  });

  test.each(['', '{', '{"kind":"published","name":"a', '{"ki\0\0\0\0', '\0\0\0', '{"name":"caf\u00c3'])('with %j at its end was torn by a crash', async (text) => {
    const job = jobFolder();
    writeFileSync(job.file('l.jsonl'), Buffer.from(text, 'latin1'));
    expect((await readLedger(job.file('l.jsonl'))).damaged).toBe(0);
  }); // prettier-ignore

  test('that is compacted keeps what another process has appended since it was read', async () => {
    const job = jobFolder();
    const path = job.file('l.jsonl');
    const input = (name: string) => ({ ...publishedLine(job, job.input('a.csv', 1), name) });
    await appendToLedger(
      path,
      Array.from({ length: 300 }, () => input('a.csv')),
    );
    const history = await History.open(path, 'name-and-content');
    await appendToLedger(path, [input('b.csv')]);
    await history.compact(0);
    expect((await readLedger(path)).lines.map(({ name }) => name)).toEqual(['a.csv', 'b.csv']);
  });

  test.skipIf(process.geteuid?.() === 0)('remembers an input that may not be read: status is critical until it can be', async () => {
    const job = jobFolder();
    chmodSync(job.input('a.csv', 1), 0);
    expect((await job.run()).status).toBe(77);
    expect(await job.command(['status', job.job])).toMatchObject({ status: 2 });
    chmodSync(job.file('inbox/a.csv'), 0o644);
    expect((await job.run()).status).toBe(0);
    expect(await job.command(['status', job.job])).toMatchObject({ status: 0 });
  });

  test('forgets that an input could not be read once it was', async () => {
    const job = jobFolder();
    const { name, path, stamp, paths } = publishedLine(job, job.input('a.csv', 1), 'a.csv');
    const unread = { name, sha256: '', path, stamp, paths };
    const failed = { at: '2026-01-01T00:00:00.000Z', code: 'input-permission', status: 77, message: 'm' };
    const history = await History.open(job.file('nightly.ledger.jsonl'), 'name-and-content');
    await history.attempt(unread, failed.at);
    await history.failed(unread, failed);
    expect(history.digestOf(stamp)).toBeUndefined();
    expect(await job.command(['status', job.job])).toMatchObject({ status: 2 });
    expect((await job.run()).status).toBe(0);
    expect(await job.command(['status', job.job])).toMatchObject({ status: 0 });
  });
});
