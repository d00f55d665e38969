import type { Plot } from './content.js';
import { countText, numberText, shareText } from './figures.js';
import type { ColumnDrift, JournalColumn } from './material.js';

const MOST_BARS = 12;

/** The distribution of a column, beside that of the baseline where the journal has it; undefined where it has nothing to draw. */
export function columnPlot(column: JournalColumn, drift: ColumnDrift | undefined): Plot | undefined {
  const head = { title: column.name };
  if (column.kind === 'number') {
    const { histogram } = column;
    if (histogram === undefined || histogram.edges.length < 2) return undefined;
    const { edges, counts, baseline } = histogram;
    const shares = sharesOf(counts);
    if (shares === undefined) return undefined;
    const before = baseline === undefined ? undefined : sharesOf(baseline);
    const drawn = { kind: 'histogram' as const, edges, run: shares, ...(before === undefined ? {} : { baseline: before }) };
    return { ...head, summary: summaryText(column, drift), ...drawn };
  }
  const { categories = [], count } = column;
  if (categories.length === 0 || count === 0) return undefined;
  const known = categories.some(({ baseline }) => baseline !== undefined);
  const whole = known ? categories.reduce((sum, { baseline = 0 }) => sum + baseline, 0) : 0;
  const bars = categories.slice(0, MOST_BARS).map(({ value, rows, baseline }) => ({
    name: value === '' ? '(empty)' : value,
    run: rows / count,
    ...(baseline === undefined || whole === 0 ? {} : { baseline: baseline / whole }),
  }));
  return { ...head, summary: summaryText(column, drift), kind: 'bars', bars };
}

function sharesOf(counts: readonly number[]): number[] | undefined {
  const total = counts.reduce((sum, count) => sum + count, 0);
  return total === 0 ? undefined : counts.map((count) => count / total);
}

function summaryText(column: JournalColumn, drift: ColumnDrift | undefined): string {
  const parts = [
    drift === undefined ? undefined : drift.verdict === 'drift' ? 'drift' : drift.verdict === 'same' ? 'same' : 'too few rows to tell',
    drift === undefined || drift.psi === null ? undefined : `psi ${drift.psi.toFixed(3)}`,
    column.kind === 'number' && column.quantiles !== null ? `median ${numberText(column.quantiles.p50)}` : undefined,
    column.kind === 'text' ? `${countText(column.distinct)} texts` : undefined,
    column.missing > 0 ? `${shareText(column.missing / (column.count + column.missing))} missing` : undefined,
  ];
  return parts.filter((part) => part !== undefined).join(', ');
}
