import type { StatusName } from '../errors/statuses.js';
import type { Readable, Writable } from 'node:stream';
import type { Gate, Verdict } from '../check/gates/gate.js';
import type { RejectLimit } from '../check/limits.js';
import type { FormatName } from '../format/format.js';
import type { AbortRecord, CommitRecord, FailRecord, StartRecord } from '../journal/record.js';
import type { LedgerDraft } from '../publish/ledger.js';
import type { CsvInputOptions } from '../format/csv/setup.js';

/** What a run is asked to do: the library's options and, flag by flag, the command line's. Everything but model, input and output has a default. */
export interface ScoreOptions {
  /** Path of the ONNX file. */
  readonly model: string;
  /** A larger model file is refused; at most, and by default, 2 GiB. */
  readonly maxModelBytes?: number;
  /** A path, or a stream; `-` is stdin. */
  readonly input: string | Readable;
  readonly inputFormat?: FormatName;
  /** A path, or a stream; `-` is stdout. */
  readonly output: string | Writable;
  readonly outputFormat?: FormatName;
  /** Of Arrow output, file or stream; default none. */
  readonly compression?: 'none' | 'lz4' | 'zstd';

  readonly csv?: CsvInputOptions;
  /** Replaces the default texts of missing values, and then holds for strings too. */
  readonly nullValues?: readonly string[];
  /** Of CSV output; default: a tab where the output is called `.tsv`, else the input's. */
  readonly outputDelimiter?: string;

  /** What scores in the place of the model where that cannot; default: nothing does. */
  readonly fallback?: FallbackOptions;
  /** Name of one more column of the output, which says of each row what scored it: `model` or `fallback`. */
  readonly scoredBy?: string;
  /** Of a run that scores in the place of one that failed, as the fallback begins it. Nothing else gives it. */
  readonly insteadOf?: InsteadOf;

  /** Column order of a matrix input. */
  readonly features?: readonly string[];
  /** Model input -> column. */
  readonly bind?: Readonly<Record<string, string>>;
  /** Columns copied to the output: `ids` (the contract's), `unused` (that the model does not read), `all`, `none`, or names. */
  readonly keep?: 'ids' | 'unused' | 'all' | 'none' | readonly string[];
  /** Put before the name of every column that the model gives. */
  readonly prefix?: string;
  readonly label?: 'model' | 'argmax' | 'threshold';
  readonly threshold?: number;
  readonly positiveClass?: string;
  /** Path of the contract; `none` sets it aside. Default: beside the model, where there is one. */
  readonly contract?: string;

  /** Largest number or share of rejected rows that is still published; default 0 rows. */
  readonly maxRejects?: Limit;
  /** Where rejects go; default `OUTPUT.rejects.csv`, none for streams. */
  readonly rejects?: string;
  /**
   * False: a link under the very name of output, rejects file or journal is not followed: the first two replace it, the last refuses it. For names that were made, as by a
   * template, in folders where others may write. Default: a link that is named is followed.
   */
  readonly followLinks?: boolean;
  readonly rejectedRows?: 'drop' | 'blank';
  /** Score only the first rows. */
  readonly limit?: number;
  /** The input must have this many rows. */
  readonly expectRows?: number;
  /** An input with a header and no row is fine. */
  readonly allowEmpty?: boolean;
  readonly noClobber?: boolean;

