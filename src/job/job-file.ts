import { lstat, realpath } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { JobError } from '../errors/errors.js';
import { systemCode } from '../errors/system-code.js';
import type { History, JobFile } from './history.js';
import type { Job } from './job.js';

/** The job file as its ledger notes it. A link to the file itself is a job file of its own: its paths count from another folder. */
export async function jobFileOf({ file: given, stateDir }: Pick<Job, 'file' | 'stateDir'>): Promise<JobFile> {
  const file = resolve(given);
  const real = join(await realFolder(dirname(file)), basename(file));
  return { file, real, below: relative(await realFolder(stateDir), real) };
}

/**
 * Why a job may not use the state that it has found: it is of another job file that is still there, and either would take the other's inputs for its own. Undefined where it
 * may; also where the noted file is gone: then it was moved.
 */
export async function foreignState(
  job: Pick<Job, 'file' | 'stateDir' | 'name'>,
  history: Pick<History, 'jobFile' | 'path'>,
): Promise<JobError | undefined> {
  const noted = history.jobFile;
  if (noted === undefined) return undefined;
  const own = await jobFileOf(job);
  if (own.file === noted.file || own.real === noted.real || own.below === noted.below) return undefined;
  if (await isGone(noted.file)) return undefined;
  return new JobError('job-state-taken', `the state of the job ${job.name} in '${job.stateDir}' is that of another job file: '${noted.file}'`, {
    place: { file: job.file },
    details: { ledger: history.path, noted: noted.file },
    fix: 'Give this job a name or a folder of its own, by job or stateDir. If this is the same job, moved: remove the old file, and its state is gone on with.',
  });
}

/** Notes in the ledger which job file it is of, where it does not say so yet. Throws as foreignState says, and as appending to the ledger. */
export async function noteJobFile(job: Job, history: History, at: string): Promise<void> {
  const foreign = await foreignState(job, history);
  if (foreign !== undefined) throw foreign;
  const [noted, own] = [history.jobFile, await jobFileOf(job)];
  if (noted?.file !== own.file || noted.real !== own.real || noted.below !== own.below) await history.ofJobFile(own, at);
}

async function realFolder(folder: string): Promise<string> {
  return realpath(folder).catch(() => resolve(folder));
}

async function isGone(path: string): Promise<boolean> {
  return lstat(path).then(
    () => false,
    (error: unknown) => ['ENOENT', 'ENOTDIR'].includes(systemCode(error)),
  );
}
