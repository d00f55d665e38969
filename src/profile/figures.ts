/** A finite number, or a text for what JSON has no number for: `inf`, `-inf`, the digits of a whole number beyond 2^53. */
export type PlainFigure = number | string;

/** What is known of one column, as JSON keeps it: in a contract's baseline, and of a run. */
export type ColumnFigures = { readonly name: string; readonly unseen?: number; readonly outOfRange?: number } & (NumberFigures | TextFigures);

export interface NumberFigures {
  readonly kind: 'number';
  /** Values that are not missing, infinities among them. */
  readonly count: number;
  readonly missing: number;
  /** Over the finite values, each rounded once from its exact value; null where there is none. The deviation is that of the population. */
  readonly mean: number | null;
  readonly deviation: number | null;
  readonly min: PlainFigure | null;
  readonly max: PlainFigure | null;
  readonly quantiles: Quantiles | null;
  readonly grid: GridFigures;
  /** Every finite value is a whole number: see whole.ts. */
  readonly whole?: boolean;
  /** The values as they are written, where they are few: what a model that takes them as texts is compared with. */
  readonly texts?: readonly (readonly [text: string, count: number])[];
}

/** How many values fell into which cell: see grid.ts. Cells in order, none of them empty. */
export interface GridFigures {
  readonly bits: number;
  readonly cells: readonly (readonly [cell: number, count: number])[];
}

export const QUANTILES = { p01: 0.01, p05: 0.05, p25: 0.25, p50: 0.5, p75: 0.75, p95: 0.95, p99: 0.99 } as const;

/** See quantiles.ts for their error; infinities as `inf` and `-inf`. */
export type Quantiles = Readonly<Record<keyof typeof QUANTILES, PlainFigure>>;

export interface TextFigures {
  readonly kind: 'text';
  readonly count: number;
  readonly missing: number;
  /** Exact as long as `isExact`, else an estimate with a standard error of 1%. */
  readonly distinct: number;
  /** By count, most first, then by text. Each count is exact. */
  readonly categories: readonly (readonly [text: string, count: number])[];
  /** Values with texts that are not listed. */
  readonly other: number;
  /** Every text is listed. */
  readonly isExact?: boolean;
}

/** What is known of some rows. `scores` are the columns that the model gave: numbers, and labels as texts. */
export interface ProfileFigures {
  readonly rows: number;
  readonly columns: readonly ColumnFigures[];
  readonly scores: readonly ColumnFigures[];
}
