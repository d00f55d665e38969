import { createHash } from 'node:crypto';
import type { Layout } from '../batch/layout.js';
import type { RuleTally } from './rule-tally.js';

/** How values that the model has never seen stand in the journal: as they are, as digests that can be compared and not read, or not at all. */
export type JournalValues = 'plain' | 'hashed' | 'none';

/** Values of a column that are no category of it, among the rows scored. */
export interface UnseenFigures {
  readonly column: string;
  readonly rows: number;
  /** Distinct ones: exact where `isExact`, else an estimate with a standard error of 0.8%. */
  readonly distinct: number;
  /** Every value was counted exactly. */
  readonly isExact: boolean;
  /** The rows of a value are at most so many too low, and a value that is not listed has at most so many more than the last one listed. 0 where `isExact`. */
  readonly error: number;
  /** The most frequent. Empty where values are not to be told. */
  readonly values: readonly { readonly value: string; readonly rows: number }[];
}

/** Values of a column that are not as expected, among the rows scored: outside its range, of another type, missing although it is required. */
export interface RowsOfColumn {
  readonly column: string;
  readonly rows: number;
}

/** By what is wrong; absent where nothing of the kind is expected of any column. */
export interface UnexpectedFigures {
  readonly unseen?: readonly UnseenFigures[];
  readonly outOfRange?: readonly RowsOfColumn[];
  readonly wrongType?: readonly RowsOfColumn[];
  readonly required?: readonly RowsOfColumn[];
}

const MOST_VALUES = 20;
/** Of a value as it is; longer ones are cut. */
const LONGEST_VALUE = 200;
const DIGITS = 16;

/**
 * What was not as expected, by column; columns where all was are left out, and so is the list for what is not known of any column: categories, ranges. A column that feeds two inputs
 * is told once.
 */
export function unexpectedFigures(
  { fields }: Layout,
  { rules, missing }: { readonly rules: RuleTally | undefined; readonly missing: Float64Array },
  values: JournalValues,
): UnexpectedFigures {
  const columns = new Map(fields.map((field, index) => [field.name, { ...field, index }] as const).reverse());
  const known = [...columns.values()].reverse();
  const rowsOf = (among: readonly (typeof known)[number][], counts: Float64Array | undefined): readonly RowsOfColumn[] | undefined =>
    counts === undefined || among.length === 0 ? undefined : among.map(({ name, index }) => ({ column: name, rows: counts[index] ?? 0 })).filter(({ rows }) => rows > 0);
  const listed = known.filter(({ expected }) => expected?.categories !== undefined);
  const figures: { readonly [K in keyof UnexpectedFigures]: UnexpectedFigures[K] | undefined } = {
    unseen: rules === undefined || listed.length === 0 ? undefined : listed.map(({ name, index }) => unseenIn(name, index, rules, values)).filter(({ rows }) => rows > 0),
    outOfRange: rowsOf(known.filter(({ expected }) => expected?.min !== undefined || expected?.max !== undefined), rules?.outOfRange),
    wrongType: rowsOf(known.filter(({ expected }) => expected?.type !== undefined), rules?.wrongType),
    required: rowsOf(known.filter(({ isRequired }) => isRequired === true), missing),
  };
  return Object.fromEntries(Object.entries(figures).filter(([, found]) => found !== undefined));
} // prettier-ignore

function unseenIn(column: string, field: number, tally: RuleTally, values: JournalValues): UnseenFigures {
  const { distinct, isExact, error, counts } = tally.textsOf(field);
  const told = values === 'none' ? [] : counts.slice(0, MOST_VALUES);
  return {
    column,
    rows: tally.unseen[field] ?? 0,
    distinct,
    isExact,
    error,
    values: told.map(([text, rows]) => ({ value: values === 'hashed' ? hashed(text) : shortened(text), rows })),
  };
}

/** Equal values have equal digests; who knows a value can find it, who does not cannot read it where there are many that it might be. */
function hashed(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex').slice(0, DIGITS)}`;
}

function shortened(text: string): string {
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text;
}
