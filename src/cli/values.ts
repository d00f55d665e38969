import type { Gate } from '../check/gates/gate.js';
import { GateSyntaxError, parseGate } from '../check/gates/parse.js';
import type { Limit } from '../run/options.js';
import { bytesOf, MILLISECONDS, millisecondsOf } from '../run/units.js';
import { bytesText } from './report/figures.js';
import { parseTime, type TimePoint } from './time.js';
import { badValue, type Origin } from './usage.js';

/*
 * One reader for each kind of value. Each takes the text as given and where it came from, and throws a UsageError that names both.
 */

/** A whole number from `min` to `max`, in digits; `_` and `,` are not taken. */
export function readCount(text: string, origin: Origin, min = 0, max = Number.MAX_SAFE_INTEGER): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  const range = max === Number.MAX_SAFE_INTEGER ? `from ${min} on` : `from ${min} to ${max}`;
  throw badValue(origin, text, `a whole number ${range}`);
}

/** `64KB`, `8MB`, or bytes; KB is 1,024 bytes. Gives bytes, at least 1. */
export function readSize(text: string, origin: Origin, maxBytes: number): number {
  const bytes = bytesOf(text);
  if (bytes !== undefined && Number.isInteger(bytes) && bytes >= 1 && bytes <= maxBytes) return bytes;
  throw badValue(origin, text, `a size such as 64KB or 8MB, up to ${bytesText(maxBytes)}`);
}

/** `200ms`, `20m`, `26h`; with `bareMs` also a bare number, of milliseconds. Gives whole milliseconds. */
export function readDuration(text: string, origin: Origin, { maxMs = Number.MAX_SAFE_INTEGER, bareMs = false } = {}): number {
  const milliseconds = millisecondsOf(text, bareMs);
  if (milliseconds !== undefined && Number.isSafeInteger(milliseconds) && milliseconds <= maxMs) return milliseconds;
  throw badValue(
    origin,
    text,
    maxMs === Number.MAX_SAFE_INTEGER ? 'a time such as 200ms, 20m or 26h' : `a time such as 200ms or 5s, up to ${durationText(maxMs)}`,
  );
}

/** In the largest unit that needs no fraction. */
function durationText(milliseconds: number): string {
  const [unit, size] = Object.entries(MILLISECONDS)
    .sort(([, a], [, b]) => b - a)
    .find(([, each]) => milliseconds % each === 0) ?? ['MS', 1];
  return `${milliseconds / size}${unit.toLowerCase()}`;
}

/** `2d` ago, `today`, `2026-11-01`, `2026-11-01T06:00`. */
export function readTime(text: string, origin: Origin): TimePoint {
  const agoMs = millisecondsOf(text);
  const point = agoMs === undefined ? parseTime(text) : ({ kind: 'ago', ms: agoMs } as const);
  if (point !== undefined) return point;
  throw badValue(origin, text, 'a time such as 2d (ago), 90m, today, 2026-11-01 or 2026-11-01T06:00');
}

/** `0.35` or `35%`. Gives 0 … 1. */
export function readShare(text: string, origin: Origin): number {
  const share = /^\d*\.?\d+%$/.test(text) ? Number(text.slice(0, -1)) / 100 : /^\d*\.?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (share >= 0 && share <= 1) return share;
  throw badValue(origin, text, 'a number from 0 to 1, or a share such as 35%');
}

/** `10` rows or `1%` of them. */
export function readLimit(text: string, origin: Origin): Limit {
  if (/^\d+$/.test(text) && Number.isSafeInteger(Number(text))) return { kind: 'rows', rows: Number(text) };
  const share = /^\d*\.?\d+%$/.test(text) ? Number(text.slice(0, -1)) / 100 : Number.NaN;
  if (share <= 1) return { kind: 'share', share };
  throw badValue(origin, text, 'a number of rows, or a share such as 1%');
}

/** `psi<=0.25:withhold`, `missing(age)<=5%`. */
export function readGate(text: string, origin: Origin): Gate {
  try {
    return parseGate(text);
  } catch (error) {
    if (!(error instanceof GateSyntaxError)) throw error;
    throw badValue(origin, text, `a gate (${error.message})`);
  }
}

/** A single ASCII character, or `tab` or `\t`. */
export function readDelimiter(text: string, origin: Origin): string {
  if (text === 'tab' || text === '\\t') return '\t';
  if (isCharacter(text)) return text;
  throw badValue(origin, text, 'one ASCII character, tab or \\t');
}

/** A single ASCII character; `none` or nothing gives ''. */
export function readQuote(text: string, origin: Origin): string {
  if (text === 'none' || text === '') return '';
  if (isCharacter(text)) return text;
  throw badValue(origin, text, 'one ASCII character, or none');
}

/** A single ASCII character. */
export function readCharacter(text: string, origin: Origin): string {
  if (isCharacter(text)) return text;
  throw badValue(origin, text, 'one ASCII character');
}

/** A path: anything but nothing, and without NUL. */
export function readPath(text: string, origin: Origin): string {
  if (text !== '' && !text.includes('\0')) return text;
  throw badValue(origin, text, 'a path');
}

/** A path or a URL of HTTP: anything that looks like a URL of another kind is probably none of both. */
export function readPlace(text: string, origin: Origin): string {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
  const isUrl = scheme === 'http' || scheme === 'https';
  if (text !== '' && text !== '-' && !text.includes('\0') && (scheme === undefined || (isUrl && URL.canParse(text)))) return text;
  throw badValue(origin, text, 'a path or a URL of http or https');
}

/** A digest as sha256sum prints it; its file name may stand behind it. */
export function readSha256(text: string, origin: Origin): string {
  const digest = /^([0-9a-f]{64})(?:\s.*)?$/i.exec(text)?.[1];
  if (digest !== undefined) return digest.toLowerCase();
  throw badValue(origin, text, 'the 64 hex digits of a sha256, as sha256sum prints them');
}

/** One of a few words. */
export function readChoice(text: string, origin: Origin, values: readonly string[]): string {
  if (values.includes(text)) return text;
  throw badValue(origin, text, `one of ${values.join(', ')}`);
}

/** A switch in the environment; on the command line the flag alone says it. */
export function readSwitch(text: string, origin: Origin): boolean {
  if (/^(1|true|yes|on)$/i.test(text)) return true;
  if (/^(0|false|no|off)$/i.test(text)) return false;
  throw badValue(origin, text, '1 or 0');
}

/** One character of ASCII that does not end a record. */
function isCharacter(text: string): boolean {
  const code = text.charCodeAt(0);
  return text.length === 1 && code > 0 && code < 128 && text !== '\n' && text !== '\r';
}
