import type { TensorBuffer } from '../batch/batch.js';
import { float16Value } from '../batch/float16.js';

/** Smallest and largest finite value that a numeric column had among the scored rows; `count` of them. */
export interface Range {
  count: number;
  /** Exact for whole numbers of 64 bits, too. Infinity and -Infinity where there is none. */
  min: number | bigint;
  max: number | bigint;
}

/** The scored rows of a batch. */
export interface Rows {
  readonly length: number;
  /** Their tensor rows; undefined: all from 0 on, which goes faster. */
  readonly picks: Uint32Array | undefined;
}

export function emptyRange(): Range {
  return { count: 0, min: Infinity, max: -Infinity };
}

/** Adds `other` to `into`. */
export function mergeRange(into: Range, other: Range): void {
  into.count += other.count;
  if (other.min < into.min) into.min = other.min;
  if (other.max > into.max) into.max = other.max;
}

/** Widens `range` by the finite values of column `at` of a tensor of numbers. */
export function measure({ type, width, values }: TensorBuffer, rows: Rows, at: number, range: Range): void {
  if (values instanceof BigInt64Array || values instanceof BigUint64Array) return mergeRange(range, rangeOfWide(values, rows, width, at));
  const numbers = values as Numbers;
  const quick = rows.picks !== undefined || type === 'float16' ? undefined : rangeOfAll(numbers, rows.length, width, at);
  mergeRange(range, quick ?? rangeOfEach(numbers, rows, width, at, type === 'float16'));
}

type Numbers = Float32Array | Float64Array | Int8Array | Int16Array | Int32Array | Uint8Array | Uint16Array | Uint32Array;

/** The range of all rows; undefined where a value is not finite. */
function rangeOfAll(values: Numbers, rows: number, width: number, at: number): Range | undefined {
  // Nearly every model takes float32: that loop has to see no other kind of array, or every read in it goes by way of a choice.
  return values instanceof Float32Array ? rangeOfFloat32(values, rows, width, at) : rangeOfNumbers(values, rows, width, at);
}

function rangeOfFloat32(values: Float32Array, rows: number, width: number, at: number): Range | undefined {
  let [min, max, notFinite] = [Infinity, -Infinity, 0];
  for (let slot = at, end = rows * width; slot < end; slot += width) {
    const value = values[slot] as number;
    notFinite += value - value; // NaN from the first NaN or infinity on: no decision for each value
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return notFinite === 0 ? { count: rows, min, max } : undefined;
}

function rangeOfNumbers(values: Numbers, rows: number, width: number, at: number): Range | undefined {
  let [min, max, notFinite] = [Infinity, -Infinity, 0];
  for (let slot = at, end = rows * width; slot < end; slot += width) {
    const value = values[slot] as number;
    notFinite += value - value;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return notFinite === 0 ? { count: rows, min, max } : undefined;
}

function rangeOfEach(values: Numbers, { length, picks }: Rows, width: number, at: number, isHalf: boolean): Range {
  let [min, max, count] = [Infinity, -Infinity, 0];
  for (let index = 0; index < length; index++) {
    const row = picks === undefined ? index : (picks[index] as number);
    const raw = values[row * width + at] as number;
    const value = isHalf ? float16Value(raw) : raw;
    if (value - value !== 0) continue; // NaN and infinities: the difference is NaN
    count++;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return { count, min, max };
}

/** Compared by their words, the high ones signed or not and the low ones unsigned: reading one as a BigInt costs an allocation. */
function rangeOfWide(values: BigInt64Array | BigUint64Array, { length, picks }: Rows, width: number, at: number): Range {
  if (length === 0) return emptyRange();
  const isSigned = values instanceof BigInt64Array;
  const words = new Int32Array(values.buffer, values.byteOffset, values.length * 2);
  let [least, greatest] = [0, 0]; // slots
  let [leastHigh, leastLow, greatestHigh, greatestLow] = [Infinity, 0, -Infinity, 0];
  for (let index = 0; index < length; index++) {
    const slot = (picks === undefined ? index : (picks[index] as number)) * width + at;
    const word = words[2 * slot + 1] as number;
    const high = isSigned ? word : word >>> 0;
    const low = (words[2 * slot] as number) >>> 0;
    if (high < leastHigh || (high === leastHigh && low < leastLow)) [least, leastHigh, leastLow] = [slot, high, low];
    if (high > greatestHigh || (high === greatestHigh && low > greatestLow)) [greatest, greatestHigh, greatestLow] = [slot, high, low];
  }
  return { count: length, min: values[least] ?? 0n, max: values[greatest] ?? 0n };
}
