import type { TensorBuffer } from '../../batch/batch.js';
import type { Field } from '../../batch/layout.js';
import { valuesAs, type Column } from './column.js';
import type { ArrowType } from './type.js';

/** Copies the records `from` … `to - 1` into the tensor; gives the number of missing values, or undefined where a value is none for this way. */
export type Fill = (from: number, to: number) => number | undefined;

/** Beyond it a finite double has no float32. */
const FLOAT32_LIMIT = 3.4028235677973362e38;

/**
 * The hot path: a column of numbers without nulls into one column of a float tensor (or of a tensor of its own type), as one typed loop. Undefined
 * where there is none, and a fill gives undefined where a value needs a decision (a NaN that does not stay NaN, a number out of range): feed.ts
 * takes those. The loops are written out for each pair of types: one shared loop would see many array types and run several times slower.
 */
export function openFill(type: ArrowType, column: Column, field: Field, tensor: TensorBuffer): Fill | undefined {
  if (column.nullCount !== 0 || field.type === 'string') return undefined; // a number's text may be coded
  const { width, values: out } = tensor;
  const at = field.at;
  const keepsNaN = field.onMissing.kind === 'nan';
  if (type.kind === 'float' && out instanceof Float32Array) {
    if (type.bits === 32) return float32ToFloat32(valuesAs(column, Float32Array), out, width, at, keepsNaN);
    if (type.bits === 64) return float64ToFloat32(valuesAs(column, Float64Array), out, width, at, keepsNaN);
  }
  if (type.kind === 'float' && out instanceof Float64Array) {
    if (type.bits === 64) return float64ToFloat64(valuesAs(column, Float64Array), out, width, at, keepsNaN);
    if (type.bits === 32) return float32ToFloat64(valuesAs(column, Float32Array), out, width, at, keepsNaN);
  }
  if (type.kind !== 'int') return undefined;
  if (type.bits === 64) {
    if (out instanceof BigInt64Array && type.signed) return bigToBig(valuesAs(column, BigInt64Array), out, width, at);
    if (out instanceof Float32Array || out instanceof Float64Array) return int64ToFloat(valuesAs(column, Int32Array), type.signed, out, width, at);
    return undefined;
  }
  const small = column.values as unknown as SmallIntegers;
  if (out instanceof Float32Array) return smallToFloat32(small, out, width, at);
  if (out instanceof Float64Array) return smallToFloat64(small, out, width, at);
  if (out instanceof BigInt64Array) return smallToBig(small, out, width, at);
  return out instanceof Int32Array && (type.signed || type.bits < 32) ? smallToInt32(small, out, width, at) : undefined;
}

/** Columns that copyFour takes. */
export const FOUR = 4;

/**
 * Copies the records `from` … `to - 1` of four float32 columns into four neighbouring columns of a tensor, from `at` on: a row of them is most often one line
 * of the cache, which is then fetched once. False where one of the values is not finite: somebody has to look at each.
 */
export function copyFour(columns: readonly Float32Array[], from: number, to: number, out: Float32Array, width: number, at: number): boolean {
  const [first, second, third, fourth] = columns;
  if (first === undefined || second === undefined || third === undefined || fourth === undefined) return false;
  let notFinite = 0;
  for (let row = from, slot = from * width + at; row < to; row++, slot += width) {
    const a = first[row] as number;
    const b = second[row] as number;
    const c = third[row] as number;
    const d = fourth[row] as number;
    out[slot] = a;
    out[slot + 1] = b;
    out[slot + 2] = c;
    out[slot + 3] = d;
    notFinite += a - a + (b - b) + (c - c) + (d - d); // NaN from the first NaN or infinity on: no decision for each value
  }
  return notFinite === 0;
}

type SmallIntegers = Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array | Uint32Array;

function float32ToFloat32(values: Float32Array, out: Float32Array, width: number, at: number, keepsNaN: boolean): Fill {
  return (from, to) => {
    let missing = 0;
    for (let row = from, slot = from * width + at; row < to; row++, slot += width) {
      const value = values[row] as number;
      if (value !== value) missing++;
      out[slot] = value;
    }
    return missing > 0 && !keepsNaN ? undefined : missing;
  };
}

function float64ToFloat32(values: Float64Array, out: Float32Array, width: number, at: number, keepsNaN: boolean): Fill {
  return (from, to) => {
    let missing = 0;
    let tooLarge = false;
    for (let row = from, slot = from * width + at; row < to; row++, slot += width) {
      const value = values[row] as number;
      if (value !== value) missing++;
      else if (value > FLOAT32_LIMIT || value < -FLOAT32_LIMIT) tooLarge ||= Number.isFinite(value);
      out[slot] = value;
    }
    return tooLarge || (missing > 0 && !keepsNaN) ? undefined : missing;
  };
}

function float64ToFloat64(values: Float64Array, out: Float64Array, width: number, at: number, keepsNaN: boolean): Fill {
  return (from, to) => {
    let missing = 0;
    for (let row = from, slot = from * width + at; row < to; row++, slot += width) {
      const value = values[row] as number;
      if (value !== value) missing++;
      out[slot] = value;
    }
    return missing > 0 && !keepsNaN ? undefined : missing;
  };
}

function float32ToFloat64(values: Float32Array, out: Float64Array, width: number, at: number, keepsNaN: boolean): Fill {
  return (from, to) => {
    let missing = 0;
    for (let row = from, slot = from * width + at; row < to; row++, slot += width) {
      const value = values[row] as number;
      if (value !== value) missing++;
      out[slot] = value;
    }
    return missing > 0 && !keepsNaN ? undefined : missing;
  };
}

/** High and low words: high * 2^32 is exact in a double, so the sum is rounded once, to the double nearest to the integer. */
function int64ToFloat(words: Int32Array, signed: boolean, out: Float32Array | Float64Array, width: number, at: number): Fill {
  return (from, to) => {
    for (let row = from, slot = from * width + at; row < to; row++, slot += width) {
      const high = words[2 * row + 1] as number;
      out[slot] = (signed ? high : high >>> 0) * 4294967296 + ((words[2 * row] as number) >>> 0);
    }
    return 0;
  };
}

function bigToBig(values: BigInt64Array, out: BigInt64Array, width: number, at: number): Fill {
  return (from, to) => {
    for (let row = from, slot = from * width + at; row < to; row++, slot += width) out[slot] = values[row] as bigint;
    return 0;
  };
}

function smallToFloat32(values: SmallIntegers, out: Float32Array, width: number, at: number): Fill {
  return (from, to) => {
    for (let row = from, slot = from * width + at; row < to; row++, slot += width) out[slot] = values[row] as number;
    return 0;
  };
}

function smallToFloat64(values: SmallIntegers, out: Float64Array, width: number, at: number): Fill {
  return (from, to) => {
    for (let row = from, slot = from * width + at; row < to; row++, slot += width) out[slot] = values[row] as number;
    return 0;
  };
}

function smallToInt32(values: SmallIntegers, out: Int32Array, width: number, at: number): Fill {
  return (from, to) => {
    for (let row = from, slot = from * width + at; row < to; row++, slot += width) out[slot] = values[row] as number;
    return 0;
  };
}

function smallToBig(values: SmallIntegers, out: BigInt64Array, width: number, at: number): Fill {
  return (from, to) => {
    for (let row = from, slot = from * width + at; row < to; row++, slot += width) out[slot] = BigInt(values[row] as number);
    return 0;
  };
}