  /** Rows of one call of the model; part of the run's identity. */
  readonly batchRows?: number;
  readonly chunkBytes?: number;
  /** Rows of a pipe or stream are scored at the latest so many milliseconds after they came in, whether or not they fill a chunk. Default: when they fill one. */
  readonly flushMs?: number;
  readonly workers?: number;
  /** Intra-op threads of each session. */
  readonly threads?: number;
  /**
   * Whether strings may be handed to the model as numbers, by an equivalent graph that is proven on the first rows: `auto` where the input is large enough to
   * gain by it. The output is the same by every way.
   */
  readonly stringCodes?: 'auto' | 'always' | 'never';
  /** Path of the journal; false for none. Default: beside the output, none for streams. */
  readonly journal?: string | false;
  readonly stateDir?: string;
  /** Nothing is scored where the same run (input, model, options, output) was published before, as the ledger of the output says. For plain files only. */
  readonly skipIfPublished?: boolean;
  /** A line for a ledger, appended when the output is published: plain data, with `run`, `at` and `output` put in. For staged outputs only. */
  readonly ledger?: LedgerDraft;
  /**
   * Whether the run goes on from the last checkpoint of one that was killed, where input, model and options are the same: `auto`, or `never`, which makes no
   * checkpoints either. Only a plain file that is scored into a file has any.
   */
  readonly resume?: 'auto' | 'never';
  /** At the earliest so many milliseconds after one checkpoint comes the next; 0: after every chunk. Default: 5,000. */
  readonly checkpointEveryMs?: number;
  /** How long to wait for another run that is writing the same output; default: not at all (`output-locked`). */
  readonly lockWaitMs?: number;
  /** Predictions that go to stdout or a pipe are kept in a temp file until all of them are judged good. */
  readonly spoolStdout?: boolean;
  /** Hex sha256 that the whole input must have. */
  readonly expectSha256?: string;
  /**
   * Whether a profile is kept of what the model saw and gave, in the journal, and compared with what is known of its training data. `auto`, the default: where there is something
   * to compare it with (a baseline in the contract, encoders and scalers of the model), or gates that look at it.
   */
  readonly profile?: 'auto' | 'always' | 'never';
  /** Limits on the run's own figures, judged before anything is published. */
  readonly gates?: readonly Gate[];
  /** What becomes of a value that is none of the categories that contract or model know. Default: what the contract says of the column, else `allow`. */
  readonly onUnseen?: 'allow' | 'missing' | 'reject';
  /** Whether the journal says which values the model had never seen: as they are, as digests, or not. Default: `plain`. */
  readonly journalValues?: 'plain' | 'hashed' | 'none';
  /** Free labels, written in the journal. */
  readonly labels?: Readonly<Record<string, string>>;

  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
  readonly onWarning?: (warning: Warning) => void;
  /** Told what the journal is told, also where there is none: START and one of COMMIT and FAIL; and the ends that dead runs get from this one. */
  readonly onEvent?: (event: RunEvent) => void;
}

/**
 * What a fallback is for. `load`: the model cannot be read or loaded, or is refused. `contract`: the contract does not fit, or the model fails on its golden rows. `gate`: a gate
 * says so. `rows`: single rows fail at run time. `crash`: the runtime fails or takes the process with it. `deadline`: time runs out.
 */
export const FALLBACK_CAUSES = ['load', 'contract', 'gate', 'rows', 'crash', 'deadline'] as const;
export type FallbackCause = (typeof FALLBACK_CAUSES)[number];

export interface FallbackOptions {
  /** Path of an older model, or of rules. Its contract is the one beside it. */
  readonly model: string;
  /** Default: all causes. `crash` and `deadline` are told where the run is in a process of its own. */
  readonly on?: readonly FallbackCause[];
}

/** The run that failed. Plain data: START and COMMIT hold it. */
export interface InsteadOf {
  /** Its id. */
  readonly of: string;
  /** Path of its model. */
  readonly model: string;
  /** Code of its error. */
  readonly why: string;
  /** Its error in words. */
  readonly said: string;
  /** What that would have ended the command with. */
  readonly statusName: StatusName;
}

/**
 * A step of a run. `record` is what its journal line holds. `dead`: the run is not the one under way but had died, and got its end from that; `start` is its own START, null where that
 * cannot be found. Plain data.
 */
export type RunEvent = { readonly run: string; /** ISO 8601, UTC. */ readonly at: string; readonly dead?: { readonly start: StartRecord | null } } & (
  | { readonly kind: 'START'; readonly record: StartRecord; readonly columns: RunColumns | null }
  | { readonly kind: 'COMMIT'; readonly record: CommitRecord }
  | { readonly kind: 'FAIL'; readonly record: FailRecord }
  | { readonly kind: 'ABORT'; readonly record: AbortRecord }
);

