import { addDouble } from './exact-double.js';
import { ExactSum } from './exact-sum.js';
import { cellOf, cellOfWhole, FINEST, foldCell } from './grid.js';
import { Growing } from './growing.js';
import type { Gathered, Rows } from './gather.js';
import { packDelta, type DeltaHeads, type NumberDelta } from './number-delta.js';
import { powerOfTwo } from './powers.js';
import type { NumberSpec } from './spec.js';
import { SweepSpace, type Bounds } from './sweep-space.js';
import type { SweepMachine } from './sweep.js';

/** Rows that are added up at once, and how many octaves below the greatest value they may reach: so far, values and squares add up exactly in three doubles. */
const BLOCK_ROWS = 4096;
const SPAN = 18;
/** Of a worker's first columns, whose grids are still to get coarser: few rows fill fewer cells of the finest. */
const FIRST_ROWS = 512;

const F32 = new Float32Array(1);
const BITS = new Int32Array(F32.buffer);

/** Column `at` of rows of a matrix of float32. */
export interface Float32Column {
  readonly values: Float32Array;
  readonly width: number;
  readonly rows: Rows;
  readonly at: number;
}

/**
 * Makes deltas of columns of numbers, in a worker. `start`, then each column once, in order, by one of the three ways that fit its values; then `take`. A column's grid
 * gets coarser when a delta has more cells than its spec allows, and stays so: all rows together have no fewer.
 */
export class NumberSketcher {
  readonly #specs: readonly NumberSpec[];
  readonly #bits: Uint8Array;
  readonly #space: SweepSpace;
  /** End of the list of cells of the column. */
  #touchedEnd = 0;
  /** What the space holds the values of; undefined where it may change. */
  #loaded: Float32Array | undefined;
  #blockRows = FIRST_ROWS;
  readonly #cells = new Growing(new Int32Array(1024));
  readonly #counts = new Growing(new Uint32Array(1024));
  readonly #values = new Growing(new Float64Array(256));
  readonly #squares = new Growing(new Float64Array(256));
  readonly #valueSum = new ExactSum();
  readonly #squareSum = new ExactSum();
  readonly #heads: DeltaHeads;
  #column = 0;
  /** Where the lists stood at the end of the column before. */
  #ends = { cells: 0, values: 0, squares: 0 };

  constructor(specs: readonly NumberSpec[], machine?: SweepMachine) {
    this.#specs = specs;
    this.#bits = Uint8Array.from(specs, ({ bits }) => Math.min(bits, FINEST));
    const finest = this.#bits.reduce((most, bits) => Math.max(most, bits), 0);
    this.#space = new SweepSpace(2 ** (9 + finest), machine);
    this.#heads = emptyHeads(specs.length);
  }

  /** Columns of at most `rows` rows come now. */
  start(rows: number): void {
    this.#space.start(rows);
    this.#loaded = undefined;
    this.#column = 0;
  }

  /** The values of the matrix that was looked at last have changed, or its rows have. */
  forget(): void {
    this.#loaded = undefined;
  }

  /** The ends of each column of rows of a matrix; undefined where there are no rows. May be asked after `start`, and spares the sketch a look. */
  ranges(values: Float32Array, width: number, rows: Rows): Bounds | undefined {
    if (rows.length === 0) return undefined;
    this.#load(values, width, rows);
    return this.#space.bounds(rows.length, width);
  }

  /** Counts codes, between columns: see SweepSpace. */
  tally(words: Int32Array, width: number, rows: Rows, at: number, count: number): Int32Array | undefined {
    this.#loaded = undefined;
    return this.#space.tally(words, width, rows, at, count);
  }

  #load(values: Float32Array, width: number, rows: Rows): void {
    if (this.#loaded !== values) this.#space.load(values, width, rows);
    this.#loaded = values;
  }

