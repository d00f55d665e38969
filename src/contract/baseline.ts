import type { NumberFigures, TextFigures } from '../profile/figures.js';

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

export type BaselineColumn = { readonly name: string } & (NumberFigures | TextFigures);
