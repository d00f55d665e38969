import type { BaselineColumn } from '../../contract/baseline.js';
import type { ColumnRule, Contract, Kpi } from '../../contract/contract.js';
import { categoryTexts, type SchemaField } from '../../contract/table-schema.js';
import { escapeControl } from '../report/escape.js';

const LISTED = 5;
/** Whole numbers below it are shown to the last digit, other numbers to four. */
const WHOLE = 1e9;

/** A contract as tables for people. */
export function explainContract(contract: Contract, columns = 120): string {
  const { model, target, trainedThrough, expires, outputs, metrics, baseline, schema, golden, features, ids, classes, kpi = {}, usualRows, rules = {} } = contract;
  const head = [
    ['contract', contract.path],
    ['model', model === undefined ? 'none' : `sha256 ${model.sha256.slice(0, 12)}`],
    ['features', features && listText(features)],
    ['ids', ids && listText(ids)],
    ['target', target?.column],
    ['classes', classes && listText(classes)],
    ['threshold', thresholdText(contract)],
    ['trained through', trainedThrough],
    ['expires', expires],
    ['outputs', outputs?.map(({ name }) => name).join(', ')],
    ['usual rows', usualRows && rowsText(usualRows)],
    ['golden rows', golden === undefined ? undefined : String(golden.length)],
    ['baseline', baseline && `${baseline.rows.toLocaleString('en-US')} row${baseline.rows === 1 ? '' : 's'}${baseline.source?.name === undefined ? '' : ` of ${baseline.source.name}`}, ${baseline.at}`],
    ...Object.entries(kpi).map(([name, figure]) => [`kpi ${name}`, kpiText(figure)]),
    ...Object.entries(metrics ?? {}).filter(([, value]) => typeof value === 'number' && !Number.isInteger(value)).map(([name, value]) => [name, numberText(value as number)]),
  ].filter((row): row is [string, string] => row[1] !== undefined);
  const fields = rowsOf(schema?.fields ?? [], baseline?.columns ?? []);
  const scores = rowsOf([], baseline?.scores ?? []);
  const kept = Object.entries(rules).map(([name, rule]) => [name, ruleText(rule)]);
  const ruled = kept.length === 0 ? '' : `Rules\n${table(kept, columns)}`;
  return [table(head, columns), section('Columns', fields, columns), ruled, section('Scores', scores, columns)].filter((part) => part !== '').join('\n');
} // prettier-ignore

/** The first few of many. */
function listText(texts: readonly string[]): string {
  return texts.length > LISTED ? `${texts.slice(0, LISTED).join(', ')}, … (${texts.length})` : texts.join(', ');
}

function thresholdText({ threshold, positiveClass }: Contract): string | undefined {
  if (threshold === undefined) return positiveClass === undefined ? undefined : `of the class ${positiveClass}`;
  return `${threshold}${positiveClass === undefined ? '' : ` of the class ${positiveClass}`}`;
}

function rowsText({ min, max }: NonNullable<Contract['usualRows']>): string {
  return [...(min === undefined ? [] : [`at least ${min}`]), ...(max === undefined ? [] : [`at most ${max}`])].join(', ');
}

function kpiText(kpi: Kpi): string {
  if ('shareAbove' in kpi) return `share of rows with ${kpi.shareAbove.column} >= ${kpi.shareAbove.threshold}`;
  const sumText = (values: Readonly<Record<string, number>>): string => Object.entries(values).map(([column, value]) => `${value} x ${column}`).join(' + ') || '0';
  const parts = Object.entries(kpi.expectedValue).map(([name, value]) => (typeof value === 'number' ? `${value} x ${name}` : `${name}: ${sumText(value as Readonly<Record<string, number>>)}`));
  return `mean of ${parts.join(Object.values(kpi.expectedValue).some((value) => typeof value === 'number') ? ' + ' : '; ')}`;
} // prettier-ignore

function ruleText({ value, ...actions }: ColumnRule): string {
  return Object.entries(actions).map(([key, action]) => `${key}: ${action}${action === 'value' ? ` ${JSON.stringify(value)}` : ''}`).join(', ');
} // prettier-ignore

const HEADER = ['column', 'type', 'rows', 'missing', 'mean', 'deviation', 'p01', 'p50', 'p99', 'values'];

function section(title: string, rows: readonly (readonly string[])[], columns: number): string {
  return rows.length === 0 ? '' : `${title}\n${table([HEADER, ...rows], columns)}`;
}

function rowsOf(fields: readonly SchemaField[], columns: readonly BaselineColumn[]): string[][] {
  const figures = new Map(columns.map((column) => [column.name, column]));
  const names = [...new Set([...fields.map(({ name }) => name), ...figures.keys()])];
  return names.map((name) => {
    const [field, seen] = [fields.find((other) => other.name === name), figures.get(name)];
    const spread = seen?.kind === 'number' ? [seen.mean, seen.deviation, seen.quantiles?.p01, seen.quantiles?.p50, seen.quantiles?.p99] : [];
    const counts = seen === undefined ? ['', ''] : [String(seen.count), String(seen.missing)];
    return [
      name,
      `${field?.type ?? seen?.kind ?? ''}${field?.constraints?.required === true ? ', required' : ''}`,
      ...counts,
      ...Array.from({ length: 5 }, (_, at) => figureText(spread[at])),
      valuesText(field, seen),
    ];
  });
}

function valuesText(field: SchemaField | undefined, seen: BaselineColumn | undefined): string {
  const { minimum, maximum } = field?.constraints ?? {};
  if (minimum !== undefined || maximum !== undefined) return `${minimum ?? ''} to ${maximum ?? ''}`;
  const texts = seen?.kind === 'text' && seen.categories.length > 0 ? seen.categories.map(([text]) => text) : ((field && categoryTexts(field)) ?? []);
  if (texts.length === 0) return seen?.kind === 'text' && seen.count > 0 ? `${seen.distinct} text${seen.distinct === 1 ? '' : 's'}` : '';
  return listText(texts);
}

function figureText(value: number | string | null | undefined): string {
  return typeof value === 'number' ? numberText(value) : (value ?? '');
}

function numberText(value: number): string {
  return String(Number.isInteger(value) && Math.abs(value) < WHOLE ? value : Number(value.toPrecision(4)));
}

/** Columns side by side; numbers to the left as texts are, and no line wider than the terminal. */
function table(rows: readonly (readonly string[])[], width: number): string {
  const shown = rows.map((row) => row.map((cell) => escapeControl(cell)));
  const widths = (shown[0] ?? []).map((_, at) => Math.max(...shown.map((row) => (row[at] ?? '').length)));
  return `${shown
    .map((row) => `  ${row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  ')}`.trimEnd())
    .map((line) => (line.length > width ? `${line.slice(0, width - 1)}…` : line))
    .join('\n')}\n`;
}
