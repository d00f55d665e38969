import { createHash } from 'node:crypto';
import { writeObject, type Member } from './json.js';

/** Hex digits of the sha256 that a line ends with: against torn and rotten lines, not against people. */
const SUM_DIGITS = 32;
const ENDING = new RegExp(`^,"sum":"([0-9a-f]{${SUM_DIGITS}})"\\}$`);
const ENDING_LENGTH = `,"sum":""}`.length + SUM_DIGITS;

/** One line of JSON with these members and, as its last, a digest of itself (`sum`), which is how a reader knows that it is whole. Ends with a newline. */
export function encodeCheckedLine(members: Iterable<Member>): Buffer {
  const body = writeObject(members);
  return Buffer.from(`${body.slice(0, -1)},"sum":"${sumOf(body)}"}\n`);
}

/** The object of such a line, without its newline and its `sum`; undefined where it is torn, rotten, or something else. */
export function decodeCheckedLine(line: string): Readonly<Record<string, unknown>> | undefined {
  const at = line.length - ENDING_LENGTH;
  const sum = at < 1 ? undefined : ENDING.exec(line.slice(at))?.[1];
  if (sum === undefined) return undefined;
  const body = `${line.slice(0, at)}}`;
  if (sumOf(body) !== sum) return undefined;
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function sumOf(body: string): string {
  return createHash('sha256').update(body).digest('hex').slice(0, SUM_DIGITS);
}
