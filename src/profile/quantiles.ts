import { QUANTILES, type GridFigures, type PlainFigure, type Quantiles } from './figures.js';
import { cellEdges, isInfinite, valuesIn, type Cells } from './grid.js';
import { wholeIn } from './whole.js';

/** Cells from here on are so narrow (0.4%) that the roundest number in one says as much as any other, and reads better. */
const NARROW_BITS = 8;

export interface Bounds {
  readonly min: number;
  readonly max: number;
}

/**
 * Quantiles `q` of 0 ... 1 of `count` values, in ascending order, by one look at the cells: each in the cell of the value of rank ceil(q * count) (R. Hyndman and Y. Fan, Sample Quantiles in Statistical Packages, 1996,
 * definition 1), so its relative error is less than 2^-bits. Within a wide cell it is interpolated by rank. Of `whole` numbers it is one of them, and exact where a cell has room for
 * one alone. Infinite only where the value is. undefined: no value.
 */
export function quantilesAt({ bits, cells }: GridFigures, shares: readonly number[], bounds?: Bounds, whole = false): number[] | undefined {
  const count = valuesIn(cells);
  if (count === 0) return undefined;
  let [at, before] = [0, 0];
  return shares.map((q) => {
    const rank = Math.max(1, Math.ceil(q * count));
    for (; before + rowsAt(cells, at) < rank; at++) before += rowsAt(cells, at);
    return (whole ? wholeValueIn : valueIn)((cells[at] as Cells[number])[0], bits, (rank - before - 0.5) / rowsAt(cells, at), bounds);
  });
}

function rowsAt(cells: Cells, at: number): number {
  return (cells[at] as Cells[number])[1];
}

/** Those of QUANTILES; undefined where there is no value. */
export function quantilesOf(grid: GridFigures, bounds?: Bounds, whole = false): Quantiles | undefined {
  const values = quantilesAt(grid, Object.values(QUANTILES), bounds, whole);
  return values && (Object.fromEntries(Object.keys(QUANTILES).map((name, at) => [name, plain(values[at])])) as Quantiles);
}

/** JSON has no number for an infinity. */
function plain(value: number | undefined): PlainFigure | undefined {
  return value === Infinity ? 'inf' : value === -Infinity ? '-inf' : value;
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
