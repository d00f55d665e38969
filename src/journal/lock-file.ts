import { randomBytes } from 'node:crypto';
import { link, readFile, rename, unlink, writeFile } from 'node:fs/promises';
import { systemCode } from './failure.js';
import type { Release } from './lock.js';

/**
 * The stand-in where flock(1) is missing: a file that exists as long as the lock is held, and says who holds it, by boot id, pid and start time of the process,
 * so that the file of a dead process is known for what it is. Two that find the same dead owner could in theory collide, which flock(2) cannot:
 * hence the warning of the caller.
 *
 * @param turn waits for the next attempt, or throws when it has been long enough.
 */
export async function takeLockFile(path: string, turn: () => Promise<void>): Promise<Release> {
  const nonce = randomBytes(8).toString('hex');
  const own = `${path}.${nonce}`;
  // Linked into place with its content, so that nobody reads an owner half written.
  await writeFile(own, `${await describeProcess(process.pid)} ${nonce}\n`, { flag: 'wx', mode: 0o644 });
  try {
    while (!(await tryLink(own, path))) {
      const owner = await readFile(path, 'utf8').catch(() => undefined);
      if (owner !== undefined && !(await isAlive(owner))) await removeDead(path, owner, nonce);
      else await turn();
    }
  } finally {
    await unlink(own).catch(() => undefined);
  }
  return () => unlink(path);
}

async function tryLink(own: string, path: string): Promise<boolean> {
  try {
    await link(own, path);
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw error;
  }
}

/** `BOOT-ID PID START-TIME`; a start time of 0 where there is no such process. */
async function describeProcess(pid: number): Promise<string> {
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => 'unknown');
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The 22nd field; the 2nd is the command in brackets and may hold blanks itself.
  const startTime = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '0';
  return `${boot.trim()} ${pid} ${startTime}`;
}

async function isAlive(owner: string): Promise<boolean> {
  const [boot, pid, startTime] = owner.split(' ');
  // No /proc on this system: the pid alone has to do.
  if (boot === 'unknown') return answersSignal(Number(pid));
  return (await describeProcess(Number(pid))) === `${boot} ${pid} ${startTime}` && startTime !== '0';
}

function answersSignal(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) === 'EPERM';
  }
}

/** Moved away first and looked at again: a lock that another has taken in the meantime is put back. */
async function removeDead(path: string, owner: string, nonce: string): Promise<void> {
  const moved = `${path}.${nonce}.dead`;
  try {
    await rename(path, moved);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return;
    throw error;
  }
  if ((await readFile(moved, 'utf8')) !== owner) await link(moved, path).catch(() => undefined);
  await unlink(moved);
}
