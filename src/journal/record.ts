import { DefectError } from '../errors/errors.js';
import type { ProcessIdentity } from '../files/process-identity.js';
import type { DriftFigures } from '../profile/drift.js';
import type { JournalProfile } from '../profile/journal-profile.js';

/** Any JSON value; what effective options are made of. */
export type Json = null | boolean | number | bigint | string | readonly Json[] | { readonly [key: string]: Json };

/**
 * A figure. A finite number is written as a JSON number; NaN and infinities as the texts `NaN`, `inf`, `-inf`, as in the predictions; a bigint beyond
 * 2^53 as its digits in a text.
 */
export type Figure = number | bigint | string;

/** What a run sets out to do. Lengths are in bytes, digests are hex sha256. */
export interface StartRecord {
  readonly versions: { readonly scoreline: string; readonly node: string; /** onnxruntime-node */ readonly runtime: string };
  /** The effective options: what the command line, the environment and the defaults came to. */
  readonly options: Readonly<Record<string, Json>>;
  /** The user's own labels. */
  readonly labels: Readonly<Record<string, string>>;
  /** null is what was not known yet when the run failed. */
  readonly model: {
    readonly path: string;
    readonly sha256: string | null;
    readonly bytes: number | null;
    readonly producer: string | null;
    readonly family: string | null;
  };
  readonly contract: { readonly path: string; readonly sha256: string } | null;
  /** `bytes` is null for a pipe. */
  readonly input: { readonly path: string; readonly bytes: number | null; readonly format: string | null };
  readonly output: { readonly path: string; readonly format: string | null };
  /** null where the run failed before it was planned. */
  readonly plan: {
    readonly workers: number;
    /** What set the number of workers. */
    readonly limitedBy: 'asked' | 'input' | 'cores' | 'memory';
    readonly threads: number;
    readonly chunkBytes: number;
    readonly batchRows: number;
    /** What the process may use, container limits included. */
    readonly machine: { readonly cores: number; readonly memoryBytes: number };
  } | null;
  /** The run whose checkpoint this one goes on from. */
  readonly resumes?: string;
  /** Where this run scores by a fallback, in the place of another: that run, its model, and the code of its error. */
  readonly fallback?: InsteadFigures;
  /** Which process wrote this, so that a later one can tell that it died. */
  readonly process?: ProcessIdentity;
}

/** The run in whose place a fallback scores. */
export interface InsteadFigures {
  /** Its id. */
  readonly of: string;
  /** Path of its model. */
  readonly model: string;
  /** Code of its error. */
  readonly why: string;
}

/** What a fallback has scored. */
export interface FallbackFigures {
  /** `constant`: rules that give every row the same. */
  readonly kind: 'model' | 'rules' | 'constant';
  /** The run in whose place all rows were scored by it; null where it scored single rows that the model could not. */
  readonly of: string | null;
  /** Path of the model that could not. */
  readonly model: string;
  /** Code of the error of that run; `rows` for single rows. */
  readonly why: string;
  readonly rows: number;
}

/** Rows of the input and what became of them: in = scored + rejected, and the rejected add up by code and by column. */
export interface RowFigures {
  readonly in: number;
  readonly scored: number;
  readonly rejected: number;
  /** Of the rows scored, those that a fallback scored; absent where there are none. */
  readonly byFallback?: number;
  /** By reject code. */
  readonly byCode: Readonly<Record<string, number>>;
  /** By column and code; column null where the whole record is at fault. */
  readonly byColumn: readonly { readonly column: string | null; readonly code: string; readonly rows: number }[];
}

/** One column of the output that the model gave, over the rows scored. */
export interface PredictionFigures {
  readonly column: string;
  readonly count: number;
  /** NaN and infinities among them. */
  readonly nonFinite: number;
  /** Over the finite values; null for labels, and where there is none. */
  readonly min: Figure | null;
  readonly max: Figure | null;
  /** Rows by label, for an output of labels; empty for numbers. */
  readonly labels: readonly { readonly label: string; readonly rows: number }[];
}

/** How strings were handed to a model. */
export interface StringFigures {
  /** Its inputs of strings. */
  readonly inputs: number;
  /** Those that were handed over as numbers. */
  readonly coded: number;
  /** What the first rows said of the graph that takes numbers; null where there was none to try. */
  readonly proof: 'equal' | 'different' | null;
}

/** A limit on a run's own figure, and what became of it: `unknown` where the run has no such figure. Shares are 0 ... 1, times seconds, sizes bytes. */
export interface GateFigures {
  readonly name: string;
  readonly column: string | null;
  readonly value: number | null;
  readonly min: number | null;
  readonly max: number | null;
  readonly level: 'warn' | 'withhold' | 'fallback';
  readonly verdict: 'pass' | 'fail' | 'unknown';
  /** Broken before the end: after this row, and the value is that of the rows up to it. The run was stopped then. */
  readonly row?: number;
}

