import { InterruptedError, OutputError, ScorelineError } from '../errors/errors.js';
import { openFilesError } from '../errors/open-files.js';
import type { StatusName } from '../errors/statuses.js';
import { systemCode } from '../errors/system-code.js';

/** What was being done to which output when the system refused. */
export interface Attempt {
  /** The path as the user gave it. */
  readonly name: string;
  /** As in "cannot ... 'out.csv'". */
  readonly action: 'create' | 'write' | 'sync' | 'publish' | 'read' | 'remove' | 'move to';
  /** Bytes of this output that were written before. */
  readonly bytes?: number;
}

interface Cause {
  readonly code: string;
  readonly status: StatusName;
  readonly found: string;
  readonly fix: string;
}

const NO_SPACE = { code: 'no-space', status: 'io', fix: 'Free some space, or write the output to another filesystem, and run again.' } as const;
const PERMISSION = {
  code: 'output-permission',
  status: 'permission',
  fix: 'Let this user write in the folder of the output, or name another output.',
} as const;
const FOLDER = { code: 'output-folder-missing', status: 'output', fix: 'Create the folder first, or correct the path.' } as const;

/** By the system's code: what it means for an output. */
const CAUSES: Readonly<Record<string, Cause>> = {
  EISDIR: { code: 'output-is-directory', status: 'output', found: 'it is a directory', fix: 'Name a file, for example one inside that directory.' },
  ENOENT: { ...FOLDER, found: 'its folder does not exist' },
  ENOTDIR: { ...FOLDER, found: 'a part of the path that should be a folder is a file' },
  EACCES: { ...PERMISSION, found: 'permission denied' },
  EPERM: { ...PERMISSION, found: 'the operation is not permitted' },
  ENAMETOOLONG: {
    code: 'output-name-too-long',
    status: 'output',
    found: 'the name is longer than the filesystem takes',
    fix: 'Choose a shorter file name; the rejects file can have a name of its own: --rejects FILE.',
  },
  ENOSPC: { ...NO_SPACE, found: 'no space left on the device' },
  EDQUOT: { ...NO_SPACE, found: 'the disk quota is used up' },
  EFBIG: {
    code: 'output-too-large',
    status: 'io',
    found: 'the file would grow beyond the largest size allowed',
    fix: 'Raise the limit (ulimit -f), or write to a filesystem that takes larger files.',
  },
  EROFS: {
    code: 'output-read-only',
    status: 'output',
    found: 'the filesystem is read-only',
    fix: 'Name an output on a filesystem that is mounted for writing.',
  },
  ELOOP: {
    code: 'output-link-loop',
    status: 'output',
    found: 'its symbolic links lead in a circle',
    fix: 'Correct the links, or name the file itself.',
  },
  EEXIST: {
    code: 'output-exists',
    status: 'output',
    found: 'it exists already and may not be replaced',
    fix: 'Remove it, name another output, or run without --no-clobber.',
  },
  EBUSY: {
    code: 'output-busy',
    status: 'output',
    found: 'it is in use as a mount point',
    fix: 'Name a file that is not itself mounted; mount its folder instead.',
  },
};

/** Codes of a pipe or stream whose reader is gone. */
const CLOSED = new Set(['EPIPE', 'ECONNRESET', 'ERR_STREAM_DESTROYED', 'ERR_STREAM_PREMATURE_CLOSE']);

/**
 * What the system said, as an error of ours. Its message names the output, what was found and, once bytes were written, how many.
 * Errors of ours pass through.
 */
export function outputFailure(error: unknown, attempt: Attempt): ScorelineError {
  if (error instanceof ScorelineError) return error;
  const system = systemCode(error);
  if (CLOSED.has(system))
    return new InterruptedError('pipe-closed', `the reader of '${attempt.name}' went away`, { cause: error, place: { file: attempt.name } });
  const limited = openFilesError(error);
  if (limited !== undefined) return limited;
  const cause = CAUSES[system] ?? {
    code: attempt.action === 'sync' ? 'sync-failed' : 'write-failed',
    status: 'io',
    found: error instanceof Error ? error.message : String(error),
    fix: 'Check the device and the system log before running again.',
  };
  const written = attempt.bytes === undefined ? '' : `, after ${attempt.bytes} bytes`;
  return new OutputError(cause.code, `cannot ${attempt.action} '${attempt.name}'${written}: ${cause.found}`, {
    status: cause.status,
    place: { file: attempt.name },
    fix: cause.fix,
    details: { system, ...(attempt.bytes === undefined ? {} : { bytesWritten: attempt.bytes }) },
    cause: error,
  });
}
