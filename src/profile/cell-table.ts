import { foldCell, type Cells } from './grid.js';

/** No cell: places of infinities on the finest grid are below 2^23. */
const FREE = -(2 ** 31);

/**
 * Counts by cell that become coarser, exactly, when there are more than `most` cells: in the end the grid is the finest, of those at hand, on which all that was added
 * has at most `most` of them, in whichever order it came. A hash table with open addresses, at most half full.
 */
export class CellTable {
  readonly #most: number;
  #bits: number;
  #keys = new Int32Array(16).fill(FREE);
  #counts = new Float64Array(16);
  #used = 0;

  constructor(bits: number, most: number) {
    this.#bits = bits;
    this.#most = most;
  }

  get most(): number {
    return this.#most;
  }

  get bits(): number {
    return this.#bits;
  }

  /** Adds the counts of `length` cells of a grid of `bits`, from place `from` of two lists on. */
  addAll(cells: Int32Array, counts: Uint32Array, from: number, length: number, bits: number): void {
    if (bits < this.#bits) this.#coarsen(bits);
    const end = from + length;
    for (let at = from; at < end; at++) {
      at = this.#addKnown(cells, counts, at, end, bits - this.#bits);
      if (at < end) this.add(cells[at] as number, counts[at] as number, bits);
    }
  }

  /** Adds the counts of cells that the table has, up to the first that it has not; gives that one's place. After some thousands of rows that is nearly all of the work. */
  #addKnown(cells: Int32Array, counts: Uint32Array, from: number, end: number, shift: number): number {
    const keys = this.#keys;
    const sums = this.#counts;
    const mask = keys.length - 1;
    for (let index = from; index < end; index++) {
      const fine = cells[index] as number;
      const cell = fine > 0 ? ((fine - 1) >> shift) + 1 : fine < 0 ? -(((-fine - 1) >> shift) + 1) : 0;
      let at = (Math.imul(cell, 0x9e3779b1) >>> 8) & mask;
      let key = keys[at] as number;
      while (key !== cell) {
        if (key === FREE) return index;
        at = (at + 1) & mask;
        key = keys[at] as number;
      }
      sums[at] = (sums[at] as number) + (counts[index] as number);
    }
    return end;
  }

  add(cell: number, count: number, bits: number): void {
    if (bits < this.#bits) this.#coarsen(bits);
    this.#put(bits === this.#bits ? cell : foldCell(cell, bits, this.#bits), count);
    while (this.#used > this.#most && this.#bits > 0) this.#coarsen(this.#bits - 1);
  }

  #put(cell: number, count: number): void {
    const keys = this.#keys;
    const mask = keys.length - 1;
    let at = (Math.imul(cell, 0x9e3779b1) >>> 8) & mask;
    for (; keys[at] !== cell; at = (at + 1) & mask) {
      if (keys[at] !== FREE) continue;
      keys[at] = cell;
      this.#counts[at] = count;
      if (++this.#used * 2 > keys.length) this.#resize(keys.length * 2);
      return;
    }
    this.#counts[at] = (this.#counts[at] as number) + count;
  }

  #resize(length: number): void {
    this.#rebuild(length, (cell) => cell);
  }

  #coarsen(bits: number): void {
    const before = this.#bits;
    this.#bits = bits;
    this.#rebuild(this.#keys.length, (cell) => foldCell(cell, before, bits));
  }

  #rebuild(length: number, cellOf: (cell: number) => number): void {
    const [keys, counts] = [this.#keys, this.#counts];
    this.#keys = new Int32Array(length).fill(FREE);
    this.#counts = new Float64Array(length);
    this.#used = 0;
    keys.forEach((cell, at) => {
      if (cell !== FREE) this.#put(cellOf(cell), counts[at] as number);
    });
  }

  /** In the order of their values. */
  cells(): Cells {
    const sorted = this.#keys.slice().sort(); // places that are free come first
    const cells: (readonly [number, number])[] = [];
    for (let at = sorted.length - this.#used; at < sorted.length; at++) {
      const cell = sorted[at] as number;
      cells.push([cell, this.#counts[this.#placeOf(cell)] as number]);
    }
    return cells;
  }

  /** Of a cell that the table has. */
  #placeOf(cell: number): number {
    const mask = this.#keys.length - 1;
    let at = (Math.imul(cell, 0x9e3779b1) >>> 8) & mask;
    while (this.#keys[at] !== cell) at = (at + 1) & mask;
    return at;
  }
}
