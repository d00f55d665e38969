import { isUtf8 } from 'node:buffer';
import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { OutputError, ScorelineError } from '../errors/errors.js';
import { openFilesError } from '../errors/open-files.js';
import { systemCode } from '../errors/system-code.js';
import { decodeCheckedLine, encodeCheckedLine } from '../files/checked-line.js';
import { foreignFile } from '../files/foreign-file.js';
import { linesOf, readPieces } from '../files/lines.js';
import { takeLock } from '../files/lock.js';
import { replaceFile } from '../files/replace.js';
import { syncFolder } from '../files/sync-folder.js';
import { writeAll } from '../files/write-all.js';

/**
 * What was published, so that it is published once: a file of JSON lines, each with a digest of itself, apart from the journal. Losing or rotating a journal
 * forgets nothing here. Lines are appended and synced under the ledger's own lock (`LEDGER.lock`); compaction replaces the whole file in one step.
 */
export type LedgerLine = Readonly<Record<string, unknown>>;

/** What reading a ledger came to, besides its lines. */
export interface ScannedLedger {
  /** Where to go on reading. */
  readonly end: LedgerPosition;
  /** Whole lines that do not prove themselves: rot, or another's hand. What a crash left of the last line is none. */
  readonly damaged: number;
}

/** A line that a run is to append once it is published. Plain data. */
export interface LedgerDraft {
  /** Path of the ledger. */
  readonly path: string;
  readonly entry: LedgerLine;
}

