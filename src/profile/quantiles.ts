import { QUANTILES, type GridFigures, type Quantiles } from './figures.js';
import { cellEdges, isInfinite } from './grid.js';
import { wholeIn } from './whole.js';

/** Cells from here on are so narrow (0.4%) that the roundest number in one says as much as any other, and reads better. */
const NARROW_BITS = 8;

export interface Bounds {
  readonly min: number;
  readonly max: number;
}

/**
 * The quantile `q` of 0 ... 1 of `count` values: in the cell of the value of rank ceil(q * count) (R. Hyndman and Y. Fan, Sample Quantiles in Statistical Packages, 1996,
 * definition 1), so its relative error is less than 2^-bits. Within a wide cell it is interpolated by rank. Of `whole` numbers it is one of them, and exact where a cell has room for
 * one alone. Infinite only where the value is. undefined: no value.
 */
export function quantileOf({ bits, cells }: GridFigures, q: number, bounds?: Bounds, whole = false, count = countOf(cells)): number | undefined {
  const rank = Math.max(1, Math.ceil(q * count));
  let before = 0;
  for (const [cell, rows] of cells) {
    if (before + rows >= rank) return (whole ? wholeValueIn : valueIn)(cell, bits, (rank - before - 0.5) / rows, bounds);
    before += rows;
  }
  return undefined;
}

function countOf(cells: GridFigures['cells']): number {
  let count = 0;
  for (const [, rows] of cells) count += rows;
  return count;
}

/** Those of QUANTILES; undefined where there is no value. */
export function quantilesOf(grid: GridFigures, bounds?: Bounds, whole = false): Quantiles | undefined {
  const count = countOf(grid.cells);
  const entries = Object.entries(QUANTILES).map(([name, q]) => [name, quantileOf(grid, q, bounds, whole, count)] as const);
  return entries.some(([, value]) => value === undefined) ? undefined : (Object.fromEntries(entries) as Quantiles);
}

function valueIn(cell: number, bits: number, share: number, bounds: Bounds | undefined): number {
  if (cell === 0) return 0;
  if (isInfinite(cell, bits)) return cell > 0 ? Infinity : -Infinity;
  const edges = cellEdges(cell, bits);
  const [from, to] = bounds === undefined ? [edges.from, edges.to] : [Math.max(edges.from, bounds.min), Math.min(edges.to, bounds.max)];
  const value = Math.min(Math.max(from + share * (to - from), from), to);
  if (bits < NARROW_BITS) return value;
  return roundest(value, (round) => round >= from && round <= to) ?? value;
}

function wholeValueIn(cell: number, bits: number, share: number, bounds: Bounds | undefined): number {
  const within = isInfinite(cell, bits) ? undefined : wholeIn(cell, bits);
  if (within === undefined) return valueIn(cell, bits, share, bounds);
  const [from, to] = bounds === undefined ? [within.least, within.most] : [Math.max(within.least, bounds.min), Math.min(within.most, bounds.max)];
  const value = Math.min(from + Math.floor(share * (to - from + 1)), to);
  if (bits < NARROW_BITS) return value;
  return roundest(value, (round) => Number.isInteger(round) && round >= from && round <= to) ?? value;
}

/** The number of the fewest digits near a value that may stand for it. */
function roundest(value: number, fits: (round: number) => boolean): number | undefined {
  for (let digits = 1; digits < 17; digits++) {
    const round = Number(value.toPrecision(digits));
    if (fits(round)) return round;
  }
  return undefined;
}