/** What a run did, as far as it came. */
export interface RunFigures {
  /** What was read; the digest covers exactly `bytes`. */
  readonly input: { readonly sha256: string; readonly bytes: number; readonly rows: number };
  /** What was published, or written straight through; null where nothing was. */
  readonly output: { readonly path: string; readonly sha256: string; readonly bytes: number; readonly rows: number } | null;
  readonly rejects: { readonly path: string; readonly sha256: string; readonly bytes: number } | null;
  readonly rows: RowFigures;
  /** Missing values among the rows scored, by column; columns without any are left out. */
  readonly missing: readonly { readonly column: string; readonly rows: number }[];
  /** Values that are no category of their column, among the rows scored; absent where no categories are known. */
  readonly unseen?: readonly {
    readonly column: string;
    readonly rows: number;
    /** Exact where `isExact`, else an estimate. Lines of older versions have none of the three. */
    readonly distinct?: number;
    readonly isExact?: boolean;
    /** The rows of a value are at most so many too low. */
    readonly error?: number;
    readonly values: readonly { readonly value: string; readonly rows: number }[];
  }[];
  /** Numbers outside the range of their column, among the rows scored; absent where no range is known. */
  readonly outOfRange?: readonly { readonly column: string; readonly rows: number }[];
  /** Values that are not of the type of their column, among the rows scored; absent where the model takes no other type anyway. */
  readonly wrongType?: readonly { readonly column: string; readonly rows: number }[];
  /** Missing values of columns that the contract requires, among the rows scored; absent where it requires none. */
  readonly required?: readonly { readonly column: string; readonly rows: number }[];
  /** By numeric column that the model reads, over the rows scored; null where there was no value. */
  readonly ranges: readonly { readonly column: string; readonly min: Figure | null; readonly max: Figure | null }[];
  readonly predictions: readonly PredictionFigures[];
  readonly warnings: readonly { readonly code: string; readonly message: string; readonly count: number }[];
  /** Chunks in all, and those that the byte decoder left to csv-parse. */
  readonly decoder: { readonly chunks: number; readonly declined: number };
  /** Blocks that were scored a second time among other rows, to see whether the model keeps rows apart. */
  readonly checkedBlocks: number;
  /** Of a model that takes strings only. */
  readonly strings?: StringFigures;
  /** What the model saw and gave; absent where no profile was kept. */
  readonly profile?: JournalProfile;
  /** Business figures of the contract, over the rows scored; absent where it has none. */
  readonly kpi?: readonly { readonly name: string; readonly value: number | null }[];
  /** What became of each gate; absent where there was none, or something else ended the run. */
  readonly gates?: readonly GateFigures[];
  /** Absent where no row was scored by one. */
  readonly fallback?: FallbackFigures;
  /** How far that is from what the model was trained on; absent where that is not known. */
  readonly drift?: DriftFigures;
  /** `total` is wall-clock time; the stages are added up over the workers. */
  readonly seconds: {
    readonly total: number;
    readonly read: number;
    readonly decode: number;
    readonly check: number;
    readonly score: number;
    readonly encode: number;
    readonly write: number;
  };
  /** Processor time of the whole process, in seconds. */
  readonly cpu: { readonly user: number; readonly system: number };
  readonly peakMemoryBytes: number;
}

/** The run was published. */
export type CommitRecord = RunFigures;

/** The run ended by an error; with the figures known by then. */
export interface FailRecord extends Partial<RunFigures> {
  /** Predictions that a gate kept back, whole: where they lie, until the next such run. */
  readonly withheld?: { readonly path: string; readonly sha256: string; readonly bytes: number; readonly rows: number };
  readonly error: {
    readonly code: string;
    /** Exit status. */
    readonly status: number;
    /** Without values of the data. */
    readonly message: string;
    readonly place: { readonly file?: string; readonly row?: number; readonly line?: number; readonly column?: string; readonly byte?: number };
    /** Null as Scoreline writes it: what to do may quote the input's first line, which is data where a header was forgotten. */
    readonly fix: string | null;
  };
}

/** A run that left no end is closed by a later one. */
export interface AbortRecord {
  /** `died`: its process is gone; `rebooted`: so is its machine's uptime. */
  readonly reason: 'died' | 'rebooted';
  /** The run that found it. */
  readonly by: string | null;
}

/** A durable point to go on from: everything before it is synced. */
export interface CheckpointRecord {
  readonly chunks: number;
  readonly input: { readonly offset: number; readonly sha256: string };
  readonly output: StagedPart;
  readonly rejects: StagedPart | null;
  readonly rows: RowFigures;
}

/** Everything is synced and nothing visible: what is about to be renamed, so that a crash in the midst can be rolled forward. */
export interface PrepareRecord {
  readonly output: (StagedPart & { readonly path: string }) | null;
  readonly rejects: (StagedPart & { readonly path: string }) | null;
  /** A rejects file of an earlier run that goes. */
  readonly removes: string | null;
}

/** A temp file as far as it was synced. */
export interface StagedPart {
  readonly staged: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** Throws DefectError where rows are unaccounted for: in = scored + rejected = scored + the sum by code = scored + the sum by column. */
export function checkAccounting(rows: RowFigures): void {
  const byCode = Object.values(rows.byCode).reduce((sum, count) => sum + count, 0);
  const byColumn = rows.byColumn.reduce((sum, entry) => sum + entry.rows, 0);
  const whole = rows.in === rows.scored + rows.rejected && byCode === rows.rejected && byColumn === rows.rejected;
  if (whole && (rows.byFallback ?? 0) <= rows.scored) return;
  throw new DefectError(
    `rows are unaccounted for: ${rows.in} in, ${rows.scored} scored, ${rows.rejected} rejected (${byCode} by code, ${byColumn} by column)`,
    { details: { in: rows.in, scored: rows.scored, rejected: rows.rejected, byCode, byColumn } },
  );
}
