import type { TensorBuffer } from '../batch/batch.js';
import { float16Value } from '../batch/float16.js';

/** The rows of a tensor that count. */
export interface Rows {
  readonly length: number;
  /** Their tensor rows; undefined: all from 0 on. */
  readonly picks: Uint32Array | undefined;
}

/** Values of a column, one after the other, without NaN: as float32 where they all are, without infinities; or as doubles, or as whole numbers beyond them. */
export type Gathered =
  | {
      readonly kind: 'float32';
      readonly values: Float32Array;
      readonly rows: number;
      readonly greatest: number;
      readonly infinities: [number, number];
    }
  | { readonly kind: 'float64'; readonly values: Float64Array; readonly rows: number }
  | { readonly kind: 'wide'; readonly values: bigint[] };

/** Room for a column, used again for each. */
export class Gatherer {
  #float32 = new Float32Array(0);
  #float64 = new Float64Array(0);

  /** Column `at` of a tensor of numbers, in its counting rows. */
  gather({ type, width, values }: TensorBuffer, rows: Rows, at: number): Gathered {
    if (values instanceof BigInt64Array || values instanceof BigUint64Array) return this.#wide(values, rows, width, at);
    const numbers = values as Float32Array;
    const read = type === 'float16' ? (slot: number): number => float16Value(numbers[slot] as number) : (slot: number): number => numbers[slot] as number;
    if (type !== 'float64' && type !== 'int32' && type !== 'uint32') return this.#finite(rows, (row) => read(row * width + at));
    if (this.#float64.length < rows.length) this.#float64 = new Float64Array(2 * rows.length);
    let count = 0;
    let areFloat32 = true;
    for (let index = 0; index < rows.length; index++) {
      const value = numbers[(rows.picks === undefined ? index : (rows.picks[index] as number)) * width + at] as number;
      if (value !== value) continue;
      if (Math.fround(value) !== value) areFloat32 = false;
      this.#float64[count++] = value;
    }
    if (!areFloat32) return { kind: 'float64', values: this.#float64, rows: count };
    return this.#finite({ length: count, picks: undefined }, (row) => this.#float64[row] as number);
  } // prettier-ignore

  #finite({ length, picks }: Rows, read: (row: number) => number): Gathered {
    if (this.#float32.length < length) this.#float32 = new Float32Array(2 * length);
    const into = this.#float32;
    const infinities: [number, number] = [0, 0];
    let [count, greatest] = [0, 0];
    for (let index = 0; index < length; index++) {
      const value = read(picks === undefined ? index : (picks[index] as number));
      if (value - value !== 0) {
        if (value === Infinity) infinities[1]++;
        else if (value === -Infinity) infinities[0]++;
        continue;
      }
      into[count++] = value;
      if (value > greatest) greatest = value;
      else if (-value > greatest) greatest = -value;
    }
    return { kind: 'float32', values: into, rows: count, greatest, infinities };
  }

  #wide(values: BigInt64Array | BigUint64Array, { length, picks }: Rows, width: number, at: number): Gathered {
    const all: bigint[] = [];
    if (this.#float64.length < length) this.#float64 = new Float64Array(2 * length);
    let areDoubles = true;
    let areFloat32 = true;
    for (let index = 0; index < length; index++) {
      const value = values[(picks === undefined ? index : (picks[index] as number)) * width + at] as bigint;
      all.push(value);
      const double = Number(value);
      if (Math.abs(double) > Number.MAX_SAFE_INTEGER) areDoubles = false;
      if (Math.fround(double) !== double) areFloat32 = false;
      this.#float64[index] = double;
    }
    if (!areDoubles) return { kind: 'wide', values: all };
    if (!areFloat32) return { kind: 'float64', values: this.#float64, rows: length };
    return this.#finite({ length, picks: undefined }, (row) => this.#float64[row] as number);
  }
}
