import { sum, type Bins, type CellBins } from './bins.js';

/**
 * Population stability index: the sum over bins of (q - p) ln(q / p), the symmetric divergence of H. Jeffreys (1946) by its name in credit scoring (N. Siddiqi, Credit Risk Scorecards, 2006). Each count gets half a
 * row more, as in Jeffreys' prior for shares, so that an empty bin does not make it infinite.
 */
export function psi({ baseline, run }: Bins): number {
  const [p, q] = [smoothed(baseline), smoothed(run)];
  return p.reduce((sum, share, bin) => sum + ((q[bin] ?? 0) - share) * Math.log((q[bin] ?? 0) / share), 0);
}

function smoothed(counts: readonly number[]): number[] {
  const total = sum(counts) + counts.length / 2;
  return counts.map((count) => (count + 0.5) / total);
}

/** Jensen-Shannon divergence to base 2 (J. Lin, Divergence Measures Based on the Shannon Entropy, 1991): 0 for equal shares, 1 for shares that have no bin in common. */
export function jensenShannon({ baseline, run }: Bins): number {
  const [n, m] = [sum(baseline), sum(run)];
  const half = (share: number, middle: number): number => (share === 0 ? 0 : (share * Math.log2(share / middle)) / 2);
  const total = baseline.reduce((before, count, bin) => {
    const [p, q] = [count / n, (run[bin] ?? 0) / m];
    return before + half(p, (p + q) / 2) + half(q, (p + q) / 2);
  }, 0);
  return Math.min(Math.max(total, 0), 1);
}

/**
 * Kolmogorov-Smirnov distance of two samples, of which only counts by cell are known: the largest difference of the shares up to the end of a cell. Within a cell it may be greater, by no more than
 * the larger of the two shares that lie in that cell; `error` is the largest of these over the cells where that could matter. It cannot in a cell of one value: where all are, the distance is exact.
 */
export function kolmogorovSmirnov({ baseline, run, single }: CellBins): { readonly distance: number; readonly error: number } {
  const [n, m] = [sum(baseline), sum(run)];
  let [p, q, before, distance, most] = [0, 0, 0, 0, 0];
  for (let cell = 0; cell < baseline.length; cell++) {
    const count = baseline[cell] as number;
    const other = run[cell] as number;
    // inside the cell the difference is at most as if all of one sample came before all of the other
    if (single[cell] !== true) most = Math.max(most, Math.abs(before + count / n), Math.abs(before - other / m));
    p += count;
    q += other;
    before = p / n - q / m;
    distance = Math.max(distance, Math.abs(before));
  }
  return { distance, error: Math.max(0, most - distance) };
}
