import type { GridFigures } from './figures.js';
import { cellEdges, isInfinite } from './grid.js';
import { quantileOf, type Bounds } from './quantiles.js';

/** Bars of equal width, and one at each end that is as wide as what lies beyond them: `counts[i]` values from `edges[i]` to `edges[i + 1]`. */
export interface Histogram {
  readonly edges: readonly number[];
  readonly counts: readonly number[];
}

export const MOST_BINS = 30;
/** What lies beyond on either side goes into the bar at the end, so that a single value far away does not flatten all others. */
const TAIL = 0.005;

/** Edges for plotting, on round numbers; at most 30 bars. Empty where there is no finite value. */
export function histogramEdges(grid: GridFigures, bounds: Bounds): number[] {
  const finite = { ...grid, cells: grid.cells.filter(([cell]) => !isInfinite(cell, grid.bits)) };
  const [from, to] = [quantileOf(finite, TAIL, bounds), quantileOf(finite, 1 - TAIL, bounds)];
  if (from === undefined || to === undefined) return [];
  if (from === to && bounds.min === bounds.max) return [bounds.min, bounds.max];
  const step = roundStep(Math.max(to - from, Math.max(Math.abs(from), Math.abs(to)) * 2 ** -20), MOST_BINS - 4);
  const edges: number[] = [];
  for (let place = Math.floor(from / step); place * step < to + step && edges.length < MOST_BINS - 1; place++) edges.push(tidy(place * step, step));
  return [...edges.filter((edge) => edge > bounds.min && edge < bounds.max), bounds.min, bounds.max].sort((a, b) => a - b);
}

/** How many values of a grid lie between edges: a cell that is cut is shared out evenly. Whole numbers that add up to the finite values; those beyond the edges go to the ends. */
export function countBetween({ bits, cells }: GridFigures, edges: readonly number[]): number[] {
  const counts = new Array<number>(Math.max(edges.length - 1, 0)).fill(0);
  if (counts.length === 0) return counts;
  const below = new Array<number>(edges.length).fill(0);
  let [total, at] = [0, 0];
  for (const [cell, rows] of cells) {
    if (isInfinite(cell, bits)) continue;
    const { from, to } = cell === 0 ? { from: 0, to: 0 } : cellEdges(cell, bits);
    for (let edge = edges[at]; edge !== undefined && (edge <= from || edge < to); edge = edges[++at]) {
      below[at] = edge <= from ? total : total + rows * ((edge - from) / (to - from));
    }
    total += rows;
  }
  below.fill(total, at);
  let before = 0;
  for (let bar = 0; bar < counts.length; bar++) {
    const upTo = bar + 1 === counts.length ? total : Math.round(below[bar + 1] as number);
    counts[bar] = upTo - before;
    before = upTo;
  }
  return counts;
}

/** The least of 1, 2, 2.5, 5 times a power of ten by which `length` has at most `most` steps. */
function roundStep(length: number, most: number): number {
  const least = length / most;
  const ten = 10 ** Math.floor(Math.log10(least));
  return ten * ([1, 2, 2.5, 5].find((factor) => factor * ten >= least) ?? 10);
}

/** A multiple of a round step without the dust of binary fractions. */
function tidy(value: number, step: number): number {
  return Number(value.toFixed(Math.min(100, Math.max(0, 2 - Math.floor(Math.log10(step))))));
}
