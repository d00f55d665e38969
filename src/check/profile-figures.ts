import type { Field, Layout } from '../batch/layout.js';
import { parseNumber } from '../batch/number.js';
import type { ResultField } from '../batch/result.js';
import { float32Text } from '../batch/text.js';
import type { ColumnFigures, NumberFigures, PlainFigure, ProfileFigures, TextFigures } from '../profile/figures.js';
import type { NumberResult, Profile } from '../profile/profile.js';
import { quantilesOf } from '../profile/quantiles.js';
import { TextCounts } from '../profile/text-counts.js';
import type { RuleTally } from './rule-tally.js';
import type { Observation, ObservedResult, Spread } from './observe.js';
import { rangeAt } from './range-table.js';
import type { Range } from './range.js';

/** What the figures of some rows are taken from. */
export interface ProfileSource {
  readonly layout: Pick<Layout, 'fields'>;
  readonly results: readonly ObservedResult[];
  readonly observation: Observation;
  readonly profile: Profile;
  /** Where something was expected of a field. */
  readonly rules?: RuleTally | undefined;
  /** That were scored. */
  readonly rows: number;
}

/**
 * The profile of the rows that were scored, column by column. A missing value that became another number or text, as the contract says, is counted as missing and taken
 * out of the counts and the moments; it may still be the column's least or greatest.
 */
export function profileFigures({ layout, results, observation, profile, rules, rows }: ProfileSource): ProfileFigures {
  const fills = layout.fields.map((field, index) => fillOf(field, observation.missing[index] ?? 0));
  const columns = profile.fields(fills.map((fill) => (typeof fill?.value === 'number' ? { value: fill.value, count: fill.count } : undefined)));
  const scores = profile.results();
  return {
    rows,
    columns: columns.flatMap((column, index): ColumnFigures[] => {
      const field = layout.fields[index];
      if (field === undefined || column === undefined) return [];
      const { type } = field;
      const name = { name: field.name, ...unexpected(field, index, rules) };
      if (column instanceof TextCounts) return [{ ...name, ...textFigures(column, field, fills[index]) }];
      const missing = (fills[index]?.count ?? 0) + rows - column.rows;
      return [{ ...name, ...numberFigures(column, missing, rangeAt(observation.ranges, index), type) }];
    }),
    scores: results.flatMap(({ field, classes }, index): ColumnFigures[] => {
      const [spread, column] = [observation.results[index], scores[index]];
      if (spread === undefined) return [];
      if (classes !== undefined) return [{ name: field.name, ...labelFigures(spread, classes) }];
      return column === undefined ? [] : [{ name: field.name, ...numberFigures(column, rows - column.rows, spread, field.type) }];
    }),
  };
}

/** What was not as expected; absent where nothing was expected. */
function unexpected({ expected }: Field, index: number, rules: RuleTally | undefined): { readonly unseen?: number; readonly outOfRange?: number } {
  if (expected === undefined || rules === undefined) return {};
  const isRanged = expected.min !== undefined || expected.max !== undefined;
  return {
    ...(expected.categories === undefined ? {} : { unseen: rules.unseen[index] ?? 0 }),
    ...(isRanged ? { outOfRange: rules.outOfRange[index] ?? 0 } : {}),
  };
}

/** What became of a column's missing values, where that is a value like others. */
interface Fill {
  readonly value: number | string;
  readonly count: number;
}

function fillOf({ type, onMissing }: Field, count: number): Fill | undefined {
  if (onMissing.kind !== 'value' || count === 0) return undefined;
  if (type === 'string') return { value: onMissing.text, count };
  const value = parseNumber(onMissing.text);
  if (value === undefined) return undefined; // a boolean's word, or NaN
  return { value: type === 'float32' ? Math.fround(value) : value, count };
}

function numberFigures({ count, grid, moments, whole }: NumberResult, missing: number, range: Range, type: ResultField['type']): NumberFigures {
  const bounds = range.count === 0 ? undefined : { min: Number(range.min), max: Number(range.max) };
  return {
    kind: 'number',
    count,
    missing,
    mean: moments?.mean ?? null,
    deviation: moments?.deviation ?? null,
    min: bounds === undefined ? null : plainFigure(range.min, type),
    max: bounds === undefined ? null : plainFigure(range.max, type),
    quantiles: quantilesOf(grid, bounds, whole) ?? null,
    grid,
    ...(whole ? { whole } : {}),
  };
}

function plainFigure(value: number | bigint, type: ResultField['type']): PlainFigure {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  return type === 'float32' ? Number(float32Text(value)) : value;
}

/** What the model takes an empty text for: a missing one. */
function textFigures(column: TextCounts, { onMissing }: Field, fill: Fill | undefined): TextFigures {
  const { total, distinct, isExact, counts } = column.result();
  const gone = onMissing.kind === 'empty' ? '' : fill?.value;
  const inPlace = counts.find(([text]) => text === gone)?.[1] ?? 0;
  const missing = onMissing.kind === 'empty' ? inPlace : Math.min(fill?.count ?? 0, inPlace);
  const categories = counts.map(([text, count]) => [text, text === gone ? count - missing : count] as const).filter(([, count]) => count > 0);
  categories.sort(byCount);
  const listed = categories.reduce((sum, [, count]) => sum + count, 0);
  return {
    kind: 'text',
    count: total - missing,
    missing,
    distinct: distinct - (counts.length - categories.length),
    categories,
    other: total - missing - listed,
    isExact,
  };
}

function labelFigures({ labels }: Spread, classes: readonly string[]): TextFigures {
  const categories = classes.map((label, index) => [label, labels[index] ?? 0] as const).filter(([, count]) => count > 0);
  const other = labels[classes.length] ?? 0;
  const count = labels.reduce((sum, rows) => sum + rows, 0);
  return { kind: 'text', count, missing: 0, distinct: categories.length, categories: categories.sort(byCount), other, isExact: other === 0 };
}

function byCount([a, many]: readonly [string, number], [b, more]: readonly [string, number]): number {
  return more - many || (a < b ? -1 : a > b ? 1 : 0);
}
