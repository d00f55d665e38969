import type { BarsPlot, Plot } from './content.js';
import { countText, numberText, shareText, valueText } from './figures.js';
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
  const bars = barsOf(column, drift);
  return bars.length === 0 ? undefined : { ...head, summary: summaryText(column, drift), kind: 'bars', bars };
}

type Bar = BarsPlot['bars'][number];

/** The known texts, and what is none of them: there lies the cause of most drift. Shares of all rows. */
function barsOf({ categories = [], count, missing, unseen = 0 }: JournalColumn & { readonly kind: 'text' }, drift: ColumnDrift | undefined): Bar[] {
  if (categories.length === 0 || count === 0) return [];
  const [rows, before] = [count + missing, drift?.missing?.baseline ?? 0];
  const [shown, rest] = [categories.slice(0, MOST_BARS), categories.slice(MOST_BARS)];
  const known = sum(categories.map(({ baseline = 0 }) => baseline));
  const bar = (name: string, own: number, baseline: number): Bar => ({ name, run: own / rows, ...(known === 0 ? {} : { baseline }) });
  const ofKnown = (counts: readonly number[]): number => (sum(counts) / known) * (1 - before);
  const other = Math.max(0, count - unseen - sum(shown.map((each) => each.rows)));
  return [
    ...shown.map(({ value, rows: own, baseline = 0 }) => bar(valueText(value), own, ofKnown([baseline]))),
    ...(other === 0 ? [] : [bar('(other)', other, ofKnown(rest.map(({ baseline = 0 }) => baseline)))]),
    ...(unseen === 0 ? [] : [bar('(never seen)', unseen, 0)]),
    ...(missing === 0 && before === 0 ? [] : [bar('(missing)', missing, before)]),
  ];
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}

function sharesOf(counts: readonly number[]): number[] | undefined {
  const total = sum(counts);
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