/** What was published: real path, hex digest. */
export interface PublishedFile {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** Says in a ledger that a run was published: the run's own entry, with its id, the time and its output. Throws as appendToLedger. */
export async function recordPublished({ path, entry }: LedgerDraft, run: string, { path: file, bytes, sha256 }: PublishedFile): Promise<void> {
  await appendToLedger(path, [{ ...entry, at: new Date().toISOString(), run, output: { path: file, bytes, sha256 } }]);
}

/** How far a ledger was read. Another inode: it was compacted since. */
export interface LedgerPosition {
  readonly inode: bigint;
  readonly bytes: number;
}

/** Writers hold the lock for milliseconds. */
const LOCK_WAIT_MS = 10_000;
/** Readable as the umask allows: it holds names and digests, no values of rows. */
const MODE = 0o644;
/** What every line begins with; what it ends with, and none that a crash has cut off does. */
const OPENING = Buffer.from('{"');
const CLOSING = 0x7d;
/** JSON as we write it has no lesser byte. */
const SPACE = 0x20;
/** Who can open a lock file can hold the lock, and keep every run from its end. */
const LOCK_MODE = 0o600;

/** Whose ledger is believed: this user's (and root's) by what acts on it, anybody's by what only reports. */
export type Trust = 'own' | 'any';

/**
 * The lines of a ledger, from a position on where it is still the same file; none where there is no ledger yet.
 *
 * @throws OutputError `ledger-permission` (77; also where somebody else may have planted it), `ledger-failed` (74).
 */
export async function scanLedger(
  path: string,
  take: (line: LedgerLine) => void,
  from?: LedgerPosition,
  trust: Trust = 'own',
): Promise<ScannedLedger> {
  let file: FileHandle;
  try {
    file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return { end: { inode: 0n, bytes: 0 }, damaged: 0 };
    throw ledgerFailure(error, path, 'read');
  }
  try {
    if (trust === 'own') await refuseForeign(file, path);
    const { ino: inode, size } = await file.stat({ bigint: true });
    const start = from?.inode === inode && from.bytes <= Number(size) ? from.bytes : 0;
    let damaged = 0;
    let bytes = start;
    for await (const line of linesOf(readPieces(file, start))) {
      if (!line.terminated) {
        // nobody was told that it stands
        if (start === 0 && !isTorn(line.bytes)) damaged++;
        break;
      }
      bytes += line.bytes.length + 1;
      const decoded = decodeCheckedLine(line.bytes.toString('utf8'));
      if (decoded !== undefined) take(decoded);
      else if (!isTorn(line.bytes)) damaged++;
    }
    return { end: { inode, bytes }, damaged };
  } catch (error) {
    throw ledgerFailure(error, path, 'read');
  } finally {
    await file.close();
  }
}

/**
 * Appends lines; when it resolves they are synced.
 *
 * @throws OutputError `ledger-permission` (77), `ledger-failed`, `no-space` (74), `ledger-locked` (75).
 */
export async function appendToLedger(path: string, lines: readonly LedgerLine[], lockWaitMs = LOCK_WAIT_MS): Promise<void> {
  await underLock(path, lockWaitMs, async () => {
    const file = await open(path, constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK, MODE);
    try {
      await refuseForeign(file, path);
      const { size } = await file.stat();
      // what a crash left of a line stays, and the new one stands on a line of its own
      const gap = size === 0 || (await endsLine(file, size)) ? [] : [Buffer.from('\n')];
      await writeAll(file, Buffer.concat([...gap, ...lines.map((line) => encodeCheckedLine(Object.entries(line)))]));
      await file.datasync();
      if (size === 0) await syncFolder(dirname(path));
    } finally {
      await file.close();
    }
  });
}

/**
 * Puts what `compact` makes of all lines in the place of the file, in one step.
 *
 * @throws as appendToLedger.
 */
export async function compactLedger(path: string, compact: (lines: readonly LedgerLine[]) => readonly LedgerLine[]): Promise<void> {
  await underLock(path, LOCK_WAIT_MS, async () => {
    const lines: LedgerLine[] = [];
    await scanLedger(path, (line) => lines.push(line));
    await replaceFile(path, Buffer.concat(compact(lines).map((line) => encodeCheckedLine(Object.entries(line)))), MODE);
    await syncFolder(dirname(path));
  });
}

async function underLock(path: string, waitMs: number, act: () => Promise<void>): Promise<void> {
  try {
    const lock = await takeLock(`${path}.lock`, { mode: LOCK_MODE, waitMs, onFallback: () => undefined });
    try {
      await act();
    } finally {
      await lock.release();
    }
  } catch (error) {
    throw ledgerFailure(error, path, 'write to');
  }
}

/** A ledger that somebody else has planted would say what was published, and name files that are to be moved or deleted. */
async function refuseForeign(file: FileHandle, path: string): Promise<void> {
  const why = await foreignFile(file);
  if (why === undefined) return;
  throw new OutputError('ledger-permission', `the ledger '${path}' is not believed: ${why}`, {
    status: 'permission',
    place: { file: path },
    fix: 'Find out who has put it there. Keep state in a folder that only this user may write; a ledger that is right after all: chown it, or copy it.',
  });
}

/** Is this what a crash has left of a line: its beginning, followed by nothing, or by the zeros of a block that was never written? All else is rot, or another's hand. */
function isTorn(bytes: Buffer): boolean {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  const text = bytes.subarray(0, end);
  if (text.at(-1) === CLOSING || text.some((byte) => byte < SPACE)) return false;
  return (
    OPENING.subarray(0, end).equals(text.subarray(0, OPENING.length)) && [0, 1, 2, 3].some((cut) => isUtf8(text.subarray(0, Math.max(0, end - cut))))
  );
}

async function endsLine(file: FileHandle, size: number): Promise<boolean> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
  return bytesRead === 1 && buffer[0] === 0x0a;
}

function ledgerFailure(error: unknown, path: string, action: 'read' | 'write to'): ScorelineError {
  if (error instanceof ScorelineError) return error;
  const limited = openFilesError(error);
  if (limited !== undefined) return limited;
  const system = systemCode(error);
  const context = { place: { file: path }, cause: error, details: { system } };
  const what = `cannot ${action} the ledger '${path}'`;
  if (system === 'LOCKED') {
    const fix = `Find the process that has '${path}.lock' open (fuser shows it), and run again.`;
    return new OutputError('ledger-locked', `${what}: another process has held its lock for too long`, { ...context, status: 'locked', fix });
  }
  if (['EACCES', 'EPERM', 'EROFS'].includes(system)) {
    const fix = 'Let this user read and write it, or name another folder: stateDir in a job, --state-dir on the command line.';
    return new OutputError('ledger-permission', `${what}: permission denied`, { ...context, status: 'permission', fix });
  }
  const found = system === 'ENOENT' ? 'its folder does not exist' : error instanceof Error ? error.message : String(error);
  const fix = system === 'ENOENT' ? 'Create the folder, or name another.' : 'Check the device and the system log before running again.';
  return new OutputError('ledger-failed', `${what}: ${found}`, { ...context, status: 'io', fix });
}
