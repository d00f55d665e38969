import { spawnSync } from 'node:child_process';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { JournalError } from '../errors/errors.js';
import { systemCode } from './failure.js';
import { takeLockFile } from './lock-file.js';

/** The environment may be empty: so the usual places are tried as well. */
export const FLOCK_COMMANDS = ['flock', '/usr/bin/flock', '/bin/flock'] as const;

export interface LockOptions {
  /** How long to wait for other writers; each holds the lock for some milliseconds. */
  readonly waitMs: number;
  readonly commands: readonly string[];
  /** Called where flock(1) is missing and a lock file stands in. */
  readonly onFallback: () => void;
}

/** Gives a held lock back. */
export type Release = () => Promise<void>;

/**
 * Takes the lock of a journal, on `JOURNAL.lock`: a file of its own, which nobody rotates. Node has no flock(2), but a lock belongs to the open file, not to
 * the process: so flock(1) takes it on our descriptor, and the kernel frees it when we end, however. Throws JournalError `journal-locked` (75) after
 * `waitMs`.
 */
export async function takeLock(journal: string, options: LockOptions): Promise<Release> {
  const path = `${journal}.lock`;
  const file = await open(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o644);
  try {
    const deadline = performance.now() + options.waitMs;
    for (let attempt = 0; ; attempt++) {
      const answer = tryFlock(file.fd, options.commands, path);
      if (answer === 'taken') return () => file.close();
      if (answer === 'missing') {
        await file.close();
        options.onFallback();
        return await takeLockFile(`${path}.owner`, () => waitTurn(attempt++, deadline, journal));
      }
      await waitTurn(attempt, deadline, journal);
    }
  } catch (error) {
    await file.close().catch(() => undefined);
    throw error;
  }
}

function tryFlock(descriptor: number, commands: readonly string[], path: string): 'taken' | 'busy' | 'missing' {
  for (const command of commands) {
    const { status, signal, error } = spawnSync(command, ['-xn', '3'], { stdio: ['ignore', 'ignore', 'ignore', descriptor] });
    if (error !== undefined && ['ENOENT', 'EACCES', 'ENOTDIR'].includes(systemCode(error))) continue;
    if (status === 0) return 'taken';
    if (status === 1) return 'busy';
    const found = error?.message ?? (signal === null ? `status ${status ?? 'unknown'}` : signal);
    throw new JournalError('journal-write', `cannot lock '${path}': flock(1) ended with ${found}`, {
      place: { file: path },
      fix: 'Put the journal on a local filesystem that has locks, with --journal or --state-dir.',
      cause: error,
    });
  }
  return 'missing';
}

/** Waits a little before the next attempt, longer each time up to 25 ms. */
async function waitTurn(attempt: number, deadline: number, journal: string): Promise<void> {
  if (performance.now() >= deadline) {
    throw new JournalError('journal-locked', `cannot write to the journal '${journal}': another process has held its lock for too long`, {
      status: 'locked',
      place: { file: journal },
      fix: `Find the process that has '${journal}.lock' open (fuser shows it), and run again.`,
    });
  }
  await wait(Math.min(2 ** attempt, 25));
}
