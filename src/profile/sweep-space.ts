import { openMachine } from './code-machine.js';
import type { Rows } from './gather.js';
import { AFTER_OUT, INFINITY_BITS, OUT, type SweepLoops, type SweepMachine } from './sweep.js';

/** By column of a matrix: the ends of its values, infinities among them; Infinity and -Infinity where all are NaN. */
export interface Bounds {
  readonly min: Float64Array;
  readonly max: Float64Array;
  /** Values that are finite; -1 where any is infinite. */
  readonly count: Float64Array;
}

/** The memory that columns are swept in: results, counts by raw cell, three lists with an entry a row, and the values themselves. */
export class SweepSpace {
  readonly loops: SweepLoops;
  readonly counts = AFTER_OUT;
  readonly #machine: SweepMachine;
  readonly #lists: number;
  readonly #cells: number;
  #rows = 0;
  #valuesEnd = 0;
  #buffer: ArrayBuffer;
  #words: Int32Array;
  #doubles: Float64Array;

  /** `cells`: raw cells of the finest grid. */
  constructor(cells: number, machine = openMachine()) {
    this.loops = machine.loops;
    this.#machine = machine;
    this.#cells = cells;
    this.#lists = this.counts + 4 * cells;
    this.#buffer = machine.buffer();
    this.#words = new Int32Array(this.#buffer);
    this.#doubles = new Float64Array(this.#buffer);
  }

  /** Makes room for columns of so many rows, and forgets the values. */
  start(rows: number): void {
    this.#rows = Math.max(this.#rows, rows);
    this.#reserve(this.values);
  }

  /** Raw cells in the order in which they were met. */
  get touched(): number {
    return this.#lists;
  }

  /** Counts, while cells are folded and when they are drained. */
  get taken(): number {
    return this.#lists + 4 * (this.#rows + 1);
  }

  /** Values that are too small to be added up with the others. */
  get small(): number {
    return this.#lists + 8 * (this.#rows + 1);
  }

  get values(): number {
    return this.#lists + 12 * (this.#rows + 1);
  }

  /** Copies rows of a matrix to `values`. */
  load(matrix: Float32Array | Int32Array, width: number, { length, picks }: Rows): void {
    this.#valuesEnd = this.values + 4 * length * width;
    this.#reserve(this.#valuesEnd);
    const Type = matrix instanceof Float32Array ? Float32Array : Int32Array;
    const into = new Type(this.#buffer, this.values, length * width);
    if (picks === undefined) return into.set(matrix.subarray(0, length * width));
    for (let row = 0, end = 1; row < length; row = end++) {
      const first = picks[row] as number;
      while (end < length && picks[end] === first + end - row) end++; // rows that are neighbours go at once
      into.set(matrix.subarray(first * width, (first + end - row) * width), row * width);
    }
  }

  /** Looks at the matrix that was loaded, of so many rows. */
  bounds(rows: number, width: number): Bounds {
    const span = 16 * Math.ceil(width / 4);
    const at = Math.ceil(this.#valuesEnd / 16) * 16 + 16; // the last row is read to the end of its last four columns
    this.#reserve(at + 3 * span);
    const [min, max] = [at, at + span].map((from) => new Float32Array(this.#buffer, from, span / 4)) as [Float32Array, Float32Array];
    min.fill(Infinity);
    max.fill(-Infinity);
    const sizes = this.words(at + 2 * span, at + 3 * span).fill(0);
    this.loops.bounds(this.values, this.values + 4 * rows * width, 4 * width, at, span);
    return {
      min: Float64Array.from({ length: width }, (_, column) => (min[column] as number) + 0), // -0 becomes 0, whichever of them came first
      max: Float64Array.from({ length: width }, (_, column) => (max[column] as number) + 0),
      count: Float64Array.from({ length: width }, (_, column) => {
        if ((sizes[column] as number) < INFINITY_BITS) return rows;
        const isInfinite = min[column] === -Infinity || max[column] === Infinity;
        return isInfinite ? -1 : this.loops.present(this.values + 4 * column, this.values + 4 * rows * width, 4 * width);
      }),
    };
  }

  /** How often each of `count` codes stands at `at` of the rows of a matrix of words. undefined: there is no room for so many. */
  tally(words: Int32Array, width: number, rows: Rows, at: number, count: number): Int32Array | undefined {
    if (count > this.#cells) return undefined;
    this.load(words, width, rows);
    this.loops.tally(this.values + 4 * at, this.#valuesEnd, 4 * width, this.counts, count - 1);
    const counts = this.words(this.counts, this.counts + 4 * count);
    const found = counts.slice();
    counts.fill(0);
    return found;
  }

  /** The 32-bit words of a list. They are valid until more room is made. */
  words(from: number, end: number): Int32Array {
    return this.#words.subarray(from >> 2, end >> 2);
  }

  word(at: number): number {
    return this.#words[at >> 2] as number;
  }

  /** What the last sweep left. */
  result(at: keyof typeof OUT): number {
    return at === 'small' ? this.word(OUT.small) : (this.#doubles[OUT[at] >> 3] as number);
  }

  #reserve(bytes: number): void {
    if (bytes <= this.#buffer.byteLength) return;
    this.#machine.grow(bytes + bytes / 4);
    this.#buffer = this.#machine.buffer();
    this.#words = new Int32Array(this.#buffer);
    this.#doubles = new Float64Array(this.#buffer, 0, AFTER_OUT / 8);
  }
}
