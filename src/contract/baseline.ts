import type { TextFigures } from '../profile/figures.js';

/**
 * The profile of the data that a model was made on: rows, features, and the model's scores. The same figures that a run takes of its input, so that the two can
 * be compared.
 */
export interface Baseline {
  /** When it was taken: an instant in UTC. */
  readonly at: string;
  readonly source?: { readonly name?: string; readonly sha256?: string };
  readonly rows: number;
  readonly columns: readonly BaselineColumn[];
  /** Result columns: numbers, labels as texts. */
  readonly scores: readonly BaselineColumn[];
}

export type BaselineColumn = { readonly name: string } & (NumberBaseline | TextFigures);

export interface NumberBaseline {
  readonly kind: 'number';
  /** Values that are not missing, infinities among them. */
  readonly count: number;
  readonly missing: number;
  readonly mean: number | null;
  /** Of the population. */
  readonly deviation: number | null;
  /** Infinities as `inf` and `-inf`, a whole number beyond 2^53 as its digits. */
  readonly min: number | string | null;
  readonly max: number | string | null;
  readonly quantiles: Readonly<Record<(typeof QUANTILES)[number], number | string>> | null;
  /** Values by cell of a grid on their binary floating-point form, in ascending order; `bits` of the mantissa make a cell. */
  readonly grid: { readonly bits: number; readonly cells: readonly (readonly [cell: number, count: number])[] };
  /** Every finite value is a whole number. */
  readonly whole?: boolean;
  /** The values as they are written, where they are few: what a model that takes them as texts is compared with. */
  readonly texts?: readonly (readonly [text: string, count: number])[];
}

export const QUANTILES = ['p01', 'p05', 'p25', 'p50', 'p75', 'p95', 'p99'] as const;
