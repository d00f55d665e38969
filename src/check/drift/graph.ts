import type { ColumnDrift, DriftFigures } from '../../profile/drift.js';

/** What the graph knows of a column, and what the run has seen of it: the parts of its figures that are looked at here. */
export interface GraphColumn {
  readonly column: string;
  readonly categories?: readonly string[];
  readonly mean?: number;
  readonly deviation?: number;
}

export interface SeenColumn {
  readonly name: string;
  readonly kind: 'number' | 'text';
  /** Values that are not missing. */
  readonly count: number;
  /** Of them, those that the graph's encoders do not know; undefined where they were not counted. */
  readonly unseen?: number;
  readonly mean?: number | null;
  readonly deviation?: number | null;
  readonly quantiles?: { readonly p25: number | string; readonly p50: number | string; readonly p75: number | string } | null;
}

/** A mean that is nearer than this many deviations counts as the same: what J. Cohen (1988, Statistical Power Analysis, 2.2) calls a small effect. */
export const NEAR_MEAN = 0.2;
/** A share of unseen values up to this counts as none. */
export const FEW_UNSEEN = 0.01;
/** With fewer values a mean is not taken for normally distributed. */
const FEWEST = 30;

/**
 * Compares a run with what the graph knows of its training data: the mean of a column with that of its scaler, and values with those that its encoders know. It is an
 * alarm where the difference is surely more than NEAR_MEAN or FEW_UNSEEN, by tests whose false alarms are at most `alpha` for all columns together (Bonferroni) where the truth is
 * not beyond these: a mean by the normal bound P(Z >= z) <= exp(-z^2 / 2) / 2, a share by W. Hoeffding's inequality (1963, JASA 58, theorem 1). The scaler's own error is not
 * known; it stays far below NEAR_MEAN where the model was fitted to some hundred rows. Of what the trees know nothing follows: how much of the training data lies
 * beyond the outermost thresholds does not stand in the graph. Pure.
 */
export function driftFromGraph(
  run: { readonly rows: number; readonly columns: readonly SeenColumn[] },
  known: readonly (GraphColumn | undefined)[],
  { alpha = 0.01 }: { readonly alpha?: number } = {},
): DriftFigures {
  const seen = new Map(run.columns.map((column) => [column.name, column]));
  const pairs = [...new Map(known.flatMap((each) => (each === undefined ? [] : [[each.column, each] as const]))).values()].flatMap((each) => {
    const figures = compared(each, seen.get(each.column));
    return figures === undefined ? [] : [figures];
  });
  const tests = pairs.reduce((sum, { mean, unseen }) => sum + (mean === null ? 0 : 1) + (unseen === null ? 0 : 1), 0);
  const columns = pairs.map((figures) => judge(figures, alpha / Math.max(1, tests)));
  return {
    against: 'graph',
    alpha,
    rows: { baseline: 0, run: run.rows },
    columns,
    scores: [],
    drifted: columns.filter(({ verdict }) => verdict === 'drift').length,
    psi: null,
  };
}

interface Compared extends Pick<ColumnDrift, 'column' | 'unseen' | 'mean'> {
  readonly count: number;
  /** Of the mean, in the deviations that it is measured with. */
  readonly error: number;
  /** The scaler may be one of medians and quartiles, and the run's are these. */
  readonly quartilesFit: boolean;
}

function compared({ column, categories, mean, deviation }: GraphColumn, seen: SeenColumn | undefined): Compared | undefined {
  if (seen === undefined) return undefined;
  const unit = deviation ?? seen.deviation ?? 0;
  const spread = seen.deviation ?? 0;
  const apart =
    mean === undefined || seen.mean === undefined || seen.mean === null || !(unit > 0)
      ? null
      : { baseline: mean, run: seen.mean, standardised: (seen.mean - mean) / unit };
  const unseen = categories === undefined || seen.unseen === undefined ? null : { baseline: 0, run: seen.count === 0 ? 0 : seen.unseen / seen.count };
  if (apart === null && unseen === null) return undefined;
  const error = unit > 0 && seen.count > 0 ? spread / unit / Math.sqrt(seen.count) : 0;
  return { column, unseen, mean: apart, count: seen.count, error, quartilesFit: mean !== undefined && fitsQuartiles(seen, mean, deviation) };
}

/** In a graph a scaler of quartiles looks like one of moments: of skewed data its centre is far from the mean, and that is no drift. */
function fitsQuartiles({ quantiles }: SeenColumn, centre: number, unit: number | undefined): boolean {
  if (quantiles === undefined || quantiles === null || unit === undefined) return false;
  const [lower, middle, upper] = [quantiles.p25, quantiles.p50, quantiles.p75].map(Number) as [number, number, number]; // NaN for infinities: they fit nothing
  const width = (upper - lower) / unit;
  return Math.abs(middle - centre) <= NEAR_MEAN * unit && width >= 1 - NEAR_MEAN && width <= 1 + NEAR_MEAN;
}

function judge({ column, unseen, mean, count, error, quartilesFit }: Compared, alpha: number): ColumnDrift {
  const because: ('mean' | 'unseen')[] = [];
  if (mean !== null && !quartilesFit && isFar(Math.abs(mean.standardised), error, alpha)) because.push('mean');
  if (unseen !== null && isMany(unseen.run, count, alpha)) because.push('unseen');
  const verdict = count < FEWEST ? 'too-few-rows' : because.length > 0 ? 'drift' : 'same';
  const none = { psi: null, js: null, ks: null, ksError: null, missing: null } as const;
  return { column, ...none, unseen, mean, verdict, because: verdict === 'drift' ? because : [] };
}

function isFar(standardised: number, error: number, alpha: number): boolean {
  if (standardised <= NEAR_MEAN) return false;
  const z = (standardised - NEAR_MEAN) / error; // an infinity where the column does not vary
  return Math.exp((-z * z) / 2) / 2 <= alpha;
}

function isMany(share: number, count: number, alpha: number): boolean {
  if (share <= FEW_UNSEEN) return false;
  const rest = share === 1 ? 0 : (1 - share) * Math.log((1 - share) / (1 - FEW_UNSEEN));
  return Math.exp(-count * (share * Math.log(share / FEW_UNSEEN) + rest)) <= alpha;
}
