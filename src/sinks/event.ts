/*
 * What sinks are told, as far as they use it: the records of the journal (docs/journal.md) with the run that they are of. A room of its own sees the shape, not the journal. Members that
 * a run has not come to are absent; so are those that an older journal does not know.
 */

/** A number; NaN and infinities as texts, and so are whole numbers beyond 2^53. */
export type Figure = number | bigint | string;

export interface StartFacts {
  readonly versions: { readonly scoreline: string; readonly node: string; readonly runtime: string };
  /** As the run was asked. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** The user's own; `job` is the name of the job. */
  readonly labels: Readonly<Record<string, string>>;
  readonly model: { readonly path: string; readonly sha256: string | null; readonly family: string | null };
  readonly contract: { readonly path: string; readonly sha256: string } | null;
  readonly input: { readonly path: string; readonly bytes: number | null; readonly format: string | null };
  readonly output: { readonly path: string; readonly format: string | null };
  /** Of a run in the place of another one: the id of that. */
  readonly fallback?: { readonly of: string };
}

/** What became of a run, as far as it came. */
export interface EndFacts {
  readonly input?: { readonly sha256: string; readonly bytes: number; readonly rows: number };
  readonly output?: { readonly path: string; readonly sha256: string; readonly bytes: number; readonly rows: number } | null;
  readonly rejects?: { readonly path: string; readonly sha256: string; readonly bytes: number } | null;
  readonly rows?: { readonly in: number; readonly scored: number; readonly rejected: number; readonly byCode: Readonly<Record<string, number>> };
  readonly missing?: readonly { readonly column: string; readonly rows: number }[];
  readonly ranges?: readonly { readonly column: string; readonly min: Figure | null; readonly max: Figure | null }[];
  readonly predictions?: readonly { readonly column: string; readonly nonFinite: number; readonly labels: readonly { readonly label: string; readonly rows: number }[] }[];
  readonly warnings?: readonly { readonly code: string; readonly message: string; readonly count: number }[];
  readonly seconds?: Readonly<Record<string, number>>;
  readonly cpu?: { readonly user: number; readonly system: number };
  readonly peakMemoryBytes?: number;
  readonly error?: { readonly code: string; readonly status: number; readonly message: string };
  readonly profile?: ProfileFacts | null;
  readonly drift?: DriftFacts | null;
  readonly gates?: readonly GateFacts[] | null;
  readonly kpi?: readonly { readonly name: string; readonly value: Figure | null }[] | null;
  readonly fallback?: { readonly kind: string; readonly why: string; readonly rows: number } | null;
} // prettier-ignore

export interface ProfileFacts {
  readonly columns?: readonly ColumnFacts[];
}

export interface ColumnFacts {
  readonly name: string;
  readonly count?: number;
  readonly missing?: number;
  readonly unseen?: number;
  readonly outOfRange?: number;
  readonly min?: Figure | null;
  readonly max?: Figure | null;
  /** Values by `p01` … `p99`. */
  readonly quantiles?: Readonly<Record<string, Figure>> | null;
  /** Different texts. */
  readonly distinct?: number;
}

export interface DriftFacts {
  readonly columns: readonly DriftColumn[];
  readonly scores: readonly DriftColumn[];
  /** How many columns and scores have drifted. */
  readonly drifted: number;
}

export interface DriftColumn {
  readonly column: string;
  readonly psi: number | null;
}

export interface GateFacts {
  readonly name: string;
  readonly column: string | null;
  readonly value: Figure | null;
  readonly min: Figure | null;
  readonly max: Figure | null;
  readonly level: string;
  readonly verdict: string;
}

export interface Columns {
  readonly input: readonly { readonly name: string; readonly type?: string }[];
  readonly output: readonly { readonly name: string; readonly type?: string }[];
}

/** A step of a run. `dead`: of one that had died, with its START where that was found. */
export type SinkEvent = { readonly run: string; /** ISO 8601, UTC. */ readonly at: string; readonly dead?: { readonly start: StartFacts | null } } & (
  | { readonly kind: 'START'; readonly record: StartFacts; readonly columns: Columns | null }
  | { readonly kind: 'COMMIT' | 'FAIL'; readonly record: EndFacts }
  | { readonly kind: 'ABORT'; readonly record: { readonly reason: string } }
);

/** A run of a job, which has runs of inputs. */
export interface JobRun {
  readonly run: string;
  readonly job: string;
  readonly at: string;
}

/** How a run of a job ended. */
export interface JobEnd {
  readonly at: string;
  /** Exit status. */
  readonly status: number;
  /** Code and message of what stopped it or failed first; absent where nothing did. */
  readonly error?: { readonly code: string; readonly message: string };
  readonly seconds: number;
  /** Absent where it was stopped. */
  readonly inputs?: {
    readonly published: number;
    readonly failed: number;
    readonly waiting: number;
    readonly untried: number;
    readonly known: number;
  };
}
