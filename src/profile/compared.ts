import type { NumberFigures, TextFigures } from './figures.js';

/** What is compared: profiles of a contract and of a run, or the part of them that it takes. */
export interface ComparedProfile {
  readonly rows: number;
  readonly columns: readonly ComparedColumn[];
  readonly scores: readonly ComparedColumn[];
}

export type ComparedColumn = { readonly name: string } & (ComparedNumbers | ComparedTexts);

export type ComparedNumbers = Pick<NumberFigures, 'kind' | 'count' | 'missing' | 'mean' | 'deviation' | 'grid' | 'whole' | 'texts'>;

export type ComparedTexts = Pick<TextFigures, 'kind' | 'count' | 'missing' | 'categories' | 'other'>;
