/** How far a run is from what it was compared with. Plain data; part of the journal. */
export interface DriftFigures {
  /** The contract's baseline, or what the model's graph knows of its training data. */
  readonly against: 'baseline' | 'graph';
  /** The share of runs, at most, that would be called drifted in any column although they are drawn from the same data. */
  readonly alpha: number;
  readonly rows: { readonly baseline: number; readonly run: number };
  readonly columns: readonly ColumnDrift[];
  /** Prediction drift: the same of the columns that the model gave. */
  readonly scores: readonly ColumnDrift[];
  /** Columns and scores whose verdict is drift. */
  readonly drifted: number;
  /** The largest. */
  readonly psi: number | null;
}

/** null is what cannot be said of such a column. */
export interface ColumnDrift {
  readonly column: string;
  /** Population stability index. */
  readonly psi: number | null;
  /** Jensen-Shannon divergence in bits, 0 ... 1. */
  readonly js: number | null;
  /** Kolmogorov-Smirnov distance at the edges of cells; the distance over all values is at least that, and greater by at most `ksError`. */
  readonly ks: number | null;
  readonly ksError: number | null;
  /** Shares of the rows. */
  readonly missing: Shares | null;
  /** Shares of the values with a text that the baseline does not have. */
  readonly unseen: Shares | null;
  /** `standardised`: the difference, in deviations of the baseline. */
  readonly mean: (Shares & { readonly standardised: number }) | null;
  readonly verdict: 'same' | 'drift' | 'too-few-rows';
  readonly because: readonly Reason[];
}

export type Reason = 'psi' | 'ks' | 'missing' | 'unseen' | 'mean';

interface Shares {
  readonly baseline: number;
  readonly run: number;
}
