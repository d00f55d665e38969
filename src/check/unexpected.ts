import { createHash } from 'node:crypto';
import type { Layout } from '../batch/layout.js';
import type { RuleTally } from './rule-tally.js';

/** How values that the model has never seen stand in the journal: as they are, as digests that can be compared and not read, or not at all. */
export type JournalValues = 'plain' | 'hashed' | 'none';

/** Values of a column that are no category of it, among the rows scored. */
export interface UnseenFigures {
  readonly column: string;
  readonly rows: number;
  /** The most frequent. Empty where values are not to be told. */
  readonly values: readonly { readonly value: string; readonly rows: number }[];
}

/** Numbers of a column outside its range, among the rows scored. */
export interface OutOfRangeFigures {
  readonly column: string;
  readonly rows: number;
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
  tally: RuleTally,
  values: JournalValues,
): { readonly unseen?: readonly UnseenFigures[]; readonly outOfRange?: readonly OutOfRangeFigures[] } {
  const columns = new Map(fields.map(({ name, expected }, index) => [name, { column: name, index, expected }] as const).reverse());
  const known = [...columns.values()].reverse();
  const listed = known.filter(({ expected }) => expected?.categories !== undefined);
  const ranged = known.filter(({ expected }) => expected?.min !== undefined || expected?.max !== undefined);
  return {
    ...(listed.length === 0
      ? {}
      : { unseen: listed.map(({ column, index }) => unseenIn(column, index, tally, values)).filter(({ rows }) => rows > 0) }),
    ...(ranged.length === 0
      ? {}
      : { outOfRange: ranged.map(({ column, index }) => ({ column, rows: tally.outOfRange[index] ?? 0 })).filter(({ rows }) => rows > 0) }),
  };
}

function unseenIn(column: string, field: number, tally: RuleTally, values: JournalValues): UnseenFigures {
  return { column, rows: tally.unseen[field] ?? 0, values: values === 'none' ? [] : told(tally, field, values) };
}

function told(tally: RuleTally, field: number, values: Exclude<JournalValues, 'none'>): UnseenFigures['values'] {
  return tally.textsOf(field).slice(0, MOST_VALUES).map(([text, rows]) => ({ value: values === 'hashed' ? hashed(text) : shortened(text), rows })); // prettier-ignore
}

/** Equal values have equal digests; who knows a value can find it, who does not cannot read it where there are many that it might be. */
function hashed(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex').slice(0, DIGITS)}`;
}

function shortened(text: string): string {
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text;
}
