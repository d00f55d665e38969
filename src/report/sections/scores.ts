import type { Block, Section, Table } from '../content.js';
import { countText, numberText, shareText } from '../figures.js';
import { firstRows } from '../first-rows.js';
import type { JournalColumn, ReportRun } from '../material.js';
import { columnPlot } from '../column-plot.js';

const MOST_PLOTS = 12;

/** What the model gave: figures, labels, distributions. */
export function scoresSection({ figures: { profile, predictions = [], drift } }: ReportRun): Section | undefined {
  const verdicts = new Map(drift?.scores.map((column) => [column.column, column]));
  const plots = (profile?.scores ?? []).flatMap((column) => columnPlot(column, verdicts.get(column.name)) ?? []).slice(0, MOST_PLOTS);
  const numbers = profile?.scores.filter((column) => column.kind === 'number') ?? [];
  const labels = predictions.flatMap(({ column, count, labels: rows }) => rows.map(({ label, rows: found }) => [column, label, countText(found), shareText(count === 0 ? null : found / count)]));
  const blocks: readonly Block[] = [
    ...(numbers.length > 0 ? [{ kind: 'table' as const, table: scoreTable(numbers, predictions) }] : rangesAlone(predictions)),
    ...(labels.length === 0 ? [] : [{ kind: 'table' as const, table: { caption: 'Labels', head: [{ name: 'column' }, { name: 'label' }, { name: 'rows', right: true }, { name: 'share', right: true }], ...firstRows(labels) } }]),
    ...(plots.length === 0 ? [] : [{ kind: 'plots' as const, caption: 'Distributions of what the model gave', plots }]),
  ];
  return blocks.length === 0 ? undefined : { id: 'scores', title: 'What the model gave', blocks };
} // prettier-ignore

const QUANTILES = ['p05', 'p25', 'p50', 'p75', 'p95'] as const;

function scoreTable(numbers: readonly (JournalColumn & { readonly kind: 'number' })[], predictions: Predictions): Table {
  const nonFinite = new Map(predictions.map((prediction) => [prediction.column, prediction.nonFinite]));
  const head = ['mean', 'deviation', 'least', '5%', '25%', 'median', '75%', '95%', 'greatest', 'NaN or infinite'];
  return {
    caption: 'Scores',
    head: [{ name: 'column' }, ...head.map((name) => ({ name, right: true }))],
    ...firstRows(
      numbers.map(({ name, mean, deviation, min, max, quantiles }) => [
        name,
        numberText(mean),
        numberText(deviation),
        numberText(min),
        ...QUANTILES.map((quantile) => numberText(quantiles?.[quantile])),
        numberText(max),
        countText(nonFinite.get(name) ?? 0),
      ]),
    ),
  };
}

type Predictions = NonNullable<ReportRun['figures']['predictions']>;

/** Of older journals, and of runs without a profile. */
function rangesAlone(predictions: Predictions): readonly Block[] {
  const numbers = predictions.filter(({ labels }) => labels.length === 0);
  if (numbers.length === 0) return [];
  const rows = numbers.map(({ column, min, max, nonFinite }) => [column, numberText(min), numberText(max), countText(nonFinite)]);
  const head = [{ name: 'column' }, ...['least', 'greatest', 'NaN or infinite'].map((name) => ({ name, right: true }))];
  return [{ kind: 'table', table: { caption: 'Scores', head, ...firstRows(rows) } }];
}
