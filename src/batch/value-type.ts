import type { Expected, ValueType } from './layout.js';
import { parseBoolean, parseInteger, parseNumber } from './number.js';

const CLOCK = /^(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?$/;
const ZONE = /(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;
/** Years, months, weeks, days, then hours, minutes, seconds; at least one of them, and behind a T at least one. */
const DURATION = /^[+-]?P(?!$)(?:\d+Y)?(?:\d+M)?(?:\d+W)?(?:\d+D)?(?:T(?!$)(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d+)?S)?)?$/;

/** Is a text of a type, as the default formats of Frictionless (https://datapackage.org/standard/table-schema/#field-types) write it? Blanks around a number do not count. */
export function isOfType(type: ValueType, text: string): boolean {
  if (type === 'boolean') return parseBoolean(text) !== undefined;
  return type === 'duration' ? DURATION.test(text) : orderOf(type, text) !== undefined;
}

/** What values of a type are ordered by: numbers by themselves, dates and times by their milliseconds (without a zone, as if in UTC). Undefined for what is not of the type, or has no order. */
export function orderOf(type: ValueType, text: string): number | undefined {
  switch (type) {
    case 'number':
      return parseNumber(text);
    case 'integer':
      return wholeOf(text);
    case 'date':
      return dayMs(text);
    case 'yearmonth':
      return dayMs(`${text}-01`);
    case 'time':
      return CLOCK.test(text) ? Date.parse(`1970-01-01T${text}Z`) : undefined;
    case 'datetime':
      return instantMs(text);
    case 'boolean':
    case 'duration':
      return undefined;
  }
}

function wholeOf(text: string): number | undefined {
  const value = parseInteger(text);
  return value === undefined || value === 'fraction' ? undefined : Number(value === 'huge' ? parseNumber(text) : value);
}

/** Of a date that is in the calendar: its start in UTC. */
export function dayMs(text: string): number | undefined {
  const [, year, month, day] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text) ?? [];
  if (year === undefined) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  return date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day) ? date.getTime() : undefined;
}

function instantMs(text: string): number | undefined {
  const zone = ZONE.exec(text)?.[0] ?? '';
  const [day, time] = [text.slice(0, 10), text.slice(11, text.length - zone.length)] as const;
  if (text[10] !== 'T' || !CLOCK.test(time) || dayMs(day) === undefined) return undefined;
  return Date.parse(`${day}T${time}${zone === '' ? 'Z' : zone}`);
}

/** The text of an order that `orderOf` gave. */
export function orderText(type: ValueType | undefined, order: number): string {
  if (type === undefined || type === 'number' || type === 'integer') return String(order);
  const instant = new Date(order).toISOString();
  if (type === 'time') return instant.slice(11, 19);
  return type === 'date' ? instant.slice(0, 10) : type === 'yearmonth' ? instant.slice(0, 7) : instant.replace('.000Z', 'Z');
}

/** `18 to 99`, `from 2001-01-01 on`: the range of a field that has one. */
export function rangeText({ min, max, type }: Pick<Expected, 'min' | 'max' | 'type'>): string {
  const [least = '', greatest = ''] = [min, max].map((limit) => (limit === undefined ? '' : orderText(type?.name, limit)));
  if (min === undefined) return `up to ${greatest}`;
  return max === undefined ? `from ${least} on` : `${least} to ${greatest}`;
}
