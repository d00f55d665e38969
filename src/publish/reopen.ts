import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { OutputDigest } from './digest.js';
import { isTempNameOf } from './temp-name.js';

/** A temp file of a dead run, as far as its checkpoint vouches for it. */
export interface StagedPrefix {
  /** Path of the temp file. */
  readonly staged: string;
  readonly bytes: number;
  /** Hex, of those bytes. */
  readonly sha256: string;
}

/** A temp file that ends where its checkpoint does, with the digest so far; the next write goes behind it. */
export interface Reopened {
  readonly file: FileHandle;
  readonly digest: OutputDigest;
}

/** Read at once: while one piece is hashed, the next is read. */
const PIECE_BYTES = 4 << 20;

/**
 * Opens a temp file of a dead run to go on from its checkpoint: a file of this user's own, by no other name, beside its target and named as temp files of that target
 * are, whose first bytes are those that the checkpoint speaks of. What stands behind them is cut off. Only under the lock of the output.
 *
 * @param target real path of the file that it is to become.
 * @returns or, where it is not what the checkpoint says, why: in words that follow "its staged file".
 */
export async function reopenStaged({ staged, bytes, sha256 }: StagedPrefix, target: string): Promise<Reopened | string> {
  // A state file that was tampered with must not name another file to be cut.
  if (dirname(staged) !== dirname(target) || !isTempNameOf(basename(target), basename(staged)))
    return 'has a name that no temp file of the output has';
  let file: FileHandle;
  try {
    file = await open(staged, constants.O_RDWR | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    return `cannot be opened: ${error instanceof Error ? error.message : String(error)}`;
  }
  try {
    const digest = new OutputDigest(true);
    const fault = await faultOf(file, bytes, sha256, digest);
    if (fault === undefined) {
      await file.truncate(bytes);
      return { file, digest };
    }
    await file.close();
    return fault;
  } catch (error) {
    await file.close();
    return `cannot be read: ${error instanceof Error ? error.message : String(error)}`;
  }
}

async function faultOf(file: FileHandle, bytes: number, sha256: string, digest: OutputDigest): Promise<string | undefined> {
  const stats = await file.stat();
  const { size, uid, nlink } = stats;
  if (!stats.isFile()) return 'is no plain file';
  if (uid !== process.geteuid?.()) return 'belongs to another user';
  if (nlink !== 1) return 'has a second name';
  if (size < bytes) return `has ${size} bytes, ${bytes} were synced`;
  await hashPrefix(file, bytes, digest);
  return digest.hex() === sha256 ? undefined : 'was changed';
}

/** Reads exactly so many bytes from the place of the descriptor, which stands behind them then: that is where the next write goes. */
async function hashPrefix(file: FileHandle, bytes: number, digest: OutputDigest): Promise<void> {
  const buffers = [new Uint8Array(PIECE_BYTES), new Uint8Array(PIECE_BYTES)] as const;
  const read = async (into: Uint8Array, most: number): Promise<Uint8Array> => {
    const { bytesRead } = await file.read(into, 0, Math.min(into.length, most), null);
    return into.subarray(0, bytesRead);
  };
  let left = bytes;
  let next = read(buffers[0], left);
  for (let turn = 1; left > 0; turn++) {
    const piece = await next;
    if (piece.length === 0) return; // shorter than it was a moment ago: the digest tells
    left -= piece.length;
    next = left > 0 ? read(buffers[turn % 2] ?? buffers[0], left) : next;
    digest.update(piece);
  }
}
