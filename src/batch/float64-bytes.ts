import { writeAscii, writeInteger, writeNineDigits } from './digits.js';
import { specialText } from './float32-bytes.js';

/** Most bytes that writeFloat64 takes: a sign, 0.00000 and 17 digits. */
export const FLOAT64_BYTES = 25;

const MINUS = 45;
const POINT = 46;
const ZERO = 48;
/** Decimals of up to 15 digits come back from a double (DBL_DIG of C's float.h): no two of them read to the same one. */
const FIFTEEN_DIGITS = 1e15;
const LEAST_PLAIN = 1e-6;
/** Decimal places that are tried, as powers of ten: nine below a million, three from there on, so that few doubles have more than 15 digits. */
const NINE_PLACES = 1e9;
const THREE_PLACES = 1e3;

/**
 * Writes the shortest decimal text that reads back to the same double, in the notation of Number.prototype.toString; `NaN`, `inf`, `-inf` and `-0`. Gives the
 * position behind; FLOAT64_BYTES are enough.
 *
 * Short decimals are found by trial: where digits / 10^places, both exact, divides to the very double, the text reads back to it, and being the only one of up
 * to 15 digits that does it is the shortest. For every other double V8's own text is the shortest (ECMA-262 asks for as few digits as possible).
 */
export function writeFloat64(value: number, out: Uint8Array, at: number): number {
  const size = Math.abs(value);
  if (size < FIFTEEN_DIGITS && (size >= LEAST_PLAIN || value === 0)) {
    if (value === Math.floor(value)) return Object.is(value, -0) ? writeAscii('-0', out, at) : writeInteger(value, out, at);
    const power = size < 1e6 ? NINE_PLACES : THREE_PLACES;
    const digits = Math.round(size * power);
    if (digits < FIFTEEN_DIGITS && digits / power === size) return writePlaces(value < 0, digits, power, out, at);
  }
  return writeAscii(float64Text(value), out, at);
}

/** Shortest decimal text that reads back to the same double. */
export function float64Text(value: number): string {
  return Number.isFinite(value) && !Object.is(value, -0) ? String(value) : specialText(value);
}

function writePlaces(isNegative: boolean, digits: number, power: number, out: Uint8Array, at: number): number {
  const whole = Math.floor(digits / power);
  let place = at;
  if (isNegative) out[place++] = MINUS;
  place = writeInteger(whole, out, place);
  out[place] = POINT;
  const fraction = (digits - whole * power) * (NINE_PLACES / power);
  place = writeNineDigits(fraction | 0, out, place + 1);
  while (out[place - 1] === ZERO) place--; // there is a digit: the value is no integer
  return place;
}
