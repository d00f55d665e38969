import type { ColumnDrift, DriftFigures } from '../profile/drift.js';
import type { JournalColumn, JournalProfile } from '../profile/journal-profile.js';

/** What a report is made from: one run that ended, as its journal has it. Whatever a run of an older version, or one that failed early, does not tell is absent. */
export interface ReportRun {
  readonly id: string;
  readonly status: 'committed' | 'failed' | 'aborted';
  /** Milliseconds since 1970. */
  readonly startedMs: number;
  readonly endedMs: number;
  /** Path of the file that holds its end. */
  readonly journal: string;
  readonly checkpoints: number;
  readonly start: StartFacts | undefined;
  /** Of a run that failed. */
  readonly error: ErrorFacts | undefined;
  /** Why a later run closed this one. */
  readonly aborted: 'died' | 'rebooted' | undefined;
  readonly figures: RunFacts;
}

export interface StartFacts {
  readonly versions: { readonly scoreline: string; readonly node: string; readonly runtime: string };
  readonly labels: Readonly<Record<string, string>>;
  readonly model: { readonly path: string; readonly sha256: string | null; readonly bytes: number | null; readonly producer: string | null; readonly family: string | null };
  readonly contract: { readonly path: string; readonly sha256: string } | null;
  readonly input: { readonly path: string; readonly bytes: number | null; readonly format: string | null };
  readonly output: { readonly path: string; readonly format: string | null };
  readonly plan: { readonly workers: number; readonly threads: number; readonly chunkBytes: number; readonly batchRows: number; readonly machine?: { readonly cores: number; readonly memoryBytes: number } } | null;
  readonly resumes?: string;
} // prettier-ignore

export interface ErrorFacts {
  readonly code: string;
  readonly status: number;
  readonly message: string;
  readonly place: { readonly file?: string; readonly row?: number; readonly line?: number; readonly column?: string; readonly byte?: number };
}

type Figure = number | bigint | string;
type RowsByColumn = readonly { readonly column: string; readonly rows: number }[];

/** Figures of a run; shares are not kept, counts are. */
export interface RunFacts {
  readonly input?: { readonly sha256: string; readonly bytes: number; readonly rows: number };
  readonly output?: { readonly path: string; readonly sha256: string; readonly bytes: number; readonly rows: number } | null;
  readonly rejects?: { readonly path: string; readonly sha256: string; readonly bytes: number } | null;
  readonly withheld?: { readonly path: string; readonly sha256: string; readonly bytes: number; readonly rows: number };
  readonly rows?: {
    readonly in: number;
    readonly scored: number;
    readonly rejected: number;
    readonly byColumn: readonly { readonly column: string | null; readonly code: string; readonly rows: number }[];
    readonly byFallback?: number;
  };
  readonly missing?: RowsByColumn;
  /** `distinct` is an estimate unless `isExact`, and rows of values are at most `error` too low; older journals have none of them. */
  readonly unseen?: readonly { readonly column: string; readonly rows: number; readonly distinct?: number; readonly isExact?: boolean; readonly error?: number; readonly values: readonly { readonly value: string; readonly rows: number }[] }[];
  readonly outOfRange?: RowsByColumn;
  readonly wrongType?: RowsByColumn;
  readonly required?: RowsByColumn;
  readonly predictions?: readonly { readonly column: string; readonly count: number; readonly nonFinite: number; readonly min: Figure | null; readonly max: Figure | null; readonly labels: readonly { readonly label: string; readonly rows: number }[] }[];
  readonly warnings?: readonly { readonly code: string; readonly message: string; readonly count: number }[];
  readonly profile?: JournalProfile;
  readonly drift?: DriftFigures;
  readonly gates?: readonly GateFacts[];
  readonly kpi?: readonly { readonly name: string; readonly value: number | null }[];
  readonly fallback?: { readonly kind: string; readonly why: string; readonly rows: number } | null;
  readonly seconds?: { readonly total: number; readonly read: number; readonly decode: number; readonly check: number; readonly score: number; readonly encode: number; readonly write: number };
  readonly cpu?: { readonly user: number; readonly system: number };
  readonly peakMemoryBytes?: number;
} // prettier-ignore

/** `min` and `max` are the limits, inclusive; a gate has at least one of them. */
export interface GateFacts {
  readonly name: string;
  readonly column: string | null;
  readonly value: number | null;
  readonly min?: number | null;
  readonly max?: number | null;
  readonly level: string;
  readonly verdict: string;
}

export type { ColumnDrift, DriftFigures, JournalColumn };
