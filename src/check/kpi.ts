import { float16Value } from '../batch/float16.js';
import type { ResultColumn } from '../batch/result.js';
import { addDouble } from '../profile/exact-double.js';
import { ExactSum, nearestDouble, type ExactSumSnapshot } from '../profile/exact-sum.js';
import type { Kpi } from '../profile/kpi.js';
import type { Rows } from './range.js';

export type KpiRules = Readonly<Record<string, Kpi>>;

/** By figure: rows that were looked at and the sum of what each gave, exactly. Plain data, of a chunk or of a run. */
export type KpiCounts = Readonly<Record<string, { readonly rows: number; readonly sum: ExactSumSnapshot }>>;

/** Works out the figures of the scored rows of a batch. `prefix` stands before the names of the result columns. */
export function countKpis(rules: KpiRules, columns: readonly ResultColumn[], rows: Rows, prefix: string): KpiCounts {
  return Object.fromEntries(
    Object.entries(rules).map(([name, rule]) => {
      const valueOf = openValue(rule, columns, prefix);
      const sum = new ExactSum();
      let counted = 0;
      for (let index = 0; index < rows.length; index++) {
        const value = valueOf(rows.picks === undefined ? index : (rows.picks[index] as number));
        if (!Number.isFinite(value)) continue; // a score that is none has no value
        addDouble(value, sum);
        counted++;
      }
      return [name, { rows: counted, sum: sum.snapshot() }];
    }),
  );
}

/** Adds up the counts of chunks. */
export function mergeKpis(before: KpiCounts | undefined, added: KpiCounts): KpiCounts {
  if (before === undefined) return added;
  return Object.fromEntries(
    Object.entries(added).map(([name, { rows, sum }]) => {
      const total = ExactSum.restore(before[name]?.sum ?? '0');
      const { numerator, exponent } = ExactSum.restore(sum).exact();
      total.addExact(numerator, exponent);
      return [name, { rows: rows + (before[name]?.rows ?? 0), sum: total.snapshot() }];
    }),
  );
}

/** The figures; null where no row was looked at. */
export function kpiFigures(counts: KpiCounts): { readonly name: string; readonly value: number | null }[] {
  return Object.entries(counts).map(([name, { rows, sum }]) => {
    const { numerator, exponent } = ExactSum.restore(sum).exact();
    return { name, value: rows === 0 ? null : nearestDouble(numerator, BigInt(rows), exponent) };
  });
}

type RowValue = (row: number) => number;

function openValue(rule: Kpi, columns: readonly ResultColumn[], prefix: string): RowValue {
  const numberOf = (name: string): RowValue => {
    const column = columns.find(({ field }) => field.name === prefix + name);
    if (column === undefined) return () => NaN;
    const { values, field } = column;
    return field.type === 'float16' ? (row) => float16Value(values[row] as number) : (row) => Number(values[row]);
  };
  if ('shareAbove' in rule) {
    const { column, threshold } = rule.shareAbove;
    const value = numberOf(column);
    return (row) => (Number.isNaN(value(row)) ? NaN : value(row) >= threshold ? 1 : 0);
  }
  const weighed = (weights: Readonly<Record<string, number>>): RowValue => {
    const terms = Object.entries(weights).map(([name, weight]) => ({ value: numberOf(name), weight }));
    return (row) => terms.reduce((sum, { value, weight }) => sum + value(row) * weight, 0);
  };
  if (isFlat(rule.expectedValue)) return weighed(rule.expectedValue);
  const byPrediction = new Map(Object.entries(rule.expectedValue).map(([prediction, weights]) => [prediction, weighed(weights)]));
  const predictions = columns.find(({ field }) => field.name === `${prefix}prediction`)?.values;
  return (row) => byPrediction.get(String(predictions?.[row]))?.(row) ?? 0;
}

function isFlat(values: Extract<Kpi, { expectedValue: unknown }>['expectedValue']): values is Readonly<Record<string, number>> {
  return Object.values(values).every((value) => typeof value === 'number');
}
