import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { open, statfs, unlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { tryFlock, FLOCK_COMMANDS } from '../files/flock.js';
import { writeAll } from '../files/write-all.js';
import { outputFailure } from './failure.js';
import { tempName } from './temp-name.js';

/** What a folder can take. */
export interface FolderFigures {
  /** Bytes that this user may still write there. */
  readonly freeBytes: number;
  /** Writing and syncing, bytes a second; undefined where there is no room to measure it. */
  readonly writeBytesPerSecond: number | undefined;
  /** `missing`: flock(1) is not installed. */
  readonly locks: 'work' | 'missing' | 'fail';
}

const PIECE_BYTES = 1 << 20;
const MOST_BYTES = 32 << 20;

/**
 * Tries a folder out: a temp file is made there, locked, written to for about `ms` milliseconds, synced and removed. Nothing stays.
 *
 * @throws OutputError as the staging of an output in that folder.
 */
export async function measureFolder(folder: string, ms: number): Promise<FolderFigures> {
  const path = join(folder, tempName(basename(folder) || 'check', randomBytes));
  try {
    const { bavail, bsize } = await statfs(folder);
    const file = await open(path, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600);
    try {
      const locks = await tryFlock(file.fd, FLOCK_COMMANDS).catch(() => 'fail' as const);
      const piece = randomBytes(PIECE_BYTES); // zeros would be no work for some filesystems
      const most = Math.min(MOST_BYTES, (bavail * bsize) / 2);
      const begun = performance.now();
      let bytes = 0;
      while (bytes + PIECE_BYTES <= most && performance.now() - begun < ms) {
        await writeAll(file, piece);
        bytes += PIECE_BYTES;
      }
      await file.sync();
      const seconds = Math.max(performance.now() - begun, 0.01) / 1e3;
      const writeBytesPerSecond = bytes === 0 ? undefined : bytes / seconds;
      return { freeBytes: bavail * bsize, writeBytesPerSecond, locks: locks === 'missing' || locks === 'fail' ? locks : 'work' };
    } finally {
      await file.close();
      await unlink(path);
    }
  } catch (error) {
    throw outputFailure(error, { name: path, action: 'create' });
  }
}
