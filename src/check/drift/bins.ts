import { foldCells, type Cells } from '../../profile/grid.js';
import type { ComparedNumbers, ComparedTexts } from '../../profile/compared.js';

/** Counts by bin of a baseline and of a run. Bins of numbers stand in their order, so that neighbours may be joined. */
export interface Bins {
  readonly baseline: readonly number[];
  readonly run: readonly number[];
}

const PARTS = 10;
/** A category of a smaller share of the baseline is rare. */
const RARE = 0.005;

/** A baseline's and a run's counts on one grid, the coarser of the two, cell by cell in order. */
export function onOneGrid(baseline: ComparedNumbers, run: ComparedNumbers): Bins {
  const bits = Math.min(baseline.grid.bits, run.grid.bits);
  const [mine, theirs] = [new Map(folded(baseline, bits)), new Map(folded(run, bits))];
  const cells = [...new Set([...mine.keys(), ...theirs.keys()])].sort((a, b) => a - b);
  return { baseline: cells.map((cell) => mine.get(cell) ?? 0), run: cells.map((cell) => theirs.get(cell) ?? 0) };
}

function folded({ grid }: ComparedNumbers, bits: number): Cells {
  return foldCells(grid.cells, grid.bits, bits);
}

/**
 * Tenths of the baseline, cut where cells end: a cell with more than a tenth makes fewer of them. What lies beyond the baseline's values on either side is a bin each, and so are
 * the missing values. Bins that are empty in both are left out.
 */
export function numberBins(cells: Bins, missing: { readonly baseline: number; readonly run: number }): Bins {
  const total = cells.baseline.reduce((sum, count) => sum + count, 0);
  const last = cells.baseline.findLastIndex((count) => count > 0);
  const first = cells.baseline.findIndex((count) => count > 0);
  const bins: { baseline: number; run: number }[] = [{ baseline: 0, run: 0 }];
  let [before, tenth] = [0, 1];
  cells.baseline.forEach((count, at) => {
    if (at === first || at === last + 1) bins.push({ baseline: 0, run: 0 });
    const bin = bins.at(-1);
    if (bin === undefined) return;
    bin.baseline += count;
    bin.run += cells.run[at] ?? 0;
    before += count;
    if (at < first || at >= last || before < (tenth * total) / PARTS) return;
    bins.push({ baseline: 0, run: 0 });
    tenth = Math.floor((before * PARTS) / total) + 1;
  });
  return present([...bins, missing]);
}

/** Categories of the baseline; its rare ones are one bin, with all that it does not have: of either, a half of the same data has others. Missing values are a bin. */
export function textBins(baseline: ComparedTexts, run: ComparedTexts): Bins {
  const counts = new Map(run.categories);
  const frequent = baseline.categories.filter(([, count]) => count >= RARE * baseline.count);
  const bins = frequent.map(([text, count]) => ({ baseline: count, run: counts.get(text) ?? 0 }));
  const sum = (of: 'baseline' | 'run'): number => bins.reduce((total, bin) => total + bin[of], 0);
  const rest = { baseline: baseline.count - sum('baseline'), run: run.count - sum('run') };
  return present([...bins, rest, { baseline: baseline.missing, run: run.missing }]);
}

function present(bins: readonly { readonly baseline: number; readonly run: number }[]): Bins {
  const kept = bins.filter(({ baseline, run }) => baseline + run > 0);
  return { baseline: kept.map(({ baseline }) => baseline), run: kept.map(({ run }) => run) };
}
