import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';

/** A CSV as rows of cells by column name. */
export function readTable(path: string): Record<string, string>[] {
  return parseTable(readFileSync(path));
}

export function parseTable(bytes: Buffer | string): Record<string, string>[] {
  return parse(bytes, { columns: true, bom: true });
}

/** One column as numbers. */
export function numbers(rows: readonly Record<string, string>[], column: string): number[] {
  return rows.map((row) => toNumber(row[column] ?? ''));
}

function toNumber(text: string): number {
  if (text === 'inf') return Infinity;
  if (text === '-inf') return -Infinity;
  return text === '' || text === 'NaN' ? NaN : Number(text);
}

/** The largest of |a - b| / max(|b|, floor) over two columns. */
export function largestDifference(found: readonly number[], expected: readonly number[], floor = 0): number {
  return found.reduce((most, value, index) => {
    const target = expected[index] ?? NaN;
    if (Object.is(value, target) || (Number.isNaN(value) && Number.isNaN(target))) return most;
    const difference = Math.abs(value - target) / Math.max(Math.abs(target), floor);
    return Number.isNaN(difference) ? Infinity : Math.max(most, difference);
  }, 0);
}
