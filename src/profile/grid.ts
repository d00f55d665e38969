/**
 * The grid that the values of a column are counted on: cut at the value's own bits, so that it is the same for every run and every type of number, and counts
 * on it add up exactly. The cell of v != 0 is its sign, its binary exponent and the first `bits` bits of its mantissa: a cell is 2^-bits of its lower edge wide.
 * Zero is a cell of its own, with all that is nearer to it than the least normal float32 (2^-126); so is each infinity. Cells are integers
 * in the order of their values, and a cell of a finer grid lies in one cell of a coarser one.
 */

/** Most bits of a mantissa that a grid may have. */
export const FINEST = 12;

/** Exponent of the least value that is not zero to the grid; float32 and float64 share it. */
const LEAST_EXPONENT = -126;
/** Of the infinities, as if they were numbers. */
const INFINITE_EXPONENT = 1024;

const F64 = new Float64Array(1);
const WORDS = new Uint32Array(F64.buffer);
/** Place of the word that has sign and exponent. */
const HIGH = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 1 : 0;

/** The cell of a number that is not NaN. */
export function cellOf(value: number, bits: number): number {
  F64[0] = value;
  const word = WORDS[HIGH] as number;
  const size = word & 0x7fffffff;
  const exponent = (size >>> 20) - 1023;
  if (exponent < LEAST_EXPONENT) return 0;
  const place = (exponent - LEAST_EXPONENT) * 2 ** bits + ((size & 0xfffff) >>> (20 - bits)) + 1;
  return word >>> 31 === 1 ? -place : place;
}

/** The cell of a whole number of any size: beyond 2^53 its nearest double may lie in the next cell. */
export function cellOfWhole(value: bigint, bits: number): number {
  const size = value < 0n ? -value : value;
  if (size <= 9_007_199_254_740_992n) return cellOf(Number(value), bits);
  const exponent = size.toString(2).length - 1;
  const place = (exponent - LEAST_EXPONENT) * 2 ** bits + (Number(size >> BigInt(exponent - bits)) - 2 ** bits) + 1;
  return value < 0n ? -place : place;
}

/** The values of a cell: `from <= v < to` for positive ones, `from < v <= to` for negative ones, between the least normals for zero. */
export function cellEdges(cell: number, bits: number): { readonly from: number; readonly to: number } {
  if (cell === 0) return { from: -(2 ** LEAST_EXPONENT), to: 2 ** LEAST_EXPONENT };
  const size = Math.abs(cell);
  const [near, far] = [lowerEdge(size, bits), lowerEdge(size + 1, bits)];
  return cell > 0 ? { from: near, to: far } : { from: -far, to: -near };
}

/** The edge of a positive cell that is nearer to zero. */
function lowerEdge(size: number, bits: number): number {
  const steps = 2 ** bits;
  const exponent = Math.floor((size - 1) / steps) + LEAST_EXPONENT;
  if (exponent >= INFINITE_EXPONENT) return Infinity;
  return (1 + ((size - 1) % steps) / steps) * 2 ** exponent;
}

/** Is it the cell of an infinity? */
export function isInfinite(cell: number, bits: number): boolean {
  return Math.abs(cell) > (INFINITE_EXPONENT - LEAST_EXPONENT) * 2 ** bits;
}

/** The cell of the grid of `to` bits that holds a cell of the grid of `from` bits; `to <= from`. */
export function foldCell(cell: number, from: number, to: number): number {
  const size = Math.floor((Math.abs(cell) - 1) / 2 ** (from - to)) + 1;
  return cell > 0 ? size : cell < 0 ? -size : 0;
}

/** In the order of their values. */
export type Cells = readonly (readonly [cell: number, count: number])[];

/** How many values have been counted. */
export function valuesIn(cells: Cells): number {
  let sum = 0;
  for (let at = 0; at < cells.length; at++) sum += (cells[at] as Cells[number])[1];
  return sum;
}

/** Without the infinities, whose cells are the outermost. */
export function finiteCells(cells: Cells, bits: number): Cells {
  const isLowest = cells.length > 0 && isInfinite((cells[0] as Cells[number])[0], bits);
  const isHighest = cells.length > (isLowest ? 1 : 0) && isInfinite((cells.at(-1) as Cells[number])[0], bits);
  return isLowest || isHighest ? cells.slice(isLowest ? 1 : 0, isHighest ? -1 : undefined) : cells;
}

/** Counts on a coarser grid, exactly. Cells stay in order. */
export function foldCells(cells: Cells, from: number, to: number): Cells {
  if (from === to) return cells;
  const folded: [number, number][] = [];
  for (const [cell, count] of cells) {
    const place = foldCell(cell, from, to);
    const last = folded.at(-1);
    if (last?.[0] === place) last[1] += count;
    else folded.push([place, count]);
  }
  return folded;
}
