/** What a column or an output of rules holds. */
export type ValueKind = 'number' | 'text';

export interface RuleColumn {
  /** What conditions call it. */
  readonly name: string;
  /** The column of the data. */
  readonly column: string;
  readonly kind: ValueKind;
}

/** A file of rules as read: what a row is judged by, and what it is given. */
export interface RuleSet {
  readonly columns: readonly RuleColumn[];
  /** At least one. */
  readonly outputs: readonly { readonly name: string; readonly kind: ValueKind }[];
  /** The first whose condition holds gives the values; the last one has none. */
  readonly rules: readonly Rule[];
}

export interface Rule {
  /** In CEL; undefined: always. */
  readonly when: string | undefined;
  /** By output, in the order of the outputs. */
  readonly then: readonly (number | string)[];
}
