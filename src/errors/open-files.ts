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

/** The dynamic loader has no codes: it ends its message with the C library's words for one. */
const LOADER_WORDS: readonly (readonly [words: RegExp, code: string])[] = [
  [/: Too many open files$/m, 'EMFILE'],
  [/: Too many open files in system$/m, 'ENFILE'],
];

/** The code of a system error; a worker thread that could not start, and a native library that could not be opened, have it in their text alone. */
function systemCode(error: unknown): string {
  if (!(error instanceof Error) || !('code' in error)) return '';
  switch (error.code) {
    case 'ERR_WORKER_INIT_FAILED':
      return /\b[A-Z]{5,}$/.exec(error.message)?.[0] ?? '';
    case 'ERR_DLOPEN_FAILED':
      return LOADER_WORDS.find(([words]) => words.test(error.message))?.[1] ?? '';
    default:
      return String(error.code);
  }
}
