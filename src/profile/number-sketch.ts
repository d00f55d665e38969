import { addDouble } from './exact-double.js';
import { ExactSum } from './exact-sum.js';
import { cellOf, cellOfWhole, FINEST, foldCell } from './grid.js';
import { Growing } from './growing.js';
import type { NumberDelta } from './number-delta.js';
import { powerOfTwo } from './powers.js';
import type { NumberSpec } from './spec.js';
import { BLOCK_ROWS, sweep, type SweepState } from './sweep.js';

const NO_VALUE = 0xffffffff;
/** Octaves from the least value that is not zero to the greatest: so far apart, a block's values and squares still add up exactly in doubles. */
const SPAN = 20;

const F32 = new Float32Array(1);
const BITS = new Int32Array(F32.buffer);

type Heads = Pick<NumberDelta, 'bits' | 'cellCount' | 'valueTerms' | 'squareTerms'>;

/** The float32 values of a column: at `at`, `at + stride`, ..., `rows` of them. */
export interface Float32Column {
  readonly values: Float32Array;
  readonly rows: number;
  readonly stride: number;
  readonly at: number;
}

/**
 * Makes deltas of columns of numbers, in a worker. `start`, then each column once, in order, by one of the three ways that fit its values; then `take`. A column's grid
 * gets coarser when a delta has more cells than its spec allows, and stays so: all rows together have no fewer.
 */
export class NumberSketcher {
  readonly #specs: readonly NumberSpec[];
  readonly #bits: Uint8Array;
  readonly #state: SweepState & { touched: Int32Array };
  #taken: Uint32Array = new Uint32Array(64);
  readonly #cells = new Growing(new Int32Array(1024));
  readonly #counts = new Growing(new Uint32Array(1024));
  readonly #values = new Growing(new Float64Array(256));
  readonly #squares = new Growing(new Float64Array(256));
  readonly #valueSum = new ExactSum();
  readonly #squareSum = new ExactSum();
  #heads: Heads;
  #column = 0;
  /** Where the lists stood at the end of the column before. */
  #ends = { cells: 0, values: 0, squares: 0 };

  constructor(specs: readonly NumberSpec[]) {
    this.#specs = specs;
    this.#bits = Uint8Array.from(specs, ({ bits }) => Math.min(bits, FINEST));
    const finest = this.#bits.reduce((most, bits) => Math.max(most, bits), 0);
    this.#state = { counts: new Uint32Array(2 ** (9 + finest)), touched: new Int32Array(0), touchedCount: 0, least: 0, sum: 0, squaresHigh: 0, squaresLow: 0 }; // prettier-ignore
    this.#heads = this.#emptyHeads();
  }

