import { randomBytes } from 'node:crypto';
import { link, readFile, rename, unlink, writeFile } from 'node:fs/promises';
import { systemCode } from '../errors/system-code.js';
import { asProcessIdentity, fateOf, thisProcess } from './process-identity.js';

/**
 * The stand-in where flock(1) is missing: a file that exists as long as the lock is held, and says which process holds it, so that the file of a dead one is known
 * for what it is. Two that find the same dead owner could in theory collide, which flock(2) cannot: hence the warning of the caller. The file of a process in
 * another container, of which nothing can be known, is let be.
 *
 * @param turn waits for the next attempt, or throws when it has been long enough.
 * @returns what frees the lock.
 */
export async function takeLockFile(path: string, turn: () => Promise<void>): Promise<() => Promise<void>> {
  const nonce = randomBytes(8).toString('hex');
  const own = `${path}.${nonce}`;
  // Linked into place with its content, so that nobody reads an owner half written.
  await writeFile(own, `${JSON.stringify({ ...thisProcess(), nonce })}\n`, { flag: 'wx', mode: 0o644 });
  try {
    while (!(await tryLink(own, path))) {
      const owner = await readFile(path, 'utf8').catch(() => undefined);
      if (owner !== undefined && isDead(owner)) await removeDead(path, owner, nonce);
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

/** Is the stand-in held by a process that is alive, for all that can be known here? One of another machine or container is not: its file may be there for ever. */
export async function isHeldByLockFile(path: string): Promise<boolean> {
  const owner = await readFile(path, 'utf8').catch(() => undefined);
  const identity = owner === undefined ? undefined : asProcessIdentity(parse(owner));
  return identity !== undefined && fateOf(identity) === 'alive';
}

function isDead(owner: string): boolean {
  const identity = asProcessIdentity(parse(owner));
  const fate = identity === undefined ? 'unknown' : fateOf(identity);
  return fate === 'died' || fate === 'rebooted';
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
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
