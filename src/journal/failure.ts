import { JournalError, ScorelineError } from '../errors/errors.js';
import { openFilesError } from '../errors/open-files.js';
import type { StatusName } from '../errors/statuses.js';
import { systemCode } from '../errors/system-code.js';

interface Cause {
  readonly code: string;
  readonly status: StatusName;
  readonly found: string;
  readonly fix: string;
}

const ELSEWHERE = 'Or name another place with --journal or --state-dir, or run with --no-journal.';
const PERMISSION = { code: 'journal-permission', status: 'permission', fix: `Let this user write there. ${ELSEWHERE}` } as const;

const CAUSES: Readonly<Record<string, Cause>> = {
  EACCES: { ...PERMISSION, found: 'permission denied' },
  EPERM: { ...PERMISSION, found: 'the operation is not permitted' },
  EROFS: { ...PERMISSION, found: 'the filesystem is read-only' },
  ENXIO: { code: 'journal-not-a-file', status: 'output', found: 'it is a pipe or a device', fix: `Name a file. ${ELSEWHERE}` },
  ELOOP: {
    code: 'journal-link',
    status: 'permission',
    found: 'a symbolic link stands there that nobody named, or one that leads in a circle',
    fix: `Find out who has put it there, and remove it; or name the file itself. ${ELSEWHERE}`,
  },
  EISDIR: { code: 'journal-not-a-file', status: 'output', found: 'it is a folder', fix: `Name a file. ${ELSEWHERE}` },
  ENOTDIR: {
    code: 'journal-folder-missing',
    status: 'output',
    found: 'a part of the path that should be a folder is a file',
    fix: `Correct the path. ${ELSEWHERE}`,
  },
  ENOENT: { code: 'journal-folder-missing', status: 'output', found: 'its folder does not exist', fix: `Create the folder first. ${ELSEWHERE}` },
  ENAMETOOLONG: {
    code: 'journal-name-too-long',
    status: 'output',
    found: 'with its lock file beside it, the name is longer than the filesystem takes',
    fix: `Choose a shorter name for the output. ${ELSEWHERE}`,
  },
  ENOSPC: { code: 'journal-write', status: 'io', found: 'no space left on the device', fix: 'Free some space and run again.' },
  EDQUOT: { code: 'journal-write', status: 'io', found: 'the disk quota is used up', fix: 'Free some space and run again.' },
};

/**
 * What the system said to an append, as an error of ours: `journal-write`, `too-many-open-files` (74), `journal-permission`, `journal-link` (77), `journal-folder-missing`,
 * `journal-name-too-long`, `journal-not-a-file` (73).
 */
export function appendFailure(error: unknown, path: string): ScorelineError {
  if (error instanceof ScorelineError) return error;
  const cause = CAUSES[systemCode(error)] ?? {
    code: 'journal-write',
    status: 'io',
    found: text(error),
    fix: 'Check the device and the system log before running again.',
  };
  return journalError(error, path, 'write to', cause);
}

/** What the system said to a reader: `journal-missing` (66), `journal-permission` (77), `journal-read` (74). */
export function readFailure(error: unknown, path: string): ScorelineError {
  if (error instanceof ScorelineError) return error;
  const system = systemCode(error);
  if (system === 'ENOENT' || system === 'ENOTDIR') {
    return journalError(error, path, 'read', { code: 'journal-missing', status: 'missing', found: 'there is no such file', fix: 'Check the path.' });
  }
  const denied = system === 'EACCES' || system === 'EPERM';
  const cause: Cause = denied
    ? { ...PERMISSION, found: 'permission denied', fix: 'Let this user read the file.' }
    : { code: 'journal-read', status: 'io', found: system === 'EISDIR' ? 'it is a folder' : text(error), fix: 'Check the path and the device.' };
  return journalError(error, path, 'read', cause);
}

function journalError(error: unknown, path: string, action: string, cause: Cause): ScorelineError {
  const limited = openFilesError(error);
  if (limited !== undefined) return limited;
  const message = `cannot ${action} the journal '${path}': ${cause.found}`;
  return new JournalError(cause.code, message, {
    status: cause.status,
    place: { file: path },
    fix: cause.fix,
    details: { system: systemCode(error) },
    cause: error,
  });
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
