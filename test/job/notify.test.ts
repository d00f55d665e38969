import { chmodSync, chownSync, existsSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findCommand, foreignAuthor, refuseForeignCommand } from '#src/job/notify.js';
import { tempFolder } from '../support/command.js';
import { jobFolder } from './folder.js';

const isRoot = process.geteuid?.() === 0;

/** A job whose inputs must have two rows, and of which a third is one too many; its command writes down what it hears, and fails. */
function gatedJob() {
  const job = jobFolder(['gate: ["rows>=2", "rows<=2:withhold"]', 'notify: [./told.sh, "$HOME"]']);
  writeFileSync(job.file('told.sh'), '#!/bin/sh\necho "$1 $SCORELINE_NOTIFY_VERDICT $SCORELINE_NOTIFY_GATES ${SCORELINE_NOTIFY_INPUT##*/}" >> told; echo to stdout; echo no mail >&2; exit 1\n');
  chmodSync(job.file('told.sh'), 0o755);
  return job;
} // prettier-ignore

describe('notify of a job', () => {
  test('runs its command for each input with a verdict, and changes nothing of the run', async () => {
    const job = gatedJob();
    for (const [name, ...values] of [['a.csv', 1], ['b.csv', 1, 2], ['c.csv', 1, 2, 3]] as const) job.input(name, ...values);
    const dry = await job.run('--dry-run');
    expect(dry.status).toBe(0);
    const checked = await job.command(['check', job.job]);
    expect(checked.stdout.toString()).toMatch(/ok +notify +\/\S+\/told\.sh\n/);
    expect(existsSync(job.file('told'))).toBe(false);

    const run = await job.run('-v');
    expect(run.status).toBe(76);
    expect(run.stdout.toString()).toBe('');
    expect(run.stderr).toContain('the command of notify');
    expect(run.stderr).toContain('it ended with status 1: no mail (2 times) [notify-failed]');
    expect(job.read('told').trim().split('\n').sort()).toEqual(['$HOME warned rows a.csv', '$HOME withheld rows c.csv']);
    expect([job.has('scores/a.csv'), job.has('scores/b.csv'), job.has('scores/c.csv')]).toEqual([true, true, false]);
    // the input that was withheld before its end has failed, and is tried again
    expect(job.ledger().filter(({ kind }) => kind === 'failed')).toMatchObject([{ code: 'gate-withheld', status: 76 }]);
    expect((await job.run('-q')).status).toBe(76);
    expect(job.read('told').trim().split('\n')).toHaveLength(3);
  }); // prettier-ignore

  test('is refused where somebody else may have written the job file, which can be looked at all the same', async () => {
    const job = gatedJob();
    job.input('a.csv', 1, 2);
    chmodSync(job.job, 0o666);
    const run = await job.run();
    expect(run.status).toBe(77);
    expect(run.stderr).toMatch(/everybody may write to it[\s\S]+notify-foreign/);
    expect(job.has('nightly.ledger.jsonl')).toBe(false);
    expect((await job.command(['check', job.job])).stdout.toString()).toMatch(/FAILED +notify/);
    expect((await job.run('--dry-run')).status).toBe(0);
  });

  test('whose job file may be somebody else’s', async () => {
    const path = join(tempFolder(), 'job.yaml');
    writeFileSync(path, '');
    const found = async (mode: number, uid = process.geteuid?.() ?? 0, gid = process.getegid?.() ?? 0): Promise<string | undefined> => {
      chownSync(path, uid, gid);
      chmodSync(path, mode);
      const file = await open(path);
      return foreignAuthor(file).finally(() => file.close());
    };
    expect(await found(0o644)).toBeUndefined();
    expect(await found(0o646)).toContain('everybody may write');
    expect(() => refuseForeignCommand({ argv: ['mail'], folder: '/', foreign: 'it is' }, path)).toThrow(expect.objectContaining({ code: 'notify-foreign', status: 77 }));
    if (!isRoot) return;
    expect(await found(0o664, 0, 1234)).toContain('its group (1234) may write to it, and root runs it');
    expect(await found(0o664, 0, 0)).toBeUndefined();
    expect(await found(0o644, 1234)).toContain('belongs to another user (1234)');
  }); // prettier-ignore

  test('finds its command as the system will', async () => {
    const folder = tempFolder();
    for (const name of ['may', 'may-not']) writeFileSync(join(folder, name), '');
    chmodSync(join(folder, 'may'), 0o755);
    const found = (program: string, path = `/nowhere:${folder}`): Promise<string> => findCommand({ argv: [program, 'x'], folder, foreign: undefined }, path, 'job.yaml');
    expect(await found('may')).toBe(join(folder, 'may'));
    expect(await found(join(folder, 'may'), '')).toBe(join(folder, 'may'));
    await expect(found('may-not')).rejects.toMatchObject({ code: 'notify-missing', status: 78, fix: 'chmod +x may-not' });
    for (const program of ['may', 'none', '/nowhere/may', folder]) await expect(found(program, '/usr/bin:/bin')).rejects.toMatchObject({ code: 'notify-missing' });
  }); // prettier-ignore
});
