import type { DataFigures } from './figures.js';
import type { DataSummary } from './options.js';

/** How a run's data stands to what the model was trained on, in one line's worth; undefined where nothing is known of that. Pure. */
export function dataSummary({ drift, unseen, outOfRange }: Pick<DataFigures, 'drift' | 'unseen' | 'outOfRange'>): DataSummary | undefined {
  if (drift === undefined && unseen === undefined && outOfRange === undefined) return undefined;
  const compared = drift === undefined ? [] : [...drift.columns, ...drift.scores];
  return {
    against: drift?.against,
    compared: compared.length,
    drifted: compared.filter(({ verdict }) => verdict === 'drift').map(({ column }) => column),
    untold: compared.filter(({ verdict }) => verdict === 'too-few-rows').length,
    unseen: total(unseen),
    outOfRange: total(outOfRange),
  };
}

function total(counts: readonly { readonly rows: number }[] = []): number {
  return counts.reduce((sum, { rows }) => sum + rows, 0);
}
