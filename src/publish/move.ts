import { constants, type BigIntStats } from 'node:fs';
import { link, open, rename, unlink } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { systemCode } from '../errors/system-code.js';
import { hashFile } from '../files/hash-file.js';
import { syncFolder } from '../files/sync-folder.js';
import { publish } from './commit.js';
import { outputFailure } from './failure.js';
import { heldName, NO_LINKS, putBack, takeAway } from './hold.js';
import { openStage } from './stage.js';
import { lstatOf, sameFile } from './there.js';

/** The one file that is meant, whatever lies under its name by now. */
export interface Meant {
  readonly path: string;
  /** Of its content, hex. */
  readonly sha256: string;
  /** Is this the file? */
  readonly is: (found: BigIntStats) => boolean;
}

/** Is the file there, under its name or where an interrupted call has put it? */
export async function isThere(meant: Meant): Promise<boolean> {
  return (await sourceOf(meant)) !== undefined;
}

/**
 * Removes a file, durably, and no other that has taken its name meanwhile. What an interrupted call has left is gone on with.
 *
 * @returns false where the file is not there: nothing was removed.
 * @throws OutputError as the removing of a file.
 */
export async function removeMeant(meant: Meant): Promise<boolean> {
  const { path } = meant;
  try {
    const source = await sourceOf(meant);
    if (source === undefined) return false;
    return await removeSource(meant, source);
  } catch (error) {
    throw outputFailure(error, { name: path, action: 'remove' });
  }
}

/**
 * Moves a file into a folder, durably, and no other that has taken its name meanwhile. Nothing there is replaced: where the name is taken, a part of the digest goes into it
 * (`a.csv` becomes `a.DIGEST.csv`). A move that was interrupted is gone on with. Across filesystems the file is copied whole, with its mode, before it goes.
 *
 * @returns where it is now; undefined where the file is not there: nothing was moved.
 * @throws OutputError as the staging of an output.
 */
export async function moveMeant(meant: Meant, folder: string): Promise<string | undefined> {
  const name = basename(meant.path);
  const plain = join(folder, name);
  const marked = join(folder, `${basename(name, extname(name))}.${meant.sha256.slice(0, 12)}${extname(name)}`);
  try {
    const source = await sourceOf(meant);
    if (source === undefined) return undefined;
    for (const target of [plain, marked]) {
      const placed = await place(meant, source, target);
      if (placed === 'other') return undefined;
      if (placed === 'taken') continue;
      await syncFolder(folder);
      if (placed === 'beside') await removeSource(meant, source);
      else await syncFolder(dirname(meant.path));
      return target;
    }
    throw Object.assign(new Error('both names are taken'), { code: 'EEXIST' });
  } catch (error) {
    throw outputFailure(error, { name: plain, action: 'move to' });
  }
}

/** Removes what is under a name, durably; one that is gone already is fine. */
export async function removeFile(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw outputFailure(error, { name: path, action: 'remove' });
  }
  await syncFolder(dirname(path));
}

/** Where the file is: in its place, or where an interrupted call has put it. */
async function sourceOf({ path, is }: Meant): Promise<string | undefined> {
  const held = await lstatOf(heldName(path));
  if (held !== undefined && is(held)) return heldName(path);
  await putBack(path);
  const found = await lstatOf(path);
  return found !== undefined && is(found) ? path : undefined;
}

async function removeSource({ path, is }: Meant, source: string): Promise<boolean> {
  const held = heldName(path);
  if (source === path) {
    if (!(await takeAway(path))) return false;
    const found = await lstatOf(held);
    if (found === undefined || !is(found)) {
      await putBack(path);
      return false;
    }
  }
  await removeFile(held);
  return true;
}

/** Beside: the target is there, and the source still is; moved: in one step; taken: by another file; other: the source is no longer the file that is meant. */
type Placed = 'beside' | 'moved' | 'taken' | 'other';

async function place(meant: Meant, source: string, target: string): Promise<Placed> {
  try {
    await link(source, target);
  } catch (error) {
    const code = systemCode(error);
    if (code === 'EEXIST') return (await isPlaced(meant, source, target)) ? 'beside' : 'taken';
    if (code === 'EXDEV') return copy(meant, source, target);
    if (code === 'ENOENT' && (await lstatOf(source)) === undefined) return 'other';
    if (NO_LINKS.has(code)) return moveUnlinked(meant, source, target);
    throw error;
  }
  const found = await lstatOf(target);
  if (found !== undefined && meant.is(found)) return 'beside';
  // the newcomer keeps the name that it came under
  await removeFile(target);
  return 'other';
}

/** By the very same file, of a move that was interrupted, the place is not taken. */
async function isPlaced({ is }: Meant, source: string, target: string): Promise<boolean> {
  const [from, to] = await Promise.all([lstatOf(source), lstatOf(target)]);
  return from !== undefined && to !== undefined && sameFile(from, to) && is(to);
}

/** Without hard links: the file is taken away first, so that it is known to be the one that is moved. */
async function moveUnlinked({ path, is }: Meant, source: string, target: string): Promise<Placed> {
  if ((await lstatOf(target)) !== undefined) return 'taken';
  if (source === path && !(await takeAway(path))) return 'other';
  try {
    const found = await lstatOf(heldName(path));
    if (found !== undefined && is(found)) {
      await rename(heldName(path), target);
      return 'moved';
    }
  } catch (error) {
    await putBack(path);
    throw error;
  }
  await putBack(path);
  return 'other';
}

const PIECE_BYTES = 1 << 20;

/** To another filesystem. A copy of the same content, of a move that was interrupted, is taken for this one. */
async function copy({ sha256, is }: Meant, source: string, target: string): Promise<Placed> {
  const there = await lstatOf(target);
  if (there !== undefined) return there.isFile() && (await digestOf(target)) === sha256 ? 'beside' : 'taken';
  const file = await open(source, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const found = await file.stat({ bigint: true });
    if (!is(found)) return 'other';
    const stage = await openStage(target, { noClobber: true, mode: Number(found.mode & 0o777n) });
    try {
      for await (const piece of file.createReadStream({ highWaterMark: PIECE_BYTES, autoClose: false })) await stage.write(piece as Uint8Array);
    } catch (error) {
      await stage.abort();
      throw error;
    }
    // a file that was changed with its times put back is not what was scored
    if (stage.digest() !== sha256) {
      await stage.abort();
      return 'other';
    }
    await publish({ output: stage });
    return 'beside';
  } finally {
    await file.close();
  }
}

async function digestOf(path: string): Promise<string> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    return (await hashFile(file)).sha256;
  } finally {
    await file.close();
  }
}
