import type { Batch, TensorBuffer } from '../batch/batch.js';
import { isFloat, isInteger } from '../batch/element.js';
import type { Field, Layout } from '../batch/layout.js';
import { emptyRange, measure, mergeRange, type Range, type Rows } from './range.js';

/**
 * Ranges of all fields of a layout, by field; count 0 for what is no number. Numbers stand in three arrays, so that thousands of columns cross from worker to
 * main as fast as one; `wide` holds those of 64 bits, exactly. Plain data.
 */
export interface RangeTable {
  readonly count: Float64Array;
  /** Infinity and -Infinity where there is no value. */
  readonly min: Float64Array;
  readonly max: Float64Array;
  readonly wide: Map<number, Range>;
}

export function emptyTable({ fields }: Layout): RangeTable {
  const count = new Float64Array(fields.length);
  const wide = new Map(fields.flatMap(({ type }, index) => (type === 'int64' || type === 'uint64' ? [[index, emptyRange()] as const] : [])));
  return { count, min: new Float64Array(fields.length).fill(Infinity), max: new Float64Array(fields.length).fill(-Infinity), wide };
}

/** The range of one field. */
export function rangeAt({ count, min, max, wide }: RangeTable, field: number): Range {
  return wide.get(field) ?? { count: count[field] ?? 0, min: min[field] ?? Infinity, max: max[field] ?? -Infinity };
}

/** Adds `other` to `into`. */
export function mergeTable(into: RangeTable, other: RangeTable): void {
  const { count, min, max } = into;
  for (let field = 0; field < count.length; field++) {
    count[field] = (count[field] as number) + (other.count[field] as number);
    if ((other.min[field] as number) < (min[field] as number)) min[field] = other.min[field] as number;
    if ((other.max[field] as number) > (max[field] as number)) max[field] = other.max[field] as number;
  }
  for (const [field, range] of other.wide) {
    const target = into.wide.get(field);
    if (target !== undefined) mergeRange(target, range);
  }
}

/** A matrix of so many columns is looked at row by row: column by column, each value would be fetched from memory by itself. */
const MANY_COLUMNS = 64;

/** Looks at all columns of a tensor at once: the ends of their values, and how many of them are finite; -1 for a column with infinities, which has to be looked at alone. */
export interface TensorRanges {
  ranges(tensor: TensorBuffer, rows: Rows): { readonly min: Float64Array; readonly max: Float64Array; readonly count: Float64Array } | undefined;
}

/** Widens the ranges by the finite values of the scored rows. `quick`: has a faster way for some tensors. */
export function measureFields({ layout, tensors }: Batch, rows: Rows, table: RangeTable, quick?: TensorRanges): void {
  const seen = layout.tensors.map((_, place) => {
    const tensor = tensors[place];
    return tensor && (quick?.ranges(tensor, rows) ?? rangesByRow(tensor, rows));
  });
  layout.fields.forEach(({ tensor: place, at, type }: Field, index) => {
    const tensor = tensors[place];
    if (tensor === undefined || !(isFloat(type) || isInteger(type))) return; // codes of texts are no numbers
    const wide = table.wide.get(index);
    if (wide !== undefined) return measure(tensor, rows, at, wide);
    const own = seen[place];
    if (own === undefined || (own.count[at] as number) < 0) {
      const range = emptyRange();
      measure(tensor, rows, at, range);
      [table.count[index], table.min[index], table.max[index]] = [range.count, Number(range.min), Number(range.max)];
    } else {
      [table.count[index], table.min[index], table.max[index]] = [own.count[at] as number, own.min[at] as number, own.max[at] as number];
    }
  });
}

/** By column of a matrix of many columns of float32; undefined for any other, and for one that holds a value that is not finite: its columns are looked at alone. */
function rangesByRow(tensor: TensorBuffer, { length, picks }: Rows): ReturnType<TensorRanges['ranges']> {
  if (tensor.width < MANY_COLUMNS || !(tensor.values instanceof Float32Array)) return undefined;
  const { width, values } = tensor;
  const [min, max] = [new Float32Array(width).fill(Infinity), new Float32Array(width).fill(-Infinity)];
  let notFinite = 0;
  for (let index = 0; index < length; index++) {
    const first = (picks === undefined ? index : (picks[index] as number)) * width;
    for (let column = 0; column < width; column++) {
      const value = values[first + column] as number;
      notFinite += value - value; // NaN from the first NaN or infinity on
      if (value < (min[column] as number)) min[column] = value;
      if (value > (max[column] as number)) max[column] = value;
    }
    if (notFinite !== 0) return undefined;
  }
  return { count: new Float64Array(width).fill(length), min: Float64Array.from(min), max: Float64Array.from(max) };
}
