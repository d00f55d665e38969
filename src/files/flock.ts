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
 * something else is done. Throws FlockError.
 */
export async function tryFlock(descriptor: number, commands: readonly string[]): Promise<'taken' | 'busy' | 'missing'> {
  for (const command of commands) {
    const { status, signal, error } = await runFlock(command, descriptor);
    if (error !== undefined && ['ENOENT', 'EACCES', 'ENOTDIR'].includes(systemCode(error))) continue;
    if (status === 0) return 'taken';
    if (status === 1) return 'busy';
    const found = error?.message ?? (signal === null ? `status ${status ?? 'unknown'}` : signal);
    throw new FlockError(`flock(1) ended with ${found}`, { cause: error });
  }
  return 'missing';
}

function runFlock(command: string, descriptor: number): Promise<Ending> {
  return new Promise((resolve) => {
    const failed = (error: Error): void => resolve({ status: null, signal: null, error });
    try {
      const child = spawn(command, ['-xn', '3'], { stdio: ['ignore', 'ignore', 'ignore', descriptor] });
      child.once('error', failed);
      child.once('exit', (status, signal) => resolve({ status, signal }));
    } catch (error) {
      // EAGAIN, EMFILE and the like come at once.
      failed(error as Error);
    }
  });
}
