import { stat } from 'node:fs/promises';
import { InputError, JobError, type ScorelineError } from '../errors/errors.js';
import { sameStamp, stampOf, type Candidate } from './inputs.js';
import type { Job } from './job.js';
import { errorInJobWords } from './words.js';

/** What a run of one input failed with, in words of the job: it knows of no flag, and has given limits of its own. */
export async function retold(
  error: ScorelineError,
  input: Pick<Candidate, 'path' | 'stamp'>,
  { job, leftMs }: { readonly job: Pick<Job, 'file' | 'runDeadlineMs'>; readonly leftMs: number },
): Promise<ScorelineError> {
  if (error.code === 'digest-mismatch') return (await changed(input, error)) ?? errorInJobWords(error, job.file);
  if (error.code === 'deadline' && leftMs <= 0 && job.runDeadlineMs !== undefined) return runDeadline(input.path, job, job.runDeadlineMs, error);
  return error instanceof JobError ? error : errorInJobWords(error, job.file);
}

/** Undefined where the file is the one that was listed. */
async function changed({ path, stamp }: Pick<Candidate, 'path' | 'stamp'>, cause: ScorelineError): Promise<ScorelineError | undefined> {
  const found = await stat(path, { bigint: true }).catch(() => undefined);
  if (found !== undefined && sameStamp(stampOf(found), stamp)) return undefined;
  const is = found === undefined ? 'it is gone' : `it has ${found.size} bytes`;
  return new InputError('input-changed', `the input was changed while the job was at it: ${is}, and had ${stamp.bytes} before`, {
    place: { file: path },
    cause,
    fix: 'Nothing was published; the next run takes it. Where files take longer to come than settle in the job file, raise that, or use doneMarker.',
  });
}

/** What was scored of the input may be kept by a checkpoint. */
function nextRunText({ fix = '' }: ScorelineError): string {
  const row = /goes on from row ([\d,]+)/.exec(fix)?.[1];
  return row === undefined ? 'The next run takes it' : `The next run goes on from row ${row}`;
}

function runDeadline(path: string, { file }: Pick<Job, 'file'>, deadlineMs: number, cause: ScorelineError): JobError {
  return new JobError('run-deadline', `the run's deadline of ${deadlineMs / 1000}s has passed while this input was scored`, {
    status: 'deadline',
    place: { file: path },
    cause,
    fix: `${nextRunText(cause)}; to give a run more time, raise runDeadline in ${file}.`,
  });
}
