import { constants } from 'node:fs';
import { open, stat, unlink, type FileHandle } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { FLOCK_COMMANDS, tryFlock } from './flock.js';
import { takeLockFile } from './lock-file.js';

export interface LockOptions {
  /** Mode of the lock file where it is made. */
  readonly mode: number;
  /** How long to wait for another holder; 0: not at all. */
  readonly waitMs: number;
  /** Called where flock(1) is missing and a lock file stands in. */
  readonly onFallback: () => void;
  /** Names under which flock(1) is looked for. */
  readonly commands?: readonly string[];
  /** Ends the wait; its reason is thrown. */
  readonly signal?: AbortSignal;
}

/** Another process holds the lock. */
export class LockedError extends Error {
  readonly code = 'LOCKED';
}

/** A lock that is held. */
export interface Lock {
  readonly path: string;
  /** The lock file itself, open for reading and writing: what is held may have content of its own. */
  readonly file: FileHandle;
  /** Gives the lock back. `remove`: the file goes first, while it is still held, so that nobody comes upon one that is free. */
  release(remove?: 'remove'): Promise<void>;
}

/**
 * Takes the lock on a file, which is made where it is not there; links are not followed. The kernel holds it: it is never stolen, and never outlives its
 * holder. Throws LockedError after `waitMs`, FlockError, and what the system says to the opening of the file.
 */
export async function takeLock(path: string, options: LockOptions): Promise<Lock> {
  const turn = turns(path, options);
  for (;;) {
    const file = await open(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK, options.mode);
    try {
      const answer = await tryFlock(file.fd, options.commands ?? FLOCK_COMMANDS);
      if (answer === 'missing') {
        await file.close();
        options.onFallback();
        return await withLockFile(path, options, turn);
      }
      if (answer === 'taken' && (await isStill(path, file))) return held(path, file);
      await file.close();
      if (answer === 'busy') await turn();
    } catch (error) {
      await file.close().catch(() => undefined);
      throw error;
    }
  }
}

/** False where the file that we locked has been removed by its last holder, and another one may stand there. */
async function isStill(path: string, file: FileHandle): Promise<boolean> {
  const [ours, there] = await Promise.all([file.stat({ bigint: true }), stat(path, { bigint: true }).catch(() => undefined)]);
  return there !== undefined && ours.dev === there.dev && ours.ino === there.ino;
}

async function withLockFile(path: string, options: LockOptions, turn: () => Promise<void>): Promise<Lock> {
  const free = await takeLockFile(`${path}.owner`, turn);
  try {
    const file = await open(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK, options.mode);
    return held(path, file, free);
  } catch (error) {
    await free();
    throw error;
  }
}

function held(path: string, file: FileHandle, free?: () => Promise<void>): Lock {
  return {
    path,
    file,
    async release(remove) {
      try {
        if (remove === 'remove') await unlink(path);
      } finally {
        await file.close();
        await free?.();
      }
    },
  };
}

/** Each call waits a little, longer each time, or throws when it has been long enough. */
function turns(path: string, { waitMs, signal }: LockOptions): () => Promise<void> {
  const begun = performance.now();
  let attempt = 0;
  return async () => {
    const passed = performance.now() - begun;
    if (passed >= waitMs) throw new LockedError(`another process holds the lock on '${path}'`);
    // Locks held for milliseconds are asked for often, those held for a whole run seldom: each attempt is a process.
    const pause = Math.min(2 ** attempt++, passed < 1000 ? 25 : 250, waitMs - passed);
    try {
      await wait(pause, undefined, signal === undefined ? {} : { signal });
    } catch (error) {
      throw signal?.aborted === true ? signal.reason : error;
    }
  };
}
