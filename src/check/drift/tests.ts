import { sum, type Bins } from './bins.js';
import { chiSquareTail, logGamma } from './chi-square.js';

/** With a smaller expectation a bin is joined with its neighbour (W. Cochran, Some Methods for Strengthening the Common Chi-Square Tests, 1954). */
const LEAST_EXPECTED = 5;

/**
 * The chance, at most about, that two samples of one distribution differ in their bins as much as these: Pearson's test of homogeneity. n m / (n + m) times PSI has the same limit (B. Yurdakul and J. Naranjo, Statistical Properties
 * of the Population Stability Index, 2020); Pearson's statistic comes nearer to it in small samples. undefined: too few rows for two bins.
 */
export function homogeneity(bins: Bins): { readonly chance: number; readonly degrees: number } | undefined {
  const { baseline, run } = joinSmall(bins);
  const [n, m] = [sum(baseline), sum(run)];
  if (baseline.length < 2) return undefined;
  const statistic = baseline.reduce((total, count, bin) => {
    const other = run[bin] ?? 0;
    return total + (count * m - other * n) ** 2 / (count + other);
  }, 0);
  const degrees = baseline.length - 1;
  return { chance: chiSquareTail(statistic / (n * m), degrees), degrees };
}

/** Joins bins with the next until each sample expects enough rows in each; what is left at the end goes to the last. */
function joinSmall({ baseline, run }: Bins): Bins {
  const [n, m] = [sum(baseline), sum(run)];
  const least = (LEAST_EXPECTED * (n + m)) / Math.min(n, m); // of the two counts together
  const joined: [number, number][] = [];
  let [mine, theirs] = [0, 0];
  baseline.forEach((count, bin) => {
    mine += count;
    theirs += run[bin] ?? 0;
    if (mine + theirs < least) return;
    joined.push([mine, theirs]);
    [mine, theirs] = [0, 0];
  });
  const last = joined.at(-1);
  if (last !== undefined) {
    last[0] += mine;
    last[1] += theirs;
  }
  return { baseline: joined.map(([count]) => count), run: joined.map(([, count]) => count) };
}

/**
 * The chance, at most, that two samples of one distribution are so far apart by Kolmogorov-Smirnov: the inequality of Dvoretzky, Kiefer and Wolfowitz for two samples, with the constant e of
 * F. Wei and R. Dudley (2012). A distance at the ends of cells is none too large.
 */
export function distanceChance(distance: number, n: number, m: number): number {
  return Math.min(1, Math.E * Math.exp(((-2 * n * m) / (n + m)) * distance ** 2));
}

/** The chance, of both sides, that shares differ as much where there is one share: Fisher's exact test (R. Fisher, 1934), its nearer tail twice. */
export function shareChance(baseline: { readonly hits: number; readonly of: number }, run: { readonly hits: number; readonly of: number }): number {
  if (baseline.of === 0 || run.of === 0) return 1;
  const [hits, rows] = [baseline.hits + run.hits, baseline.of + run.of];
  const expected = (run.of * hits) / rows;
  const step = run.hits >= expected ? 1 : -1;
  const last = step === 1 ? Math.min(hits, run.of) : Math.max(0, hits - baseline.of);
  let tail = 0;
  let term = Math.exp(logHypergeometric(run.hits, run.of, hits, rows));
  for (let x = run.hits; ; x += step) {
    tail += term;
    if (x === last || term < tail * 1e-17) break;
    const [up, down] = [(hits - x) * (run.of - x), x * (baseline.of - hits + x)];
    term *= step === 1 ? up / ((x + 1) * (baseline.of - hits + x + 1)) : down / ((hits - x + 1) * (run.of - x + 1));
  }
  return Math.min(1, 2 * tail);
}

/** Logarithm of the chance of `x` hits among `draws` of `rows` that hold `hits`. */
function logHypergeometric(x: number, draws: number, hits: number, rows: number): number {
  return logChoose(hits, x) + logChoose(rows - hits, draws - x) - logChoose(rows, draws);
}

function logChoose(n: number, k: number): number {
  return logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1);
}

/**
 * The chance, at most, that among two samples of one distribution a text comes `most` times in the run and never in the baseline: of the at most (n + m) / most texts that come so often in both together, each falls into
 * the run alone with a chance below (m / (n + m))^most.
 */
export function newTextChance(most: number, n: number, m: number): number {
  return most === 0 ? 1 : Math.min(1, ((n + m) / most) * (m / (n + m)) ** most);
}

/**
 * The share of values, at most but for a chance of `alpha`, that a sample of `m` has with texts that one of `n` does not, `once` of whose texts came once: Good's estimate once / n of what was missed, with the bound of D. McAllester and
 * R. Schapire (On the Convergence Rate of Good-Turing Estimators, 2000), and Hoeffding's (1963) for the sample's own share.
 */
export function unseenLimit(once: number, n: number, m: number, alpha: number): number {
  const missed = once / n + (2 * Math.SQRT2 + Math.sqrt(3)) * Math.sqrt(Math.log(6 / alpha) / n);
  return missed + Math.sqrt(Math.log(2 / alpha) / (2 * m));
}