  #emptyHeads(): Heads {
    const length = this.#specs.length;
    return {
      bits: new Uint8Array(length),
      cellCount: new Int32Array(length),
      valueTerms: new Int32Array(length),
      squareTerms: new Int32Array(length),
    };
  }

  /** Columns of at most `rows` rows come now. */
  start(rows: number): void {
    if (this.#state.touched.length <= rows) this.#state.touched = new Int32Array(2 * rows + 64);
    this.#column = 0;
  }

  /** The next column: float32, all of them finite, none farther from zero than `greatest`; and infinities that were left out of it. */
  float32({ values, rows, stride, at }: Float32Column, greatest: number, infinities: readonly [number, number] = [0, 0]): void {
    const state = this.#state;
    const infinite = Math.min(infinities[0], 1) + Math.min(infinities[1], 1);
    F32[0] = greatest;
    const top = Math.max((BITS[0] as number) >>> 23, 1) - 126; // every value is below 2^top
    const cut = 2 * top - 42;
    const anchor = 1.5 * powerOfTwo(cut + 52);
    const words = new Int32Array(values.buffer, values.byteOffset, values.length);
    let isSlow = false;
    state.touchedCount = 0;
    for (let row = 0; row < rows; row += BLOCK_ROWS) {
      const end = Math.min(row + BLOCK_ROWS, rows);
      state.least = NO_VALUE;
      sweep(state, values, words, at + row * stride, at + end * stride, stride, 23 - (this.#bits[this.#column] as number), anchor);
      this.#coarsen(infinite); // here and not at the end: a column's first thousands of rows need not fill the finest table
      if (state.least === NO_VALUE) continue;
      const bottom = Math.max((state.least + 1) >>> 23, 1) - 127;
      if (top - bottom <= SPAN) {
        this.#values.push(state.sum * powerOfTwo(23 - bottom));
        this.#values.push(bottom - 23);
        this.#squares.push(state.squaresHigh * powerOfTwo(-cut));
        this.#squares.push(cut);
        this.#squares.push(state.squaresLow * powerOfTwo(46 - 2 * bottom));
        this.#squares.push(2 * bottom - 46);
      } else {
        isSlow = true;
        for (let slot = at + row * stride; slot < at + end * stride; slot += stride) this.#addFloat32(words[slot] as number);
      }
    }
    if (isSlow) this.#pushSums();
    this.#pushTouched(infinities);
  }

  #addFloat32(bits: number): void {
    const exponent = (bits >>> 23) & 0xff;
    const size = (bits & 0x7fffff) | (exponent === 0 ? 0 : 0x800000);
    if (size === 0) return;
    const unit = Math.max(exponent, 1) - 150;
    this.#valueSum.add(bits < 0 ? -size : size, unit);
    this.#squareSum.add(size * size, 2 * unit);
  }

  /** The next column: `rows` doubles, none of them NaN. Some 40 ns a value. */
  float64(values: Float64Array, rows: number): void {
    const counts = new Map<number, number>();
    const bits = this.#bits[this.#column] as number;
    for (let row = 0; row < rows; row++) {
      const value = values[row] as number;
      const cell = cellOf(value, bits);
      counts.set(cell, (counts.get(cell) ?? 0) + 1);
      if (value - value === 0) addDouble(value, this.#valueSum, this.#squareSum);
    }
    this.#pushSums();
    this.#pushCounted(counts);
  }

  /** The next column: whole numbers of 64 bits, of any size. */
  wide(values: Iterable<bigint>): void {
    const counts = new Map<number, number>();
    const bits = this.#bits[this.#column] as number;
    for (const value of values) {
      const cell = cellOfWhole(value, bits);
      counts.set(cell, (counts.get(cell) ?? 0) + 1);
      this.#valueSum.addExact(value, 0);
      this.#squareSum.addExact(value * value, 0);
    }
    this.#pushSums();
    this.#pushCounted(counts);
  }

  /** What was seen since `start`. */
  take(): NumberDelta {
    const heads = this.#heads;
    this.#heads = this.#emptyHeads();
    this.#ends = { cells: 0, values: 0, squares: 0 };
    return { ...heads, cells: this.#cells.take(), counts: this.#counts.take(), values: this.#values.take(), squares: this.#squares.take() };
  }

  #pushSums(): void {
    for (const [sum, terms] of [[this.#valueSum, this.#values], [this.#squareSum, this.#squares]] as const) {
      sum.each((integer, exponent) => {
        terms.push(integer);
        terms.push(exponent);
      });
      sum.clear();
    }
  } // prettier-ignore

  /** Raw cells become cells; the table is cleared. */
  #pushTouched([negative, positive]: readonly [number, number]): void {
    const bits = this.#bits[this.#column] as number;
    const { counts, touched, touchedCount } = this.#state;
    const [sign, normal] = [2 ** (8 + bits), 2 ** bits];
    for (let index = 0; index < touchedCount; index++) {
      const raw = touched[index] as number;
      const size = raw & (sign - 1);
      const place = size < normal ? 0 : size - normal + 1;
      this.#cells.push(raw < sign ? place : -place);
      this.#counts.push(counts[raw] as number);
      counts[raw] = 0;
    }
    if (negative > 0) this.#pushCell(cellOf(-Infinity, bits), negative);
    if (positive > 0) this.#pushCell(cellOf(Infinity, bits), positive);
    this.#endColumn();
  }

  #pushCell(cell: number, count: number): void {
    this.#cells.push(cell);
    this.#counts.push(count);
  }

  /** Folds the raw table until the column has no more cells than it may. */
  #coarsen(infinite: number): void {
    const most = (this.#specs[this.#column] as NumberSpec).cells - infinite;
    let bits = this.#bits[this.#column] as number;
    while (this.#state.touchedCount > most && bits > 0 && this.#touchedCells(bits) > most) {
      this.#fold();
      bits--;
    }
    this.#bits[this.#column] = bits;
  }

  /** Zeros of either sign and what is too small are one cell, and several raw ones. */
  #touchedCells(bits: number): number {
    const { touched, touchedCount } = this.#state;
    let zeros = 0;
    for (let index = 0; index < touchedCount; index++) if (((touched[index] as number) & (2 ** (8 + bits) - 1)) < 2 ** bits) zeros++;
    return touchedCount - Math.max(0, zeros - 1);
  }

  #fold(): void {
    const state = this.#state;
    const { counts, touched, touchedCount: before } = state;
    if (this.#taken.length < before) this.#taken = new Uint32Array(2 * before);
    for (let index = 0; index < before; index++) {
      const raw = touched[index] as number;
      this.#taken[index] = counts[raw] as number;
      counts[raw] = 0;
    }
    state.touchedCount = 0;
    for (let index = 0; index < before; index++) {
      const raw = (touched[index] as number) >>> 1;
      if (counts[raw] === 0) touched[state.touchedCount++] = raw;
      counts[raw] = (counts[raw] as number) + (this.#taken[index] as number);
    }
  }

  #pushCounted(counted: Map<number, number>): void {
    const most = (this.#specs[this.#column] as NumberSpec).cells;
    let bits = this.#bits[this.#column] as number;
    let counts = counted;
    for (; counts.size > most && bits > 0; bits--) {
      const folded = new Map<number, number>();
      for (const [cell, count] of counts) {
        const place = foldCell(cell, bits, bits - 1);
        folded.set(place, (folded.get(place) ?? 0) + count);
      }
      counts = folded;
    }
    this.#bits[this.#column] = bits;
    for (const [cell, count] of counts) this.#pushCell(cell, count);
    this.#endColumn();
  }

  #endColumn(): void {
    const { bits, cellCount, valueTerms, squareTerms } = this.#heads;
    const column = this.#column++;
    bits[column] = this.#bits[column] as number;
    cellCount[column] = this.#cells.length - this.#ends.cells;
    valueTerms[column] = (this.#values.length - this.#ends.values) / 2;
    squareTerms[column] = (this.#squares.length - this.#ends.squares) / 2;
    this.#ends = { cells: this.#cells.length, values: this.#values.length, squares: this.#squares.length };
  }
}