/** Columns that a run reads (or copies), in the order of the input, and those that it writes; of copied columns the type is not known. */
export interface RunColumns {
  readonly input: readonly { readonly name: string; readonly type?: string }[];
  readonly output: readonly { readonly name: string; readonly type?: string }[];
}

export type Limit = RejectLimit;

export interface Progress {
  readonly rows: number;
  readonly rejected: number;
  readonly bytes: number;
  /** Undefined for pipes. */
  readonly totalBytes: number | undefined;
  /** Of this run, which may have gone on from another's checkpoint. */
  readonly seconds: number;
  /** What was done before those seconds began. */
  readonly resumed?: { readonly rows: number; readonly bytes: number };
}

/** Something that did not stop the run; deduplicated, with how often it was seen. */
export interface Warning {
  readonly code: string;
  readonly message: string;
  readonly count: number;
}

/** What a run did; the same figures stand in its journal line. */
export interface RunSummary {
  readonly runId: string;
  /** The run whose checkpoint this one went on from, and the first row that was left to score; undefined where it began at the first. */
  readonly resumed?: { readonly run: string; readonly fromRow: number };
  readonly rowsIn: number;
  readonly scored: number;
  readonly rejected: number;
  readonly rejectedByCode: Readonly<Record<string, number>>;
  /** Of the rows scored, those that the fallback scored; absent where there are none. */
  readonly byFallback?: number;
  /** Where the fallback scored all of them: in the place of which run. */
  readonly fallback?: InsteadOf;
  readonly model: { readonly path: string; readonly sha256: string };
  readonly input: string;
  readonly output: string;
  readonly rejects: string | undefined;
  readonly journal: string | undefined;
  readonly seconds: number;
  readonly warnings: readonly Warning[];
  /** How the data stands to what the model was trained on; absent where nothing is known of that. */
  readonly data?: DataSummary;
  /** What became of each gate. */
  readonly gates: readonly Verdict[];
  readonly workers: number;
  /** What else was decided before the first row, and for which machine. */
  readonly plan:
    | {
        /** What set the number of workers. */
        readonly limitedBy: 'asked' | 'input' | 'cores' | 'memory';
        /** Of each worker's session. */
        readonly threads: number;
        readonly chunkBytes: number;
        /** Rows of one call of the model. */
        readonly batchRows: number;
        /** Cores and memory that the process may use. */
        readonly machine: { readonly cores: number; readonly memoryBytes: number };
      }
    | undefined;
  readonly peakMemoryBytes: number;
  /** Columns of the output, in order. */
  readonly columns: readonly string[];
  /** Of a run that had nothing to do (`skipIfPublished`): the one that did it. */
  readonly alreadyPublished?: { readonly run: string; readonly at: string };
}

/** Of features and scores: how many were compared with the baseline of the contract, or with what the graph knows, and which of them have drifted, and of how many the rows are too few to tell; values, not rows, of all columns together. */
export interface DataSummary {
  /** `graph`: without a baseline, so that only unseen values and means could be looked at. Undefined where nothing was compared. */
  readonly against: 'baseline' | 'graph' | undefined;
  readonly compared: number;
  readonly drifted: readonly string[];
  readonly untold: number;
  readonly unseen: number;
  readonly outOfRange: number;
}

/** Codes of the warnings that say why a run is such a one. */
export const WARNED_BY: ReadonlySet<string> = new Set(['gate-failed', 'gate-not-judged', 'contract-expired', 'fallback-scored', 'rows-by-fallback']);

/** Published, but a gate that only warns does not hold, one could not be judged, the contract has expired, or not all of it is the model's: status 3. */
export function isWarned({ gates, byFallback, fallback, warnings }: Pick<RunSummary, 'gates' | 'byFallback' | 'fallback' | 'warnings'>): boolean {
  return (
    byFallback !== undefined ||
    fallback !== undefined ||
    gates.some(({ verdict }) => verdict !== 'pass') ||
    warnings.some(({ code }) => code === 'contract-expired')
  );
}
