import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { takeLock, type Lock, type LockOptions } from '#src/files/lock.js';
import { asProcessIdentity, thisProcess, type ProcessIdentity } from '#src/files/process-identity.js';
import { openFolder } from '../publish/folder.js';
import { until } from '../job/processes.js';

const MISSING = { commands: ['no-such-flock'] };
const at = (path: string, options: Partial<LockOptions> = {}): Promise<Lock> =>
  takeLock(path, { mode: 0o600, waitMs: 0, onFallback: () => undefined, ...options });

/** Another process, which is alive. */
function parent(): ProcessIdentity {
  const stat = readFileSync(`/proc/${process.ppid}/stat`, 'utf8');
  const startTime = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  return { ...thisProcess(), pid: process.ppid, startTime };
}

/** What says in the lock file who is at work. */
const ownerIn: LockOptions['ownerIn'] = async (file) => asProcessIdentity(JSON.parse(await file.readFile('utf8')));

describe('of two processes, one with flock(1) and one without', () => {
  test('the one with it waits for the lock file of the other', async () => {
    const path = join(openFolder(), 'lock');
    const standIn = await at(path, MISSING);
    await expect(at(path)).rejects.toMatchObject({ code: 'LOCKED' });
    const waiting = at(path, { waitMs: 20_000 });
    await standIn.release();
    await (await waiting).release('remove');
  });

  test('the one without waits for a process that says in the file that it is at work', async () => {
    const path = join(openFolder(), 'lock');
    writeFileSync(path, JSON.stringify(parent()));
    await expect(at(path, { ...MISSING, ownerIn })).rejects.toMatchObject({ code: 'LOCKED' });
    expect(() => statSync(`${path}.owner`)).toThrow('ENOENT');
    for (const over of [thisProcess(), { ...parent(), pid: 4_194_999 }, { ...parent(), bootId: 'another' }]) {
      writeFileSync(path, JSON.stringify(over));
      await (await at(path, { ...MISSING, ownerIn })).release();
    }
  });

  test('the one with it sees, when it has said that it is at work, that the other came meanwhile', async () => {
    const path = join(openFolder(), 'lock');
    const lock = await at(path);
    await lock.prove();
    writeFileSync(`${path}.owner`, JSON.stringify(parent()));
    await expect(lock.prove()).rejects.toMatchObject({ code: 'LOCKED' });
    await lock.release();
  });

  test('a lock file of a dead process, or of one that cannot be known, does not keep the one with flock(1) from its work', async () => {
    const path = join(openFolder(), 'lock');
    for (const other of [{ pid: 4_194_999 }, { host: 'another' }]) {
      writeFileSync(`${path}.owner`, JSON.stringify({ ...thisProcess(), ...other }));
      const lock = await at(path);
      await expect(at(path)).rejects.toMatchObject({ code: 'LOCKED' });
      await lock.release();
    }
  });
});

test('a lock whose file somebody has removed is given back all the same', async () => {
  const path = join(openFolder(), 'lock');
  const lock = await at(path);
  rmSync(path);
  await expect(lock.release('remove')).resolves.toBeUndefined();
  await (await at(path)).release();
});

test('who waits stands in the queue of the kernel', async () => {
  const path = join(openFolder(), 'lock');
  const lock = await at(path);
  const waiting = at(path, { waitMs: 20_000 });
  const { ino } = statSync(path);
  const queue = await until(() => new RegExp(`-> FLOCK .*:${ino} `).exec(readFileSync('/proc/locks', 'utf8')) ?? false);
  expect(queue).toHaveLength(1);
  await lock.release();
  await (await waiting).release();
});

test('where flock(1) cannot wait, as that of busybox, the lock is asked for again and again', async () => {
  const folder = openFolder();
  const path = join(folder, 'lock');
  const commands = [join(folder, 'flock')];
  writeFileSync(commands[0] ?? '', '#!/bin/sh\n[ "$1" = -xn ] && exec flock "$@"\nexit 1\n', { mode: 0o755 });
  const lock = await at(path, { commands });
  await expect(at(path, { commands, waitMs: 100 })).rejects.toMatchObject({ code: 'LOCKED' });
  const waiting = at(path, { commands, waitMs: 20_000 });
  await lock.release();
  await (await waiting).release();
});
