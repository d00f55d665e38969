/** What is compared: profiles of a contract and of a run, or the part of them that it takes. */
export interface ComparedProfile {
  readonly rows: number;
  readonly columns: readonly ComparedColumn[];
  readonly scores: readonly ComparedColumn[];
}

export type ComparedColumn = { readonly name: string } & (ComparedNumbers | ComparedTexts);

export interface ComparedNumbers {
  readonly kind: 'number';
  readonly count: number;
  readonly missing: number;
  readonly mean: number | null;
  readonly deviation: number | null;
  readonly grid: { readonly bits: number; readonly cells: readonly (readonly [cell: number, count: number])[] };
  /** Every finite value is a whole number. */
  readonly whole?: boolean;
  /** The values as texts, where they are few. */
  readonly texts?: readonly (readonly [text: string, count: number])[];
}

export interface ComparedTexts {
  readonly kind: 'text';
  readonly count: number;
  readonly missing: number;
  readonly categories: readonly (readonly [text: string, count: number])[];
  readonly other: number;
}
