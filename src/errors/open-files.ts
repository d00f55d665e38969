import { ScorelineError } from './errors.js';

/** What the system says where no more files may be opened: by this process, or on the whole machine. */
const REASONS: Readonly<Record<string, readonly [found: string, fix: string]>> = {
  EMFILE: ['this process may not open more files', 'Raise the limit, in the shell: ulimit -n 1024; of a systemd unit: LimitNOFILE=1024..'],
  ENFILE: ['the machine has no more open files to give', 'Find out which process holds so many (lsof), or raise the sysctl fs.file-max.'],
};

/** `too-many-open-files` (74) where the system refused to open any more files, whichever it was about; undefined for all other errors. */
export function openFilesError(error: unknown): ScorelineError | undefined {
  const code = systemCode(error);
  const reason = REASONS[code];
  if (reason === undefined) return undefined;
  const [found, fix] = reason;
  return new ScorelineError('too-many-open-files', `${found} (${code})`, 'io', { fix, cause: error });
}

/** The code of a system error; a worker thread that could not start has it in its text alone. */
function systemCode(error: unknown): string {
  if (!(error instanceof Error) || !('code' in error)) return '';
  return error.code === 'ERR_WORKER_INIT_FAILED' ? (/\b[A-Z]{5,}$/.exec(error.message)?.[0] ?? '') : String(error.code);
}
