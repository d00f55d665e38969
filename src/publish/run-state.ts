import type { FileHandle } from 'node:fs/promises';
import { decodeCheckedLine, encodeCheckedLine } from '../files/checked-line.js';
import { readLines } from '../files/lines.js';
import { asProcessIdentity, type ProcessIdentity } from '../files/process-identity.js';
import type { LedgerDraft } from './ledger.js';

/** What a run says of itself when it has taken the lock of its output. */
export interface RunHeader {
  /** Run id. */
  readonly run: string;
  /** What makes two runs the same (see run/identity.ts); null where that cannot be said, as of a pipe. */
  readonly identity: string | null;
  /** Real path of its journal. */
  readonly journal: string | null;
  /** The line of a ledger that says that this run was published. */
  readonly ledger: LedgerDraft | null;
  readonly process: ProcessIdentity;
}

/** A temp file and what it is to become. Real paths. */
export interface StagedName {
  readonly of: 'output' | 'rejects';
  readonly path: string;
  readonly staged: string;
}

/** A temp file that is whole and synced. */
export interface PreparedPart {
  readonly path: string;
  readonly staged: string;
  readonly bytes: number;
  /** Hex. */
  readonly sha256: string;
}

/** Everything is synced and nothing visible: what is about to be published, and what the run will have done then. */
export interface Prepared {
  readonly output: PreparedPart | null;
  readonly rejects: PreparedPart | null;
  /** A rejects file of an earlier run that goes. */
  readonly removes: string | null;
  /** An existing output may not be replaced. */
  readonly noClobber: boolean;
  /** The run's figures, for whoever ends it in its place. Plain data, as JSON has it. */
  readonly outcome: unknown;
}

/** All that a run has written down of itself, as a later one finds it. */
export interface RunState {
  readonly header: RunHeader;
  readonly staged: readonly StagedName[];
  /** The last point that the run can go on from: plain data, for src/run to read. */
  readonly checkpoint: unknown;
  readonly prepared: Prepared | undefined;
  /** Its process has given the output back, and left this to go on from. */
  readonly released?: boolean;
}

/** What a resumed run takes over from the dead one, written in one line with its own header: it is there whole or not at all. */
export type TakenOver = Pick<RunState, 'staged' | 'checkpoint'>;

/** The line that begins a run; all lines before it are of no account any more. */
export function encodeRun(header: RunHeader, takenOver?: TakenOver): Buffer {
  return encodeCheckedLine([
    ['v', 1],
    ['kind', 'run'],
    ...Object.entries(header),
    ['staged', takenOver?.staged],
    ['checkpoint', takenOver?.checkpoint],
  ]);
}

/** Names a temp file before it is made. */
export function encodeStaged(name: StagedName): Buffer {
  return encodeCheckedLine([['kind', 'staged'], ...Object.entries(name)]);
}

/** A point to go on from; counts once it is synced. */
export function encodeCheckpoint(checkpoint: unknown): Buffer {
  return encodeCheckedLine([
    ['kind', 'checkpoint'],
    ['checkpoint', checkpoint],
  ]);
}

/** The run is over, and its state stays. Not synced: it is for those that look while its process lives. */
export function encodeReleased(): Buffer {
  return encodeCheckedLine([['kind', 'released']]);
}

/** The decision to publish; counts once it is synced. */
export function encodePrepared(prepared: Prepared): Buffer {
  return encodeCheckedLine([['kind', 'prepared'], ...Object.entries(prepared)]);
}

/**
 * What the last run that wrote here has left; undefined where none began. Lines that do not prove themselves are passed over: a crash in the midst of a write
 * leaves a part of one, and what was never synced may be gone.
 */
export async function readRunState(file: FileHandle): Promise<RunState | undefined> {
  let state: RunState | undefined;
  for await (const { bytes } of readLines(file)) {
    const line = decodeCheckedLine(bytes.toString('utf8'));
    if (line !== undefined) state = nextState(state, line);
  }
  return state;
}

type Line = Readonly<Record<string, unknown>>;

function nextState(state: RunState | undefined, line: Line): RunState | undefined {
  const { kind } = line;
  if (kind === 'run') return begun(line);
  if (state === undefined) return undefined;
  if (kind === 'staged') {
    const name = asStaged(line);
    return name === undefined ? state : { ...state, staged: [...state.staged, name] };
  }
  if (kind === 'checkpoint') return { ...state, checkpoint: line['checkpoint'] };
  if (kind === 'released') return { ...state, released: true };
  if (kind === 'prepared') return { ...state, prepared: asPrepared(line) };
  return state;
}

function begun(line: Line): RunState | undefined {
  const { run, identity, journal, ledger, staged, checkpoint } = line;
  const process = asProcessIdentity(line['process']);
  // A later version may mean something else by its lines.
  if (line['v'] !== 1 || typeof run !== 'string' || process === undefined) return undefined;
  return {
    header: { run, identity: textOrNull(identity), journal: textOrNull(journal), ledger: asLedger(ledger), process },
    staged: Array.isArray(staged) ? staged.map(asStaged).filter((name) => name !== undefined) : [],
    checkpoint,
    prepared: undefined,
  };
}

function asStaged(value: unknown): StagedName | undefined {
  if (!isRecord(value)) return undefined;
  const { of, path, staged } = value;
  if ((of !== 'output' && of !== 'rejects') || typeof path !== 'string' || typeof staged !== 'string') return undefined;
  return { of, path, staged };
}

function asPrepared(line: Line): Prepared | undefined {
  const { output, rejects, removes, noClobber, outcome } = line;
  const parts = { output: asPart(output), rejects: asPart(rejects) };
  if (parts.output === undefined || parts.rejects === undefined) return undefined;
  return { output: parts.output, rejects: parts.rejects, removes: textOrNull(removes), noClobber: noClobber === true, outcome };
}

/** Undefined for what is no part; null stands for none. */
function asPart(value: unknown): PreparedPart | null | undefined {
  if (value === null) return null;
  if (!isRecord(value)) return undefined;
  const { path, staged, bytes, sha256 } = value;
  if (typeof path !== 'string' || typeof staged !== 'string' || typeof bytes !== 'number' || typeof sha256 !== 'string') return undefined;
  return { path, staged, bytes, sha256 };
}

function asLedger(value: unknown): LedgerDraft | null {
  return isRecord(value) && typeof value['path'] === 'string' && isRecord(value['entry']) ? { path: value['path'], entry: value['entry'] } : null;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
