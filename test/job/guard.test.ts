import { chownSync, linkSync, lstatSync, mkdirSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { stampOf } from '#src/job/inputs.js';
import { appendToLedger } from '#src/publish/ledger.js';
import { jobFolder, table, type JobFolder } from './folder.js';

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
