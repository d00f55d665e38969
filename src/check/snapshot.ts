import type { Observation, Spread } from './observe.js';
import type { Range } from './range.js';

/** A number as JSON keeps it exactly; one that JSON has no number for as a text: `Infinity`, `NaN`, `-0`, and `12n` for a whole number of 64 bits. */
export type PlainNumber = number | string;

type PlainRange = readonly [count: number, min: PlainNumber, max: PlainNumber];

/** An observation that JSON can hold, and give back bit by bit. By field and by result column, as there. */
export interface ObservationSnapshot {
  readonly missing: readonly number[];
  readonly ranges: readonly PlainRange[];
  /** Fields of whole numbers of 64 bits. */
  readonly wide: readonly (readonly [field: number, range: PlainRange])[];
  readonly results: readonly { readonly range: PlainRange; readonly nonFinite: number; readonly labels: readonly number[] }[];
}

export function snapshotObservation({ missing, ranges, results }: Observation): ObservationSnapshot {
  const { count, min, max, wide } = ranges;
  return {
    missing: [...missing],
    ranges: Array.from(count, (values, field) => packRange({ count: values, min: min[field] ?? Infinity, max: max[field] ?? -Infinity })),
    wide: [...wide].map(([field, range]) => [field, packRange(range)]),
    results: results.map((spread) => ({ range: packRange(spread), nonFinite: spread.nonFinite, labels: [...spread.labels] })),
  };
}

/** The observation that a snapshot was taken of. */
export function restoreObservation(snapshot: ObservationSnapshot): Observation {
  const ranges = snapshot.ranges.map(unpackRange);
  return {
    missing: Float64Array.from(snapshot.missing),
    ranges: {
      count: Float64Array.from(ranges, ({ count }) => count),
      min: Float64Array.from(ranges, ({ min }) => Number(min)),
      max: Float64Array.from(ranges, ({ max }) => Number(max)),
      wide: new Map(snapshot.wide.map(([field, range]) => [field, unpackRange(range)])),
    },
    results: snapshot.results.map(({ range, nonFinite, labels }): Spread => ({ ...unpackRange(range), nonFinite, labels: [...labels] })),
  };
}

function packRange({ count, min, max }: Range): PlainRange {
  return [count, packNumber(min), packNumber(max)];
}

function unpackRange([count, min, max]: PlainRange): Range {
  return { count, min: unpackNumber(min), max: unpackNumber(max) };
}

function packNumber(value: number | bigint): PlainNumber {
  if (typeof value === 'bigint') return `${value}n`;
  return Object.is(value, -0) ? '-0' : Number.isFinite(value) ? value : String(value);
}

function unpackNumber(plain: PlainNumber): number | bigint {
  return typeof plain === 'string' && plain.endsWith('n') ? BigInt(plain.slice(0, -1)) : Number(plain);
}
