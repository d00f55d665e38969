import { readFile, type FileHandle } from 'node:fs/promises';
import { JobError } from '../errors/errors.js';
import { systemCode } from '../errors/system-code.js';
import { foreignFile } from '../files/foreign-file.js';
import { takeLock, type Lock } from '../files/lock.js';
import { asProcessIdentity, fateOf, thisProcess, type ProcessIdentity } from '../files/process-identity.js';
import type { Job } from './job.js';
import type { JobRunOptions } from './run.js';
import { lockOf } from './state.js';

/** Who can open a lock file can hold the lock, and keep the job from its work. So `status` of another user does not see who holds it. */
const MODE = 0o600;

/** A held lock of a job. */
export interface JobLock {
  release(): Promise<void>;
}

/**
 * Takes the lock of a job: one run at a time, for as long as its process lives. It is never stolen, and needs no unlocking by hand.
 *
 * @throws JobError `job-locked` (75) where another run has it, `job-state` (73, 77), `job-lock-failed` (74) where the state folder cannot hold it.
 */
export async function lockJob(job: Job, { lockWaitMs, signal, events }: Pick<JobRunOptions, 'lockWaitMs' | 'signal' | 'events'>): Promise<JobLock> {
  const path = lockOf(job);
  const onFallback = (): void =>
    events.onWarning({
      code: 'job-lock-file',
      message: 'flock(1) is not installed: a lock file with the owner’s pid is used for the job instead',
      count: 1,
    });
  try {
    const lock = await takeLock(path, { mode: MODE, waitMs: lockWaitMs, signal, onFallback, ownerIn });
    await refuseForeign(lock, job);
    // for people, and for `status`: what holds is the kernel's lock
    await describe(lock, { ...thisProcess(), since: new Date().toISOString() });
    await lock.prove().catch(async (error: unknown) => {
      await lock.release();
      throw error;
    });
    return {
      release: async () => {
        await describe(lock, undefined).catch(() => undefined);
        await lock.release();
      },
    };
  } catch (error) {
    throw lockFailure(error, job, path);
  }
}

/** What it says is written anew: a file that somebody has linked there would be emptied. */
async function refuseForeign(lock: Lock, { file }: Job): Promise<void> {
  const why = await foreignFile(lock.file);
  if (why === undefined) return;
  await lock.release();
  throw new JobError('job-state', `the lock '${lock.path}' cannot be this user's: ${why}`, {
    status: 'permission',
    place: { file },
    fix: 'Find out who has put it there, and remove it. Keep state in a folder that only this user may write: stateDir in the job file.',
  });
}

/** Who has described himself there last. */
async function ownerIn(file: FileHandle): Promise<ProcessIdentity | undefined> {
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4096), 0, 4096, 0);
    return asProcessIdentity(JSON.parse(buffer.toString('utf8', 0, bytesRead)));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

async function describe({ file }: Lock, holder: object | undefined): Promise<void> {
  await file.truncate(0);
  if (holder !== undefined) await file.write(`${JSON.stringify(holder)}\n`, 0);
}

export interface Holder {
  readonly pid: number;
  /** ISO 8601. */
  readonly since: string;
}

/**
 * The run of a job that is at work, as it says itself in the file that it has locked; undefined where there is none, or its process is gone. To try the lock would keep a run
 * that starts at this moment from its work.
 */
export async function readHolder(job: Pick<Job, 'stateDir' | 'name'>): Promise<Holder | undefined> {
  try {
    const value = JSON.parse(await readFile(lockOf(job), 'utf8')) as Record<string, unknown>;
    const holder = asProcessIdentity(value);
    if (holder === undefined || typeof value['since'] !== 'string' || !['alive', 'unknown'].includes(fateOf(holder))) return undefined;
    return { pid: holder.pid, since: value['since'] };
  } catch {
    return undefined;
  }
}

function lockFailure(error: unknown, job: Job, path: string): Error {
  if (error instanceof JobError) return error;
  const system = systemCode(error);
  switch (system) {
    case 'LOCKED':
      return new JobError('job-locked', `another run of the job ${job.name} is at work`, {
        status: 'locked',
        place: { file: job.file },
        fix: `Wait for it (--lock-wait 10m), or see which process has '${path}' open (fuser shows it).`,
      });
    case 'ENOENT':
    case 'ENOTDIR':
      return new JobError('job-state', 'the state folder of the job does not exist', {
        status: 'output',
        place: { file: job.stateDir },
        fix: 'Create the folder, or name another one: stateDir in the job file.',
        cause: error,
      });
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new JobError('job-state', 'the state folder of the job may not be written', {
        status: 'permission',
        place: { file: path },
        fix: 'Let this user write there, or name another folder: stateDir in the job file.',
        cause: error,
      });
    case 'ENOSPC':
    case 'EDQUOT':
      return new JobError(
        'no-space',
        `the state folder of the job has no room: ${system === 'ENOSPC' ? 'no space left on the device' : 'the disk quota is used up'}`,
        {
          status: 'io',
          place: { file: path },
          fix: 'Free some space, or name a folder on another filesystem: stateDir in the job file.',
          cause: error,
        },
      );
    default:
      if (error instanceof Error && error.name === 'AbortError') return error;
      if (!/^[A-Z]+$/.test(system)) return error instanceof Error ? error : new Error(String(error));
      return new JobError('job-lock-failed', `the lock of the job cannot be taken: ${error instanceof Error ? error.message : ''}`, {
        status: 'io',
        place: { file: path },
        fix: 'Put the state folder on a local filesystem that has locks: stateDir in the job file.',
        cause: error,
      });
  }
}
