import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { takeLock, type Lock, type LockOptions } from '#src/files/lock.js';
import { thisProcess } from '#src/files/process-identity.js';
import { openFolder } from '../publish/folder.js';

const HOLDER = fileURLToPath(new URL('holder.mjs', import.meta.url));
const at = (path: string, options: Partial<LockOptions> = {}): Promise<Lock> =>
  takeLock(path, { mode: 0o600, waitMs: 0, onFallback: () => undefined, ...options });

interface Holder {
  readonly child: ChildProcessByStdio<Writable, Readable, null>;
  readonly said: string;
}

/** A process that has taken the lock, or was refused. */
async function holder(path: string, ...flags: string[]): Promise<Holder> {
  const child = spawn(process.execPath, [HOLDER, path, ...flags], { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [piece] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, said: piece.toString().trim() };
}

test('of ten starters at once one gets the lock, and the rest are told so', async () => {
  const path = join(openFolder(), 'lock');
  for (let round = 0; round < 3; round++) {
    const holders = await Promise.all(Array.from({ length: 10 }, () => holder(path, '--remove')));
    expect(holders.map(({ said }) => said).sort()).toEqual([...Array<string>(9).fill('LOCKED'), 'held']);
    for (const { child } of holders) child.stdin.end();
    await Promise.all(holders.map(async ({ child }) => child.exitCode ?? (await once(child, 'exit'))));
    expect(existsSync(path)).toBe(false);
  }
}, 60_000);

test('kill -9 of its holder frees it at once, a stopped holder keeps it', async () => {
  const path = join(openFolder(), 'lock');
  const { child, said } = await holder(path);
  expect(said).toBe('held');
  child.kill('SIGSTOP');
  await expect(at(path, { waitMs: 300 })).rejects.toMatchObject({ code: 'LOCKED' });
  child.kill('SIGKILL');
  await once(child, 'exit');
  const lock = await at(path);
  await lock.release('remove');
  expect(existsSync(path)).toBe(false);
});

test('who waits gets it when its holder has removed the file and left', async () => {
  const path = join(openFolder(), 'lock');
  const { child } = await holder(path, '--remove');
  const waiting = at(path, { waitMs: 20_000 });
  child.stdin.end();
  const lock = await waiting;
  expect(existsSync(path)).toBe(true);
  await expect(at(path)).rejects.toMatchObject({ code: 'LOCKED' });
  await lock.release();
});

test('a file that was put in the place of the locked one has a lock of its own', async () => {
  const path = join(openFolder(), 'lock');
  const first = await at(path);
  rmSync(path);
  const second = await at(path);
  await expect(at(path)).rejects.toMatchObject({ code: 'LOCKED' });
  await first.release();
  await second.release('remove');
});

test('a wait ends with its signal, by its reason', async () => {
  const path = join(openFolder(), 'lock');
  const lock = await at(path);
  const stop = new AbortController();
  const waiting = at(path, { waitMs: 60_000, signal: stop.signal });
  stop.abort(new Error('stopped'));
  await expect(waiting).rejects.toThrow('stopped');
  await lock.release();
});

test('flock(1) that fails is no lock', async () => {
  const path = join(openFolder(), 'lock');
  await expect(at(path, { commands: ['false-flock', '/bin/ls'] })).rejects.toMatchObject({ code: 'FLOCK' });
});

test('where flock(1) is missing, an owner of another machine or container is let be, a dead one is not', async () => {
  const folder = openFolder();
  const path = join(folder, 'lock');
  const options = { commands: ['no-such-flock'] };
  for (const elsewhere of [{ host: 'another' }, { pidNamespace: 'pid:[1]' }]) {
    writeFileSync(`${path}.owner`, JSON.stringify({ ...thisProcess(), pid: 4_194_999, ...elsewhere }));
    await expect(at(path, options)).rejects.toMatchObject({ code: 'LOCKED' });
  }
  writeFileSync(`${path}.owner`, JSON.stringify({ ...thisProcess(), pid: 4_194_999 }));
  const lock = await at(path, options);
  await expect(at(path, options)).rejects.toMatchObject({ code: 'LOCKED' });
  await lock.release('remove');
  expect(readdirSync(folder)).toEqual([]);
});
