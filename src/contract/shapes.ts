import { dayMs } from '../batch/value-type.js';

/** A date, or an instant to the minute or finer, with its zone. */
const ISO_TIME = /^\d{4}-\d{2}-\d{2}(?:T(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d))?$/;

/** Is this a date that is in the calendar, or an instant? */
export function isIsoTime(text: string): boolean {
  return ISO_TIME.test(text) && dayMs(text.slice(0, 10)) !== undefined;
}

/** Milliseconds since 1970 of a date's start or end, or of an instant; the text must be an `isIsoTime`. */
export function timeMs(text: string, of: 'start' | 'end'): number {
  if (text.includes('T')) return Date.parse(text);
  return Date.parse(`${text}T00:00:00Z`) + (of === 'end' ? 86_400_000 : 0);
}

function isPair(value: unknown): value is readonly [unknown, unknown] {
  return Array.isArray(value) && value.length === 2;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

/** Pairs [cell, count], cells in ascending order. */
export function isCellCounts(value: unknown): value is readonly (readonly [number, number])[] {
  if (!Array.isArray(value)) return false;
  let before = -Infinity;
  for (const pair of value as readonly unknown[]) {
    if (!isPair(pair) || !Number.isSafeInteger(pair[0]) || (pair[0] as number) <= before || !isCount(pair[1])) return false;
    before = pair[0] as number;
  }
  return true;
}

/** Pairs [text, count], each text once. */
export function isTextCounts(value: unknown): value is readonly (readonly [string, number])[] {
  if (!Array.isArray(value)) return false;
  const seen = new Set<string>();
  for (const pair of value as readonly unknown[]) {
    if (!isPair(pair) || typeof pair[0] !== 'string' || !isCount(pair[1]) || seen.has(pair[0])) return false;
    seen.add(pair[0]);
  }
  return true;
}