  /**
   * The next column: float32, `count` of them finite and none farther from zero than `greatest`, all others NaN; and infinities that were left out of it. The matrix and its rows may not
   * change until the next start, unless told to forget them.
   */
  float32({ values, width, rows, at }: Float32Column, count: number, greatest: number, infinities: readonly [number, number] = [0, 0]): void {
    const space = this.#space;
    this.#load(values, width, rows);
    const sweep = count === rows.length ? space.loops.sweep : space.loops.sweepPresent;
    F32[0] = greatest;
    const top = Math.max((BITS[0] as number) >>> 23, 1) - 126; // every value is below 2^top
    const bottom = Math.max(top - SPAN, -126); // and those added up not below 2^bottom, or it is the least normal
    const floor = bottom === -126 ? 0 : ((bottom + 127) << 23) - 1;
    const cut = 2 * top - 41;
    const anchor = 1.5 * powerOfTwo(cut + 52);
    const infinite = Math.min(infinities[0], 1) + Math.min(infinities[1], 1);
    this.#touchedEnd = space.touched;
    for (let row = 0; row < rows.length; row += this.#blockRows) {
      const [from, end] = [row * width + at, Math.min(row + this.#blockRows, rows.length) * width];
      const shift = 23 - (this.#bits[this.#column] as number);
      this.#touchedEnd = sweep(space.values + 4 * from, space.values + 4 * end, 4 * width, space.counts, shift, this.#touchedEnd, space.small, floor, anchor); // prettier-ignore
      this.#coarsen(infinite); // here and not at the end: a column's first thousands of rows need not fill the finest table
      pushTerm(this.#values, space.result('sum') * powerOfTwo(23 - bottom), bottom - 23);
      pushTerm(this.#squares, space.result('high') * powerOfTwo(-cut), cut);
      pushTerm(this.#squares, space.result('low') * powerOfTwo(46 - 2 * bottom), 2 * bottom - 46);
      for (let small = space.small, last = space.result('small'); small < last; small += 4) this.#addFloat32(space.word(small));
    }
    this.#pushSums();
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

  /** The next column: values that were gathered one by one. */
  gathered(found: Gathered): void {
    if (found.kind === 'wide') return this.wide(found.values);
    if (found.kind === 'float64') return this.float64(found.values, found.rows);
    const rows = { length: found.rows, picks: undefined };
    this.forget(); // the room that they stand in is used again for each column
    this.float32({ values: found.values, width: 1, rows, at: 0 }, found.rows, found.greatest, found.infinities);
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
    const delta = packDelta(this.#heads, { cells: this.#cells, counts: this.#counts, values: this.#values, squares: this.#squares });
    this.#ends = { cells: 0, values: 0, squares: 0 };
    this.#blockRows = BLOCK_ROWS;
    return delta;
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
    const { loops, touched, counts, taken } = this.#space;
    const takenEnd = loops.drain(touched, this.#touchedEnd, counts, taken, 2 ** (8 + bits), 2 ** bits);
    this.#cells.append(this.#space.words(touched, this.#touchedEnd));
    this.#counts.append(this.#space.words(taken, takenEnd));
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
    const { loops, touched, counts, taken } = this.#space;
    const most = (this.#specs[this.#column] as NumberSpec).cells - infinite;
    let bits = this.#bits[this.#column] as number;
    while ((this.#touchedEnd - touched) / 4 > most && bits > 0 && this.#touchedCells(bits) > most) {
      this.#touchedEnd = loops.fold(touched, this.#touchedEnd, counts, taken);
      bits--;
    }
    this.#bits[this.#column] = bits;
  }

  /** Zeros of either sign and what is too small are one cell, and several raw ones. */
  #touchedCells(bits: number): number {
    const { loops, touched } = this.#space;
    const zeros = loops.zeros(touched, this.#touchedEnd, 2 ** (8 + bits), 2 ** bits);
    return (this.#touchedEnd - touched) / 4 - Math.max(0, zeros - 1);
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

/** An integer and the exponent of its unit. */
function pushTerm(terms: Growing<Float64Array>, integer: number, exponent: number): void {
  if (integer === 0) return;
  terms.push(integer);
  terms.push(exponent);
}

function emptyHeads(columns: number): DeltaHeads {
  return {
    bits: new Uint8Array(columns),
    cellCount: new Int32Array(columns),
    valueTerms: new Int32Array(columns),
    squareTerms: new Int32Array(columns),
  };
}
