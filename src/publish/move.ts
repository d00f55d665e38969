import { createReadStream } from 'node:fs';
import { link, lstat, rename, unlink } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { systemCode } from '../errors/system-code.js';
import { syncFolder } from '../files/sync-folder.js';
import { publish } from './commit.js';
import { outputFailure } from './failure.js';
import { openStage } from './stage.js';

/**
 * Moves a file into a folder, durably. Nothing there is replaced: where the name is taken, `mark` goes into it (`a.csv` becomes `a.MARK.csv`). A move that was
 * interrupted is gone on with. Across filesystems the file is copied whole before it goes.
 *
 * @param mark tells this file from others of its name: a part of its digest.
 * @returns where it is now.
 * @throws OutputError as the staging of an output.
 */
export async function moveInto(path: string, folder: string, mark: string): Promise<string> {
  const name = basename(path);
  const marked = `${basename(name, extname(name))}.${mark}${extname(name)}`;
  const plain = join(folder, name);
  try {
    const target = (await place(path, plain)) ? plain : join(folder, marked);
    // under that name there can only be the same content, or something planted
    if (target !== plain) await replace(path, target);
    await syncFolder(folder);
    await removeFile(path);
    return target;
  } catch (error) {
    throw outputFailure(error, { name: plain, action: 'publish' });
  }
}

/** Removes a file, durably; one that is gone already is fine. */
export async function removeFile(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw outputFailure(error, { name: path, action: 'remove' });
  }
  await syncFolder(dirname(path));
}

/** Puts a file in its place under a second name; false where the place is taken. By the very same file, of a move that was interrupted, it is not. */
async function place(path: string, target: string): Promise<boolean> {
  try {
    await link(path, target);
    return true;
  } catch (error) {
    switch (systemCode(error)) {
      case 'EEXIST':
        return isSameFile(path, target);
      case 'EXDEV':
        return copy(path, target);
      case 'EPERM': // no hard links on this filesystem, or the file is another user's
      case 'ENOTSUP':
      case 'EOPNOTSUPP':
        if ((await lstatOf(target)) !== undefined) return false;
        await rename(path, target);
        return true;
      default:
        throw error;
    }
  }
}

async function replace(path: string, target: string): Promise<void> {
  try {
    await rename(path, target);
  } catch (error) {
    if (systemCode(error) !== 'EXDEV') throw error;
    await removeFile(target);
    await copy(path, target);
  }
}

/** To another filesystem; false where the place is taken. */
async function copy(path: string, target: string): Promise<boolean> {
  if ((await lstatOf(target)) !== undefined) return false;
  const stage = await openStage(target, { noClobber: true, hashed: false });
  try {
    for await (const piece of createReadStream(path, { highWaterMark: 1 << 20 })) await stage.write(piece as Uint8Array);
  } catch (error) {
    await stage.abort();
    throw error;
  }
  await publish({ output: stage });
  return true;
}

async function isSameFile(one: string, other: string): Promise<boolean> {
  const [a, b] = await Promise.all([lstatOf(one), lstatOf(other)]);
  return a !== undefined && b !== undefined && a.dev === b.dev && a.ino === b.ino;
}

async function lstatOf(path: string) {
  try {
    return await lstat(path, { bigint: true });
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
