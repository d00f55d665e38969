import type { Block, Section, Table } from '../content.js';
import { countText, numberText, shareText, valueText } from '../figures.js';
import { firstRows } from '../first-rows.js';
import type { JournalColumn, ReportRun } from '../material.js';
import { columnPlot } from '../column-plot.js';
import { byDrift } from './drift.js';

/** Plots of columns: what has drifted comes first, and more would be looked at by nobody. */
const MOST_PLOTS = 24;

/** What the model read: missing, unseen and out-of-range values, and distributions. */
export function columnsSection({ figures }: ReportRun): Section | undefined {
  const { profile, missing = [] } = figures;
  const blocks: readonly Block[] = [
    ...(profile === undefined ? missingAlone(missing) : [{ kind: 'table' as const, table: columnTable(figures) }]),
    ...unseenValues(figures.unseen ?? []),
    ...plots(figures),
  ];
  return blocks.length === 0 ? undefined : { id: 'columns', title: 'What the model read', blocks };
}

/** Of older journals, and of runs without a profile. */
function missingAlone(missing: NonNullable<ReportRun['figures']['missing']>): readonly Block[] {
  if (missing.length === 0) return [];
  const rows = [...missing].sort((a, b) => b.rows - a.rows).map(({ column, rows: count }) => [column, countText(count)]);
  return [{ kind: 'table', table: { caption: 'Missing values', head: [{ name: 'column' }, { name: 'missing', right: true }], ...firstRows(rows) } }];
}

function columnTable({ profile, unseen = [], outOfRange = [], rows, drift }: ReportRun['figures']): Table {
  const columns = profile?.columns ?? [];
  const scored = rows?.scored ?? profile?.rows ?? 0;
  const [unknown, outside] = [rowsOf(unseen), rowsOf(outOfRange)];
  const unseenOf = (column: JournalColumn): number | undefined => unknown.get(column.name) ?? column.unseen;
  const outsideOf = (column: JournalColumn): number | undefined => outside.get(column.name) ?? column.outOfRange;
  const isFlagged = (column: JournalColumn): boolean => column.missing > 0 || (unseenOf(column) ?? 0) > 0 || (outsideOf(column) ?? 0) > 0;
  const count = (found: number | undefined): string => (found === undefined ? '-' : found === 0 || scored === 0 ? countText(found) : `${countText(found)} (${shareText(found / scored)})`);
  const all: readonly (readonly [name: string, (column: JournalColumn) => string, isShown: boolean])[] = [
    ['missing', ({ missing }) => count(missing), true],
    ['unseen', (column) => count(unseenOf(column)), columns.some((column) => unseenOf(column) !== undefined)],
    ['out of range', (column) => count(outsideOf(column)), columns.some((column) => outsideOf(column) !== undefined)],
    ['least', (column) => (column.kind === 'number' ? numberText(column.min) : '-'), true],
    ['median', (column) => (column.kind === 'number' ? numberText(column.quantiles?.p50) : '-'), true],
    ['mean', (column) => (column.kind === 'number' ? numberText(column.mean) : '-'), true],
    ['greatest', (column) => (column.kind === 'number' ? numberText(column.max) : '-'), true],
    ['texts', (column) => (column.kind === 'text' ? distinctText(column.distinct, column.isExact) : '-'), columns.some(({ kind }) => kind === 'text')],
  ];
  const shown = all.filter(([, , isShown]) => isShown);
  // of very many columns those with something to tell come first
  const ordered = columns.length > 50 ? [...columns].sort((a, b) => Number(isFlagged(b)) - Number(isFlagged(a))) : columns;
  return {
    caption: drift === undefined ? 'Values by column, over the rows scored' : 'Values of this run by column, over the rows scored',
    head: [{ name: 'column' }, ...shown.map(([name]) => ({ name, right: true }))],
    ...firstRows(ordered.map((column) => [column.name, ...shown.map(([, text]) => text(column))])),
  };
} // prettier-ignore

function rowsOf(counts: readonly { readonly column: string; readonly rows: number }[]): ReadonlyMap<string, number> {
  return new Map(counts.map(({ column, rows }) => [column, rows]));
}

function unseenValues(unseen: NonNullable<ReportRun['figures']['unseen']>): readonly Block[] {
  const rows = unseen.flatMap(({ column, values, error = 0 }) => values.map(({ value, rows: count }) => [column, valueText(value), error === 0 ? countText(count) : `${countText(count)} to ${countText(count + error)}`]));
  if (rows.length === 0) return [];
  const head = [{ name: 'column' }, { name: 'value' }, { name: 'rows', right: true }];
  const many = unseen.flatMap(({ column, distinct, isExact }) => (distinct === undefined || isExact !== false ? [] : [`${column} has ${distinctText(distinct, isExact)}`]));
  return [
    { kind: 'table', table: { caption: 'Most frequent values that the model has never seen', head, ...firstRows(rows) } },
    ...(many.length === 0 ? [] : [{ kind: 'text' as const, text: `More distinct unseen values than are counted one by one: ${many.join(', ')}. How often each came is known within bounds.` }]),
  ];
} // prettier-ignore

/** Beyond what is counted one by one it is an estimate. */
function distinctText(distinct: number, isExact: boolean | undefined): string {
  return isExact === false ? `about ${countText(Number(distinct.toPrecision(3)))}` : countText(distinct);
}

function plots({ profile, drift }: ReportRun['figures']): readonly Block[] {
  if (profile === undefined) return [];
  const order = new Map(drift === undefined ? [] : [...drift.columns].sort(byDrift).map((column, at) => [column.column, at]));
  const verdicts = new Map(drift?.columns.map((column) => [column.column, column]));
  const columns = [...profile.columns].sort((a, b) => (order.get(a.name) ?? order.size) - (order.get(b.name) ?? order.size));
  const drawn = columns.flatMap((column) => columnPlot(column, verdicts.get(column.name)) ?? []);
  if (drawn.length === 0) return [];
  const left = drawn.length - MOST_PLOTS;
  return [{
    kind: 'plots',
    caption: 'Distributions of what the model read',
    plots: drawn.slice(0, MOST_PLOTS),
    ...(left > 0 ? { note: `${countText(left)} more columns are not drawn.` } : {}),
  }];
} // prettier-ignore
