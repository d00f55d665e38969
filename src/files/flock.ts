import { spawn } from 'node:child_process';
import { systemCode } from '../errors/system-code.js';

/** The environment may be empty: so the usual places are tried as well. */
export const FLOCK_COMMANDS: readonly string[] = ['flock', '/usr/bin/flock', '/bin/flock'];

/** flock(1) is there and failed, as on a filesystem without locks. */
export class FlockError extends Error {
  readonly code = 'FLOCK';
}

interface Ending {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly error?: Error;
}

/**
 * One attempt at an exclusive lock on an open file. Node has no flock(2), but such a lock belongs to the open file, not to the process that asks: so flock(1)
 * takes it on our descriptor, and the kernel frees it when the last copy of that is closed: when we end, however. Not spawnSync: the 2 ms pass while
 * something else is done. Throws FlockError, and what the system says where this process may open no more files.
 */
export async function tryFlock(descriptor: number, commands: readonly string[]): Promise<'taken' | 'busy' | 'missing'> {
  for (const command of commands) {
    const { status, signal, error } = await runFlock(command, descriptor);
    if (error !== undefined && ['ENOENT', 'EACCES', 'ENOTDIR'].includes(systemCode(error))) continue;
    if (status === 0) return 'taken';
    if (status === 1) return 'busy';
    // That says nothing of the filesystem: it is told as where the opening of a file meets it.
    if (error !== undefined && ['EMFILE', 'ENFILE'].includes(systemCode(error))) throw error;
    const found = error?.message ?? (signal === null ? `status ${status ?? 'unknown'}` : signal);
    throw new FlockError(`flock(1) ended with ${found}`, { cause: error });
  }
  return 'missing';
}

/** The status by which flock(1) shall say that it has waited in vain: any but those by which it fails, and the 1 by which one without -w says that it has none. */
const IN_VAIN = 75;

/**
 * Waits for such a lock in the kernel's queue: whoever polls loses to those that happen to ask at the right moment. For seconds at most: a process that waits here outlives ours if
 * that is killed. `unable`: this flock(1) cannot wait (busybox), or failed.
 *
 * @param signal ends the wait: `busy`.
 */
export async function queueForFlock(
  descriptor: number,
  commands: readonly string[],
  seconds: number,
  signal?: AbortSignal,
): Promise<'taken' | 'busy' | 'unable'> {
  const options = ['-x', '-w', seconds.toFixed(3), '-E', String(IN_VAIN), '3'];
  for (const command of commands) {
    const { status, error } = await runFlock(command, descriptor, options, signal);
    if (signal?.aborted === true || status === IN_VAIN) return 'busy';
    if (status === 0) return 'taken';
    if (error === undefined) break;
  }
  return 'unable';
}

function runFlock(command: string, descriptor: number, options: readonly string[] = ['-xn', '3'], signal?: AbortSignal): Promise<Ending> {
  return new Promise((resolve) => {
    const failed = (error: Error): void => resolve({ status: null, signal: null, error });
    try {
      const child = spawn(command, options, { stdio: ['ignore', 'ignore', 'ignore', descriptor], ...(signal === undefined ? {} : { signal }) });
      child.once('error', failed);
      child.once('exit', (status, signal) => resolve({ status, signal }));
    } catch (error) {
      // EAGAIN, EMFILE and the like come at once.
      failed(error as Error);
    }
  });
}
