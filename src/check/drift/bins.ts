import { foldCells, isInfinite, type Cells } from '../../profile/grid.js';
import type { ComparedNumbers, ComparedTexts } from '../../profile/compared.js';
import { wholeIn } from '../../profile/whole.js';

/** Counts by bin of a baseline and of a run. Bins of numbers stand in their order, so that neighbours may be joined. */
export interface Bins {
  readonly baseline: readonly number[];
  readonly run: readonly number[];
}

const PARTS = 10;
/** A category of a smaller share of the baseline is rare. */
const RARE = 0.005;

/** Counts by cell. */
export interface CellBins extends Bins {
  /** By cell: it holds one value, in both. */
  readonly single: readonly boolean[];
}

/** A baseline's and a run's counts on one grid, the coarser of the two, cell by cell in order. */
export function onOneGrid(baseline: ComparedNumbers, run: ComparedNumbers): CellBins {
  const bits = Math.min(baseline.grid.bits, run.grid.bits);
  const areWhole = baseline.whole === true && run.whole === true;
  const [mine, theirs] = [baseline, run].map(({ grid }) => foldCells(grid.cells, grid.bits, bits)) as [Cells, Cells];
  const [counts, others, single]: [number[], number[], boolean[]] = [[], [], []];
  let [one, other] = [0, 0];
  while (one < mine.length || other < theirs.length) {
    const [own, next] = [mine[one] ?? AT_END, theirs[other] ?? AT_END];
    const isMine = own[0] <= next[0];
    const isTheirs = next[0] <= own[0];
    counts.push(isMine ? own[1] : 0);
    others.push(isTheirs ? next[1] : 0);
    single.push(isOneValue(isMine ? own[0] : next[0], bits, areWhole));
    if (isMine) one++;
    if (isTheirs) other++;
  }
  return { baseline: counts, run: others, single };
}

function isOneValue(cell: number, bits: number, isWhole: boolean): boolean {
  if (!isWhole) return isInfinite(cell, bits);
  const whole = wholeIn(cell, bits);
  return whole !== undefined && whole.least === whole.most;
}

const AT_END = [Infinity, 0] as const;

/**
 * Tenths of the baseline, cut where cells end: a cell with more than a tenth makes fewer of them. What lies beyond the baseline's values on either side is a bin each, and so are
 * the missing values. Bins that are empty in both are left out.
 */
export function numberBins(cells: Bins, missing: { readonly baseline: number; readonly run: number }): Bins {
  const total = sum(cells.baseline);
  const last = cells.baseline.findLastIndex((count) => count > 0);
  const first = cells.baseline.findIndex((count) => count > 0);
  let bin = { baseline: 0, run: 0 };
  const bins = [bin];
  const cut = (): unknown => bins.push((bin = { baseline: 0, run: 0 }));
  let [before, tenth] = [0, 1];
  for (let at = 0; at < cells.baseline.length; at++) {
    if (at === first || at === last + 1) cut();
    const count = cells.baseline[at] as number;
    bin.baseline += count;
    bin.run += cells.run[at] as number;
    before += count;
    if (at < first || at >= last || before < (tenth * total) / PARTS) continue;
    cut();
    tenth = Math.floor((before * PARTS) / total) + 1;
  }
  return present([...bins, missing]);
}

/** Categories of the baseline; its rare ones are one bin, with all that it does not have: of either, a half of the same data has others. Missing values are a bin. */
export function textBins(baseline: ComparedTexts, run: ComparedTexts): Bins {
  const counts = new Map(run.categories);
  const frequent = baseline.categories.filter(([, count]) => count >= RARE * baseline.count);
  const bins = frequent.map(([text, count]) => ({ baseline: count, run: counts.get(text) ?? 0 }));
  const listed = (of: 'baseline' | 'run'): number => sum(bins.map((bin) => bin[of]));
  const rest = { baseline: baseline.count - listed('baseline'), run: run.count - listed('run') };
  return present([...bins, rest, { baseline: baseline.missing, run: run.missing }]);
}

function present(bins: readonly { readonly baseline: number; readonly run: number }[]): Bins {
  const kept = bins.filter(({ baseline, run }) => baseline + run > 0);
  return { baseline: kept.map(({ baseline }) => baseline), run: kept.map(({ run }) => run) };
}

export function sum(counts: readonly number[]): number {
  let total = 0;
  for (let at = 0; at < counts.length; at++) total += counts[at] as number;
  return total;
}
