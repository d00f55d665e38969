import { constants } from 'node:fs';
import { open, stat, unlink, type FileHandle } from 'node:fs/promises';
import { systemCode } from '../errors/system-code.js';
import { FLOCK_COMMANDS, queueForFlock, tryFlock } from './flock.js';
import { isHeldByLockFile, takeLockFile } from './lock-file.js';
import { LockedError, LockWait } from './lock-wait.js';
import { fateOf, isThisProcess, type ProcessIdentity } from './process-identity.js';

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
  /**
   * Which process says in the file itself that it is at work under this lock. Asked where a lock file stands in for flock(1): a process that has flock(1) (another PATH,
   * another container) knows nothing of that.
   */
  readonly ownerIn?: (file: FileHandle) => Promise<ProcessIdentity | undefined>;
}

/** A lock that is held. */
export interface Lock {
  readonly path: string;
  /** The lock file itself, open for reading and writing: what is held may have content of its own. */
  readonly file: FileHandle;
  /** Looks once more for a holder without flock(1). To be called when `file` says that this process is at work: of two that do both, one sees the other. Throws LockedError. */
  prove(): Promise<void>;
  /** Gives the lock back. `remove`: the file goes first, while it is still held, so that nobody comes upon one that is free. */
  release(remove?: 'remove'): Promise<void>;
}

/** At most so long in one call of flock(1). */
const QUEUE_MS = 2000;

/**
 * Takes the lock on a file, which is made where it is not there; links are not followed. The kernel holds it: it is never stolen, and never outlives its
 * holder. Throws LockedError after `waitMs`, FlockError, and what the system says to the opening of the file.
 */
export async function takeLock(path: string, options: LockOptions): Promise<Lock> {
  const wait = new LockWait(path, options);
  for (;;) {
    const file = await openLockFile(path, options);
    try {
      const answer = await flock(file, options, wait);
      if (answer === 'missing') {
        await file.close();
        options.onFallback();
        return await withLockFile(path, options, wait);
      }
      const [isStill, isHeld] = answer === 'taken' ? await Promise.all([isStillThere(path, file), isHeldByLockFile(ownerPath(path))]) : [];
      if (isStill === true && isHeld === false) return held(path, file);
      await file.close();
      if (answer === 'unable' || isHeld === true) await wait.pause();
    } catch (error) {
      await file.close().catch(() => undefined);
      throw error;
    }
  }
}

function openLockFile(path: string, { mode }: LockOptions): Promise<FileHandle> {
  return open(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK, mode);
}

/** One attempt, then a place in the queue. */
async function flock(
  file: FileHandle,
  { commands = FLOCK_COMMANDS, signal }: LockOptions,
  wait: LockWait,
): Promise<'taken' | 'busy' | 'missing' | 'unable'> {
  const answer = await tryFlock(file.fd, commands);
  if (answer !== 'busy') return answer;
  const queued = await queueForFlock(file.fd, commands, Math.min(wait.leftMs(), QUEUE_MS) / 1e3, signal);
  wait.check();
  return queued;
}

/** False where the file that we locked has been removed by its last holder, and another one may stand there. */
async function isStillThere(path: string, file: FileHandle): Promise<boolean> {
  const [ours, there] = await Promise.all([file.stat({ bigint: true }), stat(path, { bigint: true }).catch(() => undefined)]);
  return there !== undefined && ours.dev === there.dev && ours.ino === there.ino;
}

function ownerPath(path: string): string {
  return `${path}.owner`;
}

async function withLockFile(path: string, options: LockOptions, wait: LockWait): Promise<Lock> {
  for (;;) {
    const free = await takeLockFile(ownerPath(path), () => wait.pause());
    try {
      const file = await openLockFile(path, options);
      if (!(await isAnothers(file, options))) return held(path, file, free);
      await file.close();
    } catch (error) {
      await free();
      throw error;
    }
    await free();
    await wait.pause();
  }
}

async function isAnothers(file: FileHandle, { ownerIn }: LockOptions): Promise<boolean> {
  try {
    const owner = await ownerIn?.(file);
    return owner !== undefined && !isThisProcess(owner) && fateOf(owner) === 'alive';
  } catch (error) {
    await file.close();
    throw error;
  }
}

function held(path: string, file: FileHandle, free?: () => Promise<void>): Lock {
  return {
    path,
    file,
    async prove() {
      if (free === undefined && (await isHeldByLockFile(ownerPath(path)))) throw new LockedError(path);
    },
    async release(remove) {
      try {
        if (remove === 'remove') await unlink(path).catch(unlessGone);
      } finally {
        await file.close();
        await free?.();
      }
    },
  };
}

/** Somebody has removed it already: that is what was wanted. */
function unlessGone(error: unknown): void {
  if (systemCode(error) !== 'ENOENT') throw error;
}
