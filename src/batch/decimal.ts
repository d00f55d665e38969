import { writeNineDigits, writeWhole } from './digits.js';

const ZERO = 48;
const POINT = 46;
const MINUS = 45;
const PLUS = 43;
const E = 101;

/**
 * Writes the positive number 0.ddddddddd * 10^`point` in the notation of Number.prototype.toString (ECMA-262, Number::toString): plain from 1e-6 up to
 * below 1e21, with an exponent elsewhere. `nine` holds nine digits of which the last `zeros` are zeros and the one before them is none. Gives the position
 * behind; up to 21 bytes are touched.
 */
export function writeDecimal(nine: number, zeros: number, point: number, out: Uint8Array, at: number): number {
  if (point <= 0 && point > -6) return writeFraction(nine, zeros, point, out, at);
  if (point > 0 && point <= 21) return point < 9 - zeros ? writeMixed(nine, zeros, point, out, at) : writeLarge(nine, point, out, at);
  return writeScientific(nine, zeros, point, out, at);
}

/** 0.00ddd */
function writeFraction(nine: number, zeros: number, point: number, out: Uint8Array, at: number): number {
  out[at] = ZERO;
  out[at + 1] = POINT;
  let place = at + 2;
  for (let shift = point; shift < 0; shift++) out[place++] = ZERO;
  return writeNineDigits(nine, out, place) - zeros;
}

/** dd.ddd: all digits one place to the right, then those before the point back again. */
function writeMixed(nine: number, zeros: number, point: number, out: Uint8Array, at: number): number {
  const end = writeNineDigits(nine, out, at + 1) - zeros;
  for (let place = at; place < at + point; place++) out[place] = out[place + 1] as number;
  out[at + point] = POINT;
  return end;
}

/** dddd00 */
function writeLarge(nine: number, point: number, out: Uint8Array, at: number): number {
  let place = writeNineDigits(nine, out, at);
  for (; place < at + point; place++) out[place] = ZERO;
  return at + point;
}

/** d.dde-10 */
function writeScientific(nine: number, zeros: number, point: number, out: Uint8Array, at: number): number {
  let place = zeros === 8 ? writeNineDigits(nine, out, at) - 8 : writeMixed(nine, zeros, 1, out, at);
  out[place++] = E;
  out[place++] = point > 0 ? PLUS : MINUS;
  return writeWhole(Math.abs(point - 1), out, place);
}
