import { constants } from 'node:fs';
import { open, readlink, realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { JournalError } from '../errors/errors.js';
import { systemCode } from '../errors/system-code.js';
import { takeLock, type Lock } from '../files/lock.js';
import { JournalEnd } from './append.js';
import { decodeEntry, type Entry, type EntryDraft } from './entry.js';
import { appendFailure } from './failure.js';
import { replaceHead } from './head.js';
import type { OpenRun } from './open-runs.js';

export interface JournalOptions {
  /** Milliseconds since 1970, for `at`. */
  readonly now?: () => number;
  /** How long to wait for other writers; default 10 s. */
  readonly lockWaitMs?: number;
  /** Told once each: `journal-lock-file` (no flock(1) here), `journal-head` (the line stands, its head could not be written). */
  readonly onWarning?: (warning: { readonly code: string; readonly message: string }) => void;
  /** False where nobody has named the path: a link under its very name is refused (`journal-link`, 77). Default: true. */
  readonly followLinks?: boolean;
  /** Names under which flock(1) is looked for. */
  readonly flockCommands?: readonly string[];
}

/** Who can open a lock file can hold the lock, and keep every run from its end. */
const LOCK_MODE = 0o600;

/** A journal to append to. Holds nothing open between appends. */
export interface Journal {
  /** Real path of the file. */
  readonly path: string;
  /**
   * Appends one line; when it resolves, the line is synced. Appends of one process take turns. Throws JournalError (`journal-write` 74, `journal-permission`
   * 77, `journal-locked` 75), and DefectError for a record that cannot be written.
   */
  append(draft: EntryDraft): Promise<Entry>;
  /** Several lines under one hold of the lock: no other writer's line comes between them. Throws as `append`, and what `act` throws. */
  hold<T>(act: (lines: HeldJournal) => Promise<T>): Promise<T>;
}

/** A journal whose lock is held. */
export interface HeldJournal {
  /** The runs that have not ended, by the lines so far. */
  readonly open: readonly OpenRun[];
  /** As Journal's. */
  append(draft: EntryDraft): Promise<Entry>;
}

/**
 * Opens a journal, creating it where it is not there, so that a place that cannot be written is known before the run. Throws JournalError
 * (`journal-permission`, `journal-link` 77, `journal-folder-missing`, `journal-not-a-file` 73).
 */
export async function openJournal(path: string, options: JournalOptions = {}): Promise<Journal> {
  const { followLinks = true } = options;
  try {
    // O_NONBLOCK: a FIFO that nobody reads must not hold us here.
    const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK | (followLinks ? 0 : constants.O_NOFOLLOW);
    const file = await open(path, flags, 0o644);
    const isFile = (await file.stat()).isFile();
    await file.close();
    if (!isFile) {
      const fix = 'Name a file with --journal, or run with --no-journal.';
      throw new JournalError('journal-not-a-file', `cannot write to the journal '${path}': expected a file, found a device or a pipe`, {
        status: 'output',
        place: { file: path },
        fix,
      });
    }
    // Head and lock stand beside the real file, so that all who come by links meet at the same lock.
    return new OpenJournal(followLinks ? await realPathOf(path) : join(await realpath(dirname(path)), basename(path)), options);
  } catch (error) {
    throw appendFailure(error, path);
  }
}

/** The real path of a file that was there just now: where it was rotated away since, that of the one that will be made in its place. */
async function realPathOf(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
    const target = await readlink(path).catch(() => undefined);
    return target === undefined ? join(await realpath(dirname(path)), basename(path)) : realPathOf(resolve(dirname(path), target));
  }
}

class OpenJournal implements Journal {
  readonly path: string;
  readonly #options: JournalOptions;
  readonly #warned = new Set<string>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(path: string, options: JournalOptions) {
    this.path = path;
    this.#options = options;
  }

  append(draft: EntryDraft): Promise<Entry> {
    return this.hold((lines) => lines.append(draft));
  }

  hold<T>(act: (lines: HeldJournal) => Promise<T>): Promise<T> {
    const turn = this.#last.then(() => this.#hold(act));
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async #hold<T>(act: (lines: HeldJournal) => Promise<T>): Promise<T> {
    const lock = await this.#lock();
    try {
      const end = await JournalEnd.open(this.path).catch(this.#fail);
      try {
        return await act(this.#lines(end));
      } finally {
        // Once for all lines: a head that is behind does no harm, the next writer reads on from it.
        if (end.isAhead) await replaceHead(this.path, end.head, end.isHeadless).catch((error: unknown) => this.#warnHead(error));
        await end.close();
      }
    } finally {
      await lock.release();
    }
  }

  #lines(end: JournalEnd): HeldJournal {
    const now = this.#options.now ?? Date.now;
    return {
      get open() {
        return end.head.open;
      },
      append: async (draft) => readBack((await end.append(draft, new Date(now()).toISOString()).catch(this.#fail)).line),
    };
  }

  readonly #fail = (error: unknown): never => {
    throw appendFailure(error, this.path);
  };

  /** On `JOURNAL.lock`: a file of its own, which nobody rotates. */
  async #lock(): Promise<Lock> {
    const { lockWaitMs: waitMs = 10_000, flockCommands: commands } = this.#options;
    const onFallback = (): void =>
      this.#warn('journal-lock-file', 'flock(1) is not installed: a lock file with the owner’s pid is used for the journal instead');
    try {
      return await takeLock(`${this.path}.lock`, { mode: LOCK_MODE, waitMs, onFallback, ...(commands === undefined ? {} : { commands }) });
    } catch (error) {
      throw appendFailure(lockFailure(error, this.path), this.path);
    }
  }

  /** The line is synced: to call that a failure would make the caller write the run's end a second time. The next append mends the head. */
  #warnHead(error: unknown): void {
    this.#warn('journal-head', appendFailure(error, `${this.path}.head`).message);
  }

  #warn(code: string, message: string): void {
    if (this.#warned.has(code)) return;
    this.#warned.add(code);
    this.#options.onWarning?.({ code, message });
  }
}

/** What the taking of the lock says, as an error of ours where it is about the lock itself. */
function lockFailure(error: unknown, path: string): unknown {
  switch (systemCode(error)) {
    case 'LOCKED':
      return new JournalError('journal-locked', `cannot write to the journal '${path}': another process has held its lock for too long`, {
        status: 'locked',
        place: { file: path },
        fix: `Find the process that has '${path}.lock' open (fuser shows it), and run again.`,
        cause: error,
      });
    case 'FLOCK':
      return new JournalError('journal-write', `cannot lock '${path}.lock': ${error instanceof Error ? error.message : ''}`, {
        place: { file: path },
        fix: 'Put the journal on a local filesystem that has locks, with --journal or --state-dir.',
        cause: error,
      });
    default:
      return error;
  }
}

function readBack(line: Buffer): Entry {
  const decoded = decodeEntry(line.subarray(0, -1));
  if (decoded.ok) return decoded.entry;
  throw new JournalError('journal-write', `a journal line does not read back: ${decoded.fault}`);
}
