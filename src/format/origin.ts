import { InputError, type ScorelineError } from '../errors/errors.js';
import { openFilesError } from '../errors/open-files.js';

/** What differs between the sources: where the next bytes come from. */
export interface Origin {
  readonly name: string;
  readonly size: number | undefined;
  readonly isPipe: boolean;
  /** Up to `into.length` next bytes, at least one; 0 at the end. */
  pull(into: Uint8Array): Promise<number>;
  /** Resolves when `pull` need not wait: bytes are there, or the end. Rejects as `pull` would. Absent where nothing is ever waited for. */
  readonly arrival?: () => Promise<void>;
  /** Plain files only: reads from an absolute position, apart from `pull`. */
  readonly readAt?: (into: Uint8Array, position: number) => Promise<number>;
  close(): Promise<void>;
}

/** Reading failed, whatever the origin: `read-failed` or `too-many-open-files`, 74. */
export function readError(name: string, error: unknown): ScorelineError {
  const limited = openFilesError(error);
  if (limited !== undefined) return limited;
  const reason = error instanceof Error ? error.message : String(error);
  return new InputError('read-failed', `reading ${name} failed: ${reason}`, {
    place: { file: name },
    cause: error,
    status: 'io',
    fix: 'Check the disk or the program that writes into the pipe, then run again.',
  });
}
