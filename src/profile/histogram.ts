import type { GridFigures } from './figures.js';
import { cellEdges, cellOf, finiteCells, valuesIn, type Cells } from './grid.js';
import { quantilesAt, type Bounds } from './quantiles.js';
import { wholeIn } from './whole.js';

/** Bars of equal width, and one at each end that is as wide as what lies beyond them: `counts[i]` values from `edges[i]` to `edges[i + 1]`. */
export interface Histogram {
  readonly edges: readonly number[];
  readonly counts: readonly number[];
}

export const MOST_BINS = 30;
/** What lies beyond on either side goes into the bar at the end, so that a single value far away does not flatten all others. */
const TAIL = 0.005;
/** Beyond it doubles have no halves to cut between whole numbers. */
const MOST_WHOLE = 2 ** 51;

/**
 * Edges for plotting, on round numbers; at most 30 bars. Of `whole` numbers they are at halves, so that each bar has room for equally many of them, but for what lies far out. Empty where
 * there is no finite value.
 */
export function histogramEdges(grid: GridFigures, bounds: Bounds, whole = false): number[] {
  const [from, to] = quantilesAt({ ...grid, cells: finiteCells(grid.cells, grid.bits) }, [TAIL, 1 - TAIL], bounds, whole) ?? [];
  if (from === undefined || to === undefined) return [];
  if (from === to && bounds.min === bounds.max) return [bounds.min, bounds.max];
  if (whole && Math.max(Math.abs(bounds.min), Math.abs(bounds.max)) < MOST_WHOLE) return wholeEdges(from, to, bounds);
  const step = roundStep(Math.max(to - from, Math.max(Math.abs(from), Math.abs(to)) * 2 ** -20), MOST_BINS - 4);
  const edges: number[] = [];
  for (let place = Math.floor(from / step); place * step < to + step && edges.length < MOST_BINS - 1; place++) edges.push(tidy(place * step, step));
  return [...edges.filter((edge) => edge > bounds.min && edge < bounds.max), bounds.min, bounds.max].sort((a, b) => a - b);
}

/** Bars of `step` whole numbers each from a multiple of it on, and wider ones at the ends where more lies beyond. */
function wholeEdges(from: number, to: number, { min, max }: Bounds): number[] {
  const step = roundStep(to - from + 1, MOST_BINS - 5, 1);
  const first = Math.floor(Math.max(from - step, min) / step) * step;
  const last = Math.floor(Math.min(to + step, max) / step) * step + step;
  const edges = Array.from({ length: (last - first) / step + 1 }, (_, place) => first + place * step - 0.5);
  return [...(min < first ? [min - 0.5] : []), ...edges, ...(max >= last ? [max + 0.5] : [])];
}

/**
 * How many values of a grid lie between edges: a cell that is cut is shared out evenly, one of `whole` numbers (edges at halves) by how many of them lie on either side. Whole numbers that
 * add up to the finite values; those beyond the edges go to the ends.
 */
export function countBetween({ bits, cells: all }: GridFigures, edges: readonly number[], whole = false): number[] {
  const cells = finiteCells(all, bits);
  const total = valuesIn(cells);
  let [at, passed, before] = [0, 0, 0];
  return edges.slice(1).map((edge, bar) => {
    const own = cellOf(edge, bits);
    for (; at < cells.length && (cells[at] as Cells[number])[0] < own; at++) passed += (cells[at] as Cells[number])[1];
    const [cell, rows] = cells[at] ?? [NaN, 0];
    const upTo = bar + 2 === edges.length ? total : Math.round(passed + (cell === own ? rows * shareBelow(edge, extentOf(cell, bits, whole)) : 0));
    const count = upTo - before;
    before = upTo;
    return count;
  });
}

/** Of a cell that an edge falls into, what lies below it. */
function shareBelow(edge: number, { from, to }: ReturnType<typeof extentOf>): number {
  if (from === to) return edge > from ? 1 : 0;
  return Math.min(Math.max((edge - from) / (to - from), 0), 1);
}

function extentOf(cell: number, bits: number, whole: boolean): { readonly from: number; readonly to: number } {
  const within = whole ? wholeIn(cell, bits) : undefined;
  if (within !== undefined) return { from: within.least - 0.5, to: within.most + 0.5 };
  return cell === 0 ? { from: 0, to: 0 } : cellEdges(cell, bits);
}

/** The least of 1, 2, 2.5, 5 times a power of ten by which `length` has at most `most` steps; from `unit` on it is a multiple of it. */
function roundStep(length: number, most: number, unit?: number): number {
  const least = Math.max(length / most, unit ?? 0);
  const ten = 10 ** Math.floor(Math.log10(least));
  return ten * ([1, 2, 2.5, 5].find((factor) => factor * ten >= least && (unit === undefined || (factor * ten) % unit === 0)) ?? 10);
}

/** A multiple of a round step without the dust of binary fractions. */
function tidy(value: number, step: number): number {
  return Number(value.toFixed(Math.min(100, Math.max(0, 2 - Math.floor(Math.log10(step))))));
}
