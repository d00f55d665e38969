import { createHash, randomBytes } from 'node:crypto';
import { link, rename, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { systemCode } from '../errors/system-code.js';
import { lstatOf, sameFile } from './there.js';

/**
 * Where a file waits, hidden beside its place, between the look that proves it to be the one that is meant and its removal. By its name alone nothing is ever removed: under that
 * name another file may have been put since. The same for one path always, so that what a killed run has left is found.
 */
export function heldName(path: string): string {
  return join(dirname(path), `.scoreline-held-${createHash('sha256').update(basename(path)).digest('hex').slice(0, 16)}`);
}

/** Takes what is under a name out of everybody's way, in one step; false where nothing is there. */
export async function takeAway(path: string): Promise<boolean> {
  try {
    await rename(path, heldName(path));
    return true;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false;
    throw error;
  }
}

/**
 * Puts back what was taken away, where anything was. It replaces nothing: where the name was given to a newer file meanwhile, what was taken away stays hidden, under a name that
 * no later run takes for its own.
 */
export async function putBack(path: string): Promise<void> {
  const held = heldName(path);
  const found = await lstatOf(held);
  if (found === undefined) return;
  try {
    await link(held, path);
    await unlink(held);
  } catch (error) {
    const there = await lstatOf(path);
    if (there === undefined) {
      if (!NO_LINKS.has(systemCode(error))) throw error;
      await rename(held, path);
    } else if (sameFile(there, found)) await unlink(held);
    else await rename(held, `${held}-${randomBytes(6).toString('hex')}`);
  }
}

/** What a filesystem without hard links says; or the file is another user's. */
export const NO_LINKS: ReadonlySet<string> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP']);
