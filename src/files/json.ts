import { DefectError } from '../errors/errors.js';

/** A member of an object: its name and its value. */
export type Member = readonly [name: string, value: unknown];

/**
 * JSON text of an object with these members, in this order, on one line. What JSON has no form for is given one:
 *
 * - NaN and infinities are the texts `NaN`, `inf`, `-inf`, as in the predictions; -0 is -0;
 * - a bigint within 2^53 is a number, beyond it a text of its digits;
 * - undefined members are left out; a Map is an object; a column named `__proto__` is a member like any other;
 * - control characters beyond ASCII's and line separators are escaped, so that `cat` of a journal cannot drive a terminal.
 */
export function writeObject(members: Iterable<Member>): string {
  const parts: string[] = [];
  for (const [name, value] of members) if (value !== undefined) parts.push(`${writeText(name)}:${writeJson(value)}`);
  return `{${parts.join(',')}}`;
}

function writeJson(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return writeText(value);
    case 'number':
      return writeNumber(value);
    case 'bigint':
      return value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER) ? value.toString() : `"${value}"`;
    case 'boolean':
      return String(value);
    case 'object':
      return value === null ? 'null' : writeComposite(value);
    default:
      throw new DefectError(`a line of JSON cannot hold a ${typeof value}`);
  }
}

function writeComposite(value: object): string {
  if (Array.isArray(value)) return `[${value.map((item: unknown) => (item === undefined ? 'null' : writeJson(item))).join(',')}]`;
  if (value instanceof Map) return writeObject([...value].map(([name, item]: [unknown, unknown]): Member => [String(name), item]));
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === null || prototype === Object.prototype) return writeObject(Object.entries(value));
  throw new DefectError(`a line of JSON cannot hold a ${value.constructor.name}`);
}

function writeNumber(value: number): string {
  if (Number.isFinite(value)) return Object.is(value, -0) ? '-0' : String(value);
  return Number.isNaN(value) ? '"NaN"' : value > 0 ? '"inf"' : '"-inf"';
}

/** JSON.stringify escapes ASCII's controls and lone surrogates, but not DEL, C1 and U+2028, U+2029. */
function writeText(text: string): string {
  return JSON.stringify(text).replace(/[\u007f-\u009f\u2028\u2029]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
