import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { takeLock } from '#src/files/lock.js';
import { thisProcess } from '#src/files/process-identity.js';
import { jobFolder } from './folder.js';

describe('status answers a monitor', () => {
  test('with one line and 0 where all is well, 2 where nothing was published for too long', async () => {
    const job = jobFolder();
    expect(await job.command(['status', job.job])).toMatchObject({ status: 1 });
    job.input('a.csv', 1);
    await job.run();
    const well = await job.command(['status', job.job, '--max-age', '1h']);
    expect(well.status).toBe(0);
    expect(well.stdout.toString()).toMatch(
      /^SCORELINE OK - nightly: last published \d+ s ago \| age=\d+s;;3600 published=1c ready=0 waiting=0 failing=0 running=0\n$/,
    );
    while (Date.now() - Date.parse(String(job.ledger().find(({ kind }) => kind === 'published')?.['at'])) < 600) await setTimeout(50); // ages are told in whole seconds
    const late = await job.command(['status', job.job, '--max-age', '1ms']);
    expect(late.status).toBe(2);
    expect(late.stdout.toString()).toContain('SCORELINE CRITICAL - nightly: nothing published for');
  });

  test('with 2 where an input fails, and says which, how often and why', async () => {
    const job = jobFolder();
    job.input('a|b.csv', 'x');
    await job.run();
    await job.run();
    const { status, stdout } = await job.command(['status', job.job, '--json']);
    expect(status).toBe(2);
    const health = JSON.parse(stdout.toString()) as { failing: { input: string; attempts: number; last: { code: string } }[] };
    expect(health.failing).toMatchObject([{ input: job.file('inbox/a|b.csv'), attempts: 2, last: { code: 'too-many-rejects', status: 65 } }]);
    const line = (await job.command(['status', job.job])).stdout.toString();
    expect(line.match(/\|/g)).toHaveLength(1);
    expect(line).toContain('failing=1');
  });

  test('with 2 where what was expected has not come, and 3 where the job file cannot be read', async () => {
    const job = jobFolder(['expect: { new: 1, by: "00:00" }', 'zone: UTC']);
    expect((await job.command(['status', job.job])).status).toBe(2);
    writeFileSync(job.job, 'model: [');
    const unknown = await job.command(['status', job.job]);
    expect(unknown.status).toBe(3);
    expect(unknown.stdout.toString()).toMatch(/^SCORELINE UNKNOWN - .*job-not-yaml\]\n$/);
  });

  test('and says that a run is at work, as long as one is', async () => {
    const job = jobFolder();
    const lock = await takeLock(job.file('nightly.lock'), { mode: 0o644, waitMs: 0, onFallback: () => undefined });
    await lock.file.write(JSON.stringify({ ...thisProcess(), since: '2026-01-01T00:00:00.000Z' }));
    const during = JSON.parse((await job.command(['status', job.job, '--json'])).stdout.toString()) as object;
    expect(during).toMatchObject({ running: { pid: process.pid } });
    writeFileSync(job.file('nightly.lock'), JSON.stringify({ ...thisProcess(), startTime: '1', since: '2026-01-01T00:00:00.000Z' }));
    const after = JSON.parse((await job.command(['status', job.job, '--json'])).stdout.toString()) as object;
    expect(after).toMatchObject({ running: null });
    await lock.release();
  });
});

/** Lines of a screen end where they are full. */
const unwrapped = (text: string): string => text.replace(/\s+/g, ' ');

describe('check tries everything and leaves nothing behind', () => {
  test('of a job that is well', async () => {
    const job = jobFolder();
    writeFileSync(job.file('inbox/a.csv'), 'id,x,remark\na,1,zzzzzzzzzzzz\nb,2,zzzzzzzzzzzz\n');
    const before = job.command(['run', job.job, '--dry-run']);
    const { status, stdout } = await job.command(['check', job.job]);
    expect((await before).status).toBe(0);
    const text = stdout.toString();
    expect(status).toBe(0);
    for (const said of ['first rows all 2 rows read, none rejected; 2 rows scored', 'columns 1 read by the model, 1 kept', 'neither read nor kept: remark', 'lock free', 'written and synced', 'free', '1 to score'])
      expect(unwrapped(text)).toContain(said);
    expect(text.split('\n').length).toBeLessThanOrEqual(24);
    expect(job.ledger()).toEqual([]);
    expect(job.journal()).toEqual([]);
    expect(job.has('nightly.lock')).toBe(false);
  }); // prettier-ignore

  test('of a job whose model, output or rows are not, with the gravest status', async () => {
    const job = jobFolder(['output: nowhere/{stem}.csv']);
    job.input('a.csv', 1, 'x');
    const { status, stdout } = await job.command(['check', job.job]);
    expect(status).toBe(73);
    expect(stdout.toString()).toContain('FAILED');
    expect(stdout.toString()).toContain('to do: Create the folder');
  });

  test('of a single file, as JSON for programs', async () => {
    const job = jobFolder();
    const input = job.input('a.csv', 1, 'x');
    const { status, stdout } = await job.command([
      'check',
      '-m',
      job.read('nightly.yaml').split('\n')[0]!.slice(7),
      input,
      '-o',
      'out.csv',
      '--json',
    ]);
    expect(status).toBe(65);
    const { findings } = JSON.parse(stdout.toString()) as { findings: { subject: string; level: string; text: string }[] };
    expect(findings.find(({ subject }) => subject === 'first rows')).toMatchObject({
      level: 'failed',
      code: 'too-many-rejects',
      text: '1 of 2 rows are rejected, none allowed: not-a-number 1',
      details: { rows: 2, isWhole: true, rejected: 1, byCode: { 'not-a-number': 1 } },
    });
    expect(job.has('out.csv')).toBe(false);
  });

  test('against the deadline, for a file that takes longer', async () => {
    const job = jobFolder(['deadline: 1ms']);
    utimesSync(job.input('a.csv', 1), 1e9, 1e9);
    mkdirSync(job.file('x'));
    const { stdout } = await job.command(['check', job.job]);
    expect(unwrapped(stdout.toString())).toMatch(/warning time .*the deadline is 0\.00 s: it will not do/);
  });
});
