import type { Batch } from '../batch/batch.js';
import { isFloat, isInteger } from '../batch/element.js';
import type { Layout } from '../batch/layout.js';
import type { ResultColumn, ResultField } from '../batch/result.js';
import { countLabels } from './labels.js';
import type { ProfileDelta, Profiler } from '../profile/profiler.js';
import { emptyTable, measureFields, mergeTable, rangeAt, type RangeTable } from './range-table.js';
import type { KpiCounts } from './kpi.js';
import type { RuleCounts } from './row-rules.js';
import { emptyRange, measure, mergeRange, type Range, type Rows } from './range.js';

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
  readonly missing: Float64Array;
  readonly ranges: RangeTable;
  /** By result column. */
  readonly results: Spread[];
  /** Of one chunk alone, where columns are profiled: it is merged by the profile of the run, not here. */
  readonly profile?: ProfileDelta;
  /** Of one chunk alone, where something is expected of a field. */
  readonly rules?: RuleCounts;
  /** Of one chunk alone, where the contract has business figures. */
  readonly kpis?: KpiCounts;
}

export function emptyObservation(layout: Layout, results: readonly ObservedResult[]): Observation {
  return {
    missing: new Float64Array(layout.fields.length),
    ranges: emptyTable(layout),
    results: results.map(({ classes }) => ({
      ...emptyRange(),
      nonFinite: 0,
      labels: classes === undefined ? [] : new Array<number>(classes.length + 1).fill(0),
    })),
  };
}

/** Looks at the scored rows of a batch: its tensors as they came in, and what came out. `columns` matches `results`. */
export function observe(batch: Batch, columns: readonly ResultColumn[], results: readonly ObservedResult[], profiler?: Profiler): Observation {
  const rows = liveRows(batch);
  const seen = emptyObservation(batch.layout, results);
  seen.missing.set(batch.missing);
  measureFields(batch, rows, seen.ranges, profiler);
  columns.forEach(({ field, values }, index) => {
    const spread = seen.results[index];
    const classes = results[index]?.classes;
    if (spread === undefined) return;
    if (classes !== undefined) countLabels(values, rows, classes, spread.labels);
    else if (isFloat(field.type) || isInteger(field.type)) {
      measure({ type: field.type, width: 1, values }, rows, 0, spread);
      spread.nonFinite = rows.length - spread.count;
    }
  });
  if (profiler === undefined) return seen;
  const known = { field: (index: number): Range => rangeAt(seen.ranges, index), result: (index: number): Range | undefined => seen.results[index] };
  return { ...seen, profile: profiler.take(batch, rows, columns, known) };
}

/** Adds `other` to `into`. */
export function mergeObservation(into: Observation, other: Observation): void {
  for (let field = 0; field < into.missing.length; field++) into.missing[field] = (into.missing[field] as number) + (other.missing[field] as number);
  mergeTable(into.ranges, other.ranges);
  other.results.forEach((spread, index) => {
    const target = into.results[index];
    if (target === undefined) return;
    mergeRange(target, spread);
    target.nonFinite += spread.nonFinite;
    spread.labels.forEach((count, label) => (target.labels[label] = (target.labels[label] ?? 0) + count));
  });
}

/** Tensor rows that stand for scored records; rows that the runtime rejected are left out. */
export function liveRows(batch: Batch): Rows {
  if (batch.isWhole) return { length: batch.rows, picks: undefined };
  const live = new Uint32Array(batch.rows);
  let length = 0;
  for (let record = 0; record < batch.records; record++) {
    const row = batch.slots[record] as number;
    if (row >= 0) live[length++] = row;
  }
  return { length, picks: length === batch.rows ? undefined : live.subarray(0, length) };
}
