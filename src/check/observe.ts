import type { Batch } from '../batch/batch.js';
import { isFloat, isInteger } from '../batch/element.js';
import { float16Value } from '../batch/float16.js';
import type { Layout } from '../batch/layout.js';
import type { ResultColumn, ResultField } from '../batch/result.js';

/** Smallest and largest finite value that a numeric column had among the scored rows; `count` of them. */
export interface Range {
  count: number;
  /** Exact for whole numbers of 64 bits, too. Infinity and -Infinity where there is none. */
  min: number | bigint;
  max: number | bigint;
}

/** How the values of one result column were spread: class labels by count, other numbers by range. */
export interface Spread extends Range {
  /** NaN and infinities; 0 for labels. */
  nonFinite: number;
  /** By class of `ObservedResult.classes`; one more at the end for labels that are none of them. Empty for what is no label. */
  readonly labels: number[];
}

/** A result column, and for a label the class names that it may take: only these reach the journal, never free text. */
export interface ObservedResult {
  readonly field: ResultField;
  readonly classes: readonly string[] | undefined;
}

/** What was seen in some rows. Merging is exact, so that neither chunk size nor workers change it. Plain data: it crosses from worker to main. */
export interface Observation {
  /** By field of the layout. */
  readonly missing: number[];
  /** By field of the layout; count 0 for strings. */
  readonly ranges: Range[];
  /** By result column. */
  readonly results: Spread[];
}

export function emptyObservation(layout: Layout, results: readonly ObservedResult[]): Observation {
  return {
    missing: layout.fields.map(() => 0),
    ranges: layout.fields.map(emptyRange),
    results: results.map(({ classes }) => ({
      ...emptyRange(),
      nonFinite: 0,
      labels: classes === undefined ? [] : new Array<number>(classes.length + 1).fill(0),
    })),
  };
}

/** Looks at the scored rows of a batch: its tensors as the model saw them, and what came out. One pass a column; `columns` matches `results`. */
export function observe(batch: Batch, columns: readonly ResultColumn[], results: readonly ObservedResult[]): Observation {
  const live = liveRows(batch);
  const seen = emptyObservation(batch.layout, results);
  batch.layout.fields.forEach((field, index) => {
    seen.missing[index] = batch.missing[index] ?? 0;
    const tensor = batch.tensors[field.tensor];
    const range = seen.ranges[index];
    if (tensor === undefined || range === undefined || !(isFloat(field.type) || isInteger(field.type))) return; // codes of texts are no numbers
    measure(tensor.values as ArrayLike<number | bigint>, live, tensor.width, field.at, tensor.type === 'float16', range);
  });
  columns.forEach((column, index) => {
    const spread = seen.results[index];
    const classes = results[index]?.classes;
    if (spread === undefined) return;
    if (classes !== undefined) countLabels(column, live, classes, spread.labels);
    else if (isFloat(column.field.type) || isInteger(column.field.type)) {
      spread.nonFinite = live.length - measure(column.values as ArrayLike<number | bigint>, live, 1, 0, column.field.type === 'float16', spread);
    }
  });
  return seen;
}

/** Adds `other` to `into`. */
export function mergeObservation(into: Observation, other: Observation): void {
  other.missing.forEach((count, index) => (into.missing[index] = (into.missing[index] ?? 0) + count));
  other.ranges.forEach((range, index) => mergeRange(into.ranges[index], range));
  other.results.forEach((spread, index) => {
    const target = into.results[index];
    if (target === undefined) return;
    mergeRange(target, spread);
    target.nonFinite += spread.nonFinite;
    spread.labels.forEach((count, label) => (target.labels[label] = (target.labels[label] ?? 0) + count));
  });
}

/** Tensor rows that stand for scored records; rows that the runtime rejected are left out. */
function liveRows(batch: Batch): Uint32Array {
  const live = new Uint32Array(batch.rows);
  let count = 0;
  for (let record = 0; record < batch.records; record++) {
    const row = batch.slots[record] ?? -1;
    if (row >= 0) live[count++] = row;
  }
  return live.subarray(0, count);
}

/** Widens `range` by the finite values; gives how many there were. */
function measure(values: ArrayLike<number | bigint>, rows: Uint32Array, width: number, at: number, half: boolean, range: Range): number {
  if (values instanceof BigInt64Array || values instanceof BigUint64Array) return measureBig(values, rows, width, at, range);
  let [min, max] = [Infinity, -Infinity];
  let count = 0;
  for (let i = 0; i < rows.length; i++) {
    const raw = (values as ArrayLike<number>)[(rows[i] ?? 0) * width + at] ?? NaN;
    const value = half ? float16Value(raw) : raw;
    if (value - value !== 0) continue; // NaN and infinities: the difference is NaN
    count++;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  mergeRange(range, { count, min, max });
  return count;
}

function measureBig(values: BigInt64Array | BigUint64Array, rows: Uint32Array, width: number, at: number, range: Range): number {
  let [min, max]: [number | bigint, number | bigint] = [Infinity, -Infinity];
  for (let i = 0; i < rows.length; i++) {
    const value = values[(rows[i] ?? 0) * width + at] ?? 0n;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  mergeRange(range, { count: rows.length, min, max });
  return rows.length;
}

function countLabels(column: ResultColumn, rows: Uint32Array, classes: readonly string[], labels: number[]): void {
  const indexOf = new Map(classes.map((label, index) => [label, index]));
  const counts = new Map<string | number | bigint, number>();
  for (const row of rows) {
    const value = column.values[row] ?? '';
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  for (const [value, count] of counts) {
    const index = indexOf.get(String(value)) ?? classes.length;
    labels[index] = (labels[index] ?? 0) + count;
  }
}

function emptyRange(): Range {
  return { count: 0, min: Infinity, max: -Infinity };
}

function mergeRange(into: Range | undefined, other: Range): void {
  if (into === undefined) return;
  into.count += other.count;
  if (other.min < into.min) into.min = other.min;
  if (other.max > into.max) into.max = other.max;
}
