import type { ComparedColumn, ComparedNumbers, ComparedProfile, ComparedTexts } from '../../profile/compared.js';
import type { ColumnDrift, DriftFigures, Reason } from '../../profile/drift.js';
import { numberBins, onOneGrid, sum, textBins, type Bins } from './bins.js';
import { chiSquareTail } from './chi-square.js';
import { jensenShannon, kolmogorovSmirnov, psi } from './distances.js';
import { distanceChance, homogeneity, newTextChance, shareChance, unseenLimit } from './tests.js';

/** Less is no drift, however sure it is: a million rows tell apart what makes no difference. 0.1 is where the usual reading of PSI begins to see a change. */
export const LEAST_EFFECT = { psi: 0.1, ks: 0.1, missing: 0.01, unseen: 0.01 } as const;
/** A change of this PSI must be told from chance, or there are too few rows to say that nothing changed: from here on the usual reading calls it large. */
const LARGE_PSI = 0.25;
/** Tests of a column: of its bins, its distance, its missing values, and twice of its new texts. */
const TESTS = 5;

/**
 * Compares a run with a baseline, column by column by name; columns of which one side knows nothing are left out. Drift is called where a test would say so by chance in at most `alpha` of all runs,
 * for all tests of all columns together (Bonferroni), and where it is no smaller than LEAST_EFFECT. Pure.
 */
export function compareProfiles(baseline: ComparedProfile, run: ComparedProfile, { alpha = 0.01 }: { readonly alpha?: number } = {}): DriftFigures {
  const pairs = { columns: pairUp(baseline.columns, run.columns), scores: pairUp(baseline.scores, run.scores) };
  const each = alpha / (TESTS * Math.max(1, pairs.columns.length + pairs.scores.length));
  const columns = pairs.columns.map(([one, other]) => compareColumn(one, other, each));
  const scores = pairs.scores.map(([one, other]) => compareColumn(one, other, each));
  const all = [...columns, ...scores];
  return {
    against: 'baseline',
    alpha,
    rows: { baseline: baseline.rows, run: run.rows },
    columns,
    scores,
    drifted: all.filter(({ verdict }) => verdict === 'drift').length,
    psi: all.reduce<number | null>((most, { psi: own }) => (own === null || (most !== null && most >= own) ? most : own), null),
  };
}

type Pair = readonly [baseline: ComparedColumn, run: ComparedColumn];

function pairUp(baseline: readonly ComparedColumn[], run: readonly ComparedColumn[]): Pair[] {
  const byName = new Map(baseline.map((column) => [column.name, column]));
  return run.flatMap((column) => {
    const other = byName.get(column.name);
    return other !== undefined && other.kind === column.kind && rowsOf(other) > 0 && rowsOf(column) > 0 ? [[other, column] as const] : [];
  });
}

function rowsOf({ count, missing }: ComparedColumn): number {
  return count + missing;
}

function compareColumn(baseline: ComparedColumn, run: ComparedColumn, alpha: number): ColumnDrift {
  const missing = { baseline: baseline.missing / rowsOf(baseline), run: run.missing / rowsOf(run) };
  const because: Reason[] = [];
  const parts =
    baseline.kind === 'number' && run.kind === 'number'
      ? compareNumbers(baseline, run, alpha, because)
      : compareTexts(baseline as ComparedTexts, run as ComparedTexts, alpha, because);
  const index = psi(parts.bins);
  const test = homogeneity(parts.bins);
  if (test !== undefined && index >= LEAST_EFFECT.psi && test.chance <= alpha) because.unshift('psi');
  if (Math.abs(missing.run - missing.baseline) >= LEAST_EFFECT.missing && missingChance(baseline, run) <= alpha) because.push('missing');
  return {
    column: run.name,
    psi: index,
    js: jensenShannon(parts.bins),
    ks: parts.ks?.distance ?? null,
    ksError: parts.ks?.error ?? null,
    missing,
    unseen: parts.unseen ?? null,
    mean: baseline.kind === 'number' && run.kind === 'number' ? compareMeans(baseline, run) : null,
    verdict: because.length > 0 ? 'drift' : isTold(parts.bins, test?.degrees, alpha) ? 'same' : 'too-few-rows',
    because,
  };
}

function missingChance(baseline: ComparedColumn, run: ComparedColumn): number {
  return shareChance({ hits: baseline.missing, of: rowsOf(baseline) }, { hits: run.missing, of: rowsOf(run) });
}

/** Would a large PSI be told from chance? */
function isTold(bins: Bins, degrees: number | undefined, alpha: number): boolean {
  if (bins.baseline.length < 2) return sum(bins.run) >= 1 / LARGE_PSI && sum(bins.baseline) >= 1 / LARGE_PSI; // one value, in both
  if (degrees === undefined) return false;
  return chiSquareTail(LARGE_PSI / (1 / sum(bins.baseline) + 1 / sum(bins.run)), degrees) <= alpha;
}

interface Parts {
  readonly bins: Bins;
  readonly ks?: { readonly distance: number; readonly error: number } | undefined;
  readonly unseen?: { readonly baseline: number; readonly run: number };
}

function compareNumbers(baseline: ComparedNumbers, run: ComparedNumbers, alpha: number, because: Reason[]): Parts {
  const cells = onOneGrid(baseline, run);
  const bins = numberBins(cells, { baseline: baseline.missing, run: run.missing });
  if (baseline.count === 0 || run.count === 0) return { bins };
  const ks = kolmogorovSmirnov(cells);
  if (ks.distance >= LEAST_EFFECT.ks && distanceChance(ks.distance, baseline.count, run.count) <= alpha) because.push('ks');
  return { bins, ks };
}

function compareTexts(baseline: ComparedTexts, run: ComparedTexts, alpha: number, because: Reason[]): Parts {
  const bins = textBins(baseline, run);
  if (baseline.count === 0 || run.count === 0 || baseline.other > 0) return { bins }; // what the baseline does not list it may have seen
  const known = new Set(baseline.categories.map(([text]) => text));
  const unknown = run.categories.filter(([text]) => !known.has(text)).map(([, count]) => count);
  const share = (sum(unknown) + run.other) / run.count;
  const once = baseline.categories.filter(([, count]) => count === 1).length;
  const isNew = newTextChance(Math.max(0, ...unknown), baseline.count, run.count) <= alpha;
  const areMany = share > unseenLimit(once, baseline.count, run.count, alpha);
  if (share >= LEAST_EFFECT.unseen && (isNew || areMany)) because.push('unseen');
  return { bins, unseen: { baseline: 0, run: share } };
}

function compareMeans(baseline: ComparedNumbers, run: ComparedNumbers): ColumnDrift['mean'] {
  if (baseline.mean === null || baseline.deviation === null || run.mean === null) return null;
  const difference = run.mean - baseline.mean;
  if (baseline.deviation === 0 && difference !== 0) return null;
  return { baseline: baseline.mean, run: run.mean, standardised: difference === 0 ? 0 : difference / baseline.deviation };
}
