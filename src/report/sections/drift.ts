import type { Block, Cell, Section } from '../content.js';
import { countText, numberText, plural, shareText } from '../figures.js';
import { firstRows } from '../first-rows.js';
import type { ColumnDrift, DriftFigures, ReportRun } from '../material.js';

/** Columns and scores against the baseline, those that drifted first, then by psi. */
export function driftSection({ figures: { drift } }: ReportRun): Section | undefined {
  if (drift === undefined) return undefined;
  const blocks: readonly Block[] = [
    { kind: 'text', text: aboutText(drift) },
    driftTable('Drift by column that the model reads', drift.columns),
    ...(drift.scores.length === 0 ? [] : [driftTable('Drift of what the model gave', drift.scores)]),
    { kind: 'text', text: MEASURES },
  ];
  return { id: 'drift', title: 'Drift', blocks };
}

const MEASURES =
  'psi: population stability index over tenths of the baseline, with bins for values beyond its range and for missing ones; js: Jensen-Shannon divergence of the same bins, in bits (0 to 1); ' +
  'ks: largest distance between the cumulative distributions, and how much larger it may be; mean: the change in standard deviations of the baseline. Shares are of the rows. drift: told from chance, and no small change.';

function aboutText({ against, rows, alpha }: DriftFigures): string {
  const source = against === 'graph' ? 'what the graph of the model knows of its training data' : `the baseline of the contract (${plural(rows.baseline, 'row')})`;
  return `${plural(rows.run, 'row')} of this run compared with ${source}. A run of the same kind of data is called drifted by chance at most in ${shareText(alpha)} of runs.`;
} // prettier-ignore

function driftTable(caption: string, columns: readonly ColumnDrift[]): Block {
  const shown = COLUMNS.filter(({ value }) => value === undefined || columns.some((column) => value(column)));
  return {
    kind: 'table',
    table: {
      caption,
      head: shown.map(({ name, right }) => ({ name, ...(right === undefined ? {} : { right }) })),
      ...firstRows([...columns].sort(byDrift).map((column) => shown.map(({ cell }) => cell(column)))),
    },
  };
}

/** `value`: where no column has it, the table leaves it out. */
const COLUMNS: readonly {
  readonly name: string;
  readonly right?: true;
  readonly value?: (column: ColumnDrift) => boolean;
  readonly cell: (column: ColumnDrift) => Cell;
}[] = [
  { name: 'column', cell: ({ column }) => column },
  { name: 'verdict', cell: verdictCell },
  { name: 'psi', right: true, value: ({ psi }) => psi !== null, cell: ({ psi }) => distanceText(psi) },
  { name: 'js', right: true, value: ({ js }) => js !== null, cell: ({ js }) => distanceText(js) },
  { name: 'ks', right: true, value: ({ ks }) => ks !== null, cell: ({ ks, ksError }) => (ks !== null && ksError !== null && ksError >= 0.0005 ? `${distanceText(ks)} (+${distanceText(ksError)})` : distanceText(ks)) },
  { name: 'mean', right: true, value: ({ mean }) => mean !== null, cell: ({ mean }) => (mean === null ? '-' : `${numberText(mean.baseline)} → ${numberText(mean.run)} (${signed(mean.standardised)})`) },
  { name: 'missing', right: true, value: ({ missing }) => missing !== null, cell: ({ missing }) => changeText(missing) },
  { name: 'unseen', right: true, value: ({ unseen }) => unseen !== null, cell: ({ unseen }) => changeText(unseen) },
]; // prettier-ignore

const NAMES: Readonly<Record<ColumnDrift['because'][number], string>> = { psi: 'psi', ks: 'ks', missing: 'missing', unseen: 'unseen', mean: 'mean' };

function verdictCell({ verdict, because }: ColumnDrift): Cell {
  if (verdict === 'same') return { text: 'same', level: 'good' };
  if (verdict === 'too-few-rows') return { text: 'too few rows', level: 'note' };
  const why = because.map((reason) => NAMES[reason]).join(', ');
  return { text: why === '' ? 'drift' : `drift: ${why}`, level: 'warning' };
}

/** Drifted ones first, then by psi, then by the change of the mean, then as they stand in the journal. */
export function byDrift(a: ColumnDrift, b: ColumnDrift): number {
  return rank(b) - rank(a) || (b.psi ?? -1) - (a.psi ?? -1) || Math.abs(b.mean?.standardised ?? 0) - Math.abs(a.mean?.standardised ?? 0);
}

function rank({ verdict }: ColumnDrift): number {
  return { drift: 2, same: 1, 'too-few-rows': 0 }[verdict];
}

function distanceText(distance: number | null): string {
  return distance === null ? '-' : distance !== 0 && distance < 0.0005 ? '<0.001' : distance.toFixed(3);
}

function signed(deviations: number): string {
  return `${deviations >= 0 ? '+' : '−'}${Math.abs(deviations) >= 1000 ? countText(Math.abs(deviations)) : Math.abs(deviations).toFixed(2)}σ`;
}

function changeText(shares: { readonly baseline: number; readonly run: number } | null): string {
  return shares === null ? '-' : `${shareText(shares.baseline)} → ${shareText(shares.run)}`;
}
