import type { ColumnEvidence } from './column-evidence.js';
import type { ColumnFigures, NumberFigures, TextFigures } from './figures.js';
import { cellOf, FINEST, isInfinite } from './grid.js';
import type { NumberResult } from './profile.js';
import { quantilesOf } from './quantiles.js';

/** `nothing`: every value is missing. */
export type InferredType = 'number' | 'integer' | 'boolean' | 'date' | 'datetime' | 'string' | 'nothing';

/** A column whose type was told from its values. */
export interface InferredColumn {
  readonly type: InferredType;
  readonly figures: ColumnFigures;
  /** Values of a column of numbers that are none, and count as missing. */
  readonly invalid: number;
  /** Its whole numbers rise, or fall, from each row to the next: a number of rows, not a feature. */
  readonly isKey: boolean;
}

/** What a source says of a column before its values are seen: any type; numbers alone; texts, whatever they look like. */
export type DeclaredType = 'any' | 'number' | 'text';

/** Texts among the numbers of a column, at most: more of them make it a column of texts. */
const MOST_INVALID = 0.01;
/** Fewer rows in order are chance. */
const LEAST_KEYS = 100;
/** Distinct numbers that are kept as texts, too: the categories of a model that takes them as such. */
const MOST_CODES = 50;

/**
 * The type of a column, by all of its values and nothing else, so that neither order nor cut of the rows matters:
 * no value: `nothing`; numbers, perhaps with 1% of other texts among them: `integer` where each is whole, else `number`; `true` and `false`: `boolean`; dates alone: `date`, instants alone: `datetime`;
 * everything else, whole numbers behind zeros (`007`) with it: `string`. Pure.
 */
export function inferColumn(name: string, rows: number, evidence: ColumnEvidence, numbers: NumberResult, declared: DeclaredType): InferredColumn {
  const type = declared === 'text' ? 'string' : typeOf(evidence, declared === 'number');
  const invalid = type === 'number' || type === 'integer' ? textsOf(evidence) : 0;
  const made = { type, invalid, isKey: false };
  switch (type) {
    case 'number':
    case 'integer':
    case 'nothing':
      return { ...made, figures: { name, ...numberFigures(evidence, numbers, rows) }, isKey: type === 'integer' && isKey(evidence, rows) };
    case 'boolean':
      return { ...made, figures: { name, ...booleanFigures(evidence, rows) } };
    default:
      return { ...made, figures: { name, ...textFigures(evidence, numbers) } };
  }
}

/** Texts that are neither numbers nor words for missing ones. */
function textsOf({ texts, words }: ColumnEvidence): number {
  return texts.rows - words;
}

function typeOf(evidence: ColumnEvidence, areNumbers: boolean): InferredType {
  const { numbers, fractions, padded, booleans, dates, times, words } = evidence;
  const texts = textsOf(evidence);
  if (numbers + texts === 0) return 'nothing';
  if (areNumbers || (padded === 0 && texts <= MOST_INVALID * (numbers + texts))) return fractions === 0 ? 'integer' : 'number';
  if (numbers > 0) return 'string';
  if (booleans === texts) return 'boolean';
  if (words > 0) return 'string';
  if (dates === texts) return 'date';
  return times === texts ? 'datetime' : 'string';
}

function isKey({ order, numbers }: ColumnEvidence, rows: number): boolean {
  return numbers === rows && rows >= LEAST_KEYS && (order.rises || order.falls);
}

function numberFigures(evidence: ColumnEvidence, { count, grid, moments }: NumberResult, rows: number): NumberFigures {
  const { min, max, fractions, words } = evidence;
  const bounds = min <= max ? { min, max } : undefined;
  const whole = bounds !== undefined && fractions === rowsAtInfinity(grid);
  const texts = words === 0 && textsOf(evidence) === 0 ? codesOf(evidence, count) : undefined;
  return {
    kind: 'number',
    count,
    missing: rows - count,
    mean: moments?.mean ?? null,
    deviation: moments?.deviation ?? null,
    min: bounds?.min ?? null,
    max: bounds?.max ?? null,
    quantiles: quantilesOf(grid, bounds, whole) ?? null,
    grid,
    ...(whole ? { whole } : {}),
    ...(texts === undefined ? {} : { texts }),
  };
}

function rowsAtInfinity({ bits, cells }: NumberFigures['grid']): number {
  return cells.reduce((sum, [cell, rows]) => (isInfinite(cell, bits) ? sum + rows : sum), 0);
}

/** The numbers as texts, where they are few and come again. */
function codesOf(evidence: ColumnEvidence, count: number): NumberFigures['texts'] {
  const known = evidence.knownNumbers();
  return known === undefined || known.length === 0 || known.length > MOST_CODES || known.length * 2 > count ? undefined : [...known].sort(byCount);
}

function booleanFigures({ texts, words }: ColumnEvidence, rows: number): NumberFigures {
  const counts = texts.result().counts.filter(([text]) => isBoolean(text));
  const count = counts.reduce((sum, [, each]) => sum + each, 0);
  const ones = counts.reduce((sum, [text, each]) => (text.trim().toLowerCase() === 'true' ? sum + each : sum), 0);
  const share = ones / count;
  const grid = { bits: FINEST, cells: ([[0, count - ones], [cellOf(1, FINEST), ones]] as const).filter(([, each]) => each > 0) }; // prettier-ignore
  const bounds = { min: ones === count ? 1 : 0, max: ones > 0 ? 1 : 0 };
  return {
    kind: 'number',
    count,
    missing: rows - count,
    mean: share,
    deviation: Math.sqrt(share * (1 - share)),
    ...bounds,
    quantiles: quantilesOf(grid, bounds, true) ?? null,
    grid,
    whole: true,
    ...(words === 0 ? { texts: counts } : {}),
  };
}

/** Is this a word for a truth value? */
export function isBoolean(text: string): boolean {
  return /^[ \t]*(?:true|false)[ \t]*$/i.test(text);
}

/** Of numbers that are not known one by one there are at least as many as cells. */
function textFigures(evidence: ColumnEvidence, numbers: NumberResult): TextFigures {
  const { rows: total, distinct, isExact, counts } = evidence.texts.result();
  const known = evidence.knownNumbers();
  const all = [...counts, ...(known ?? [])].sort(byCount);
  const listed = all.reduce((sum, [, count]) => sum + count, 0);
  return {
    kind: 'text',
    count: total + evidence.numbers,
    missing: evidence.empty,
    distinct: distinct + (known ?? numbers.grid.cells).length,
    categories: all,
    other: total + evidence.numbers - listed,
    isExact: isExact && known !== undefined,
  };
}

function byCount([a, many]: readonly [string, number], [b, more]: readonly [string, number]): number {
  return more - many || (a < b ? -1 : a > b ? 1 : 0);
}
