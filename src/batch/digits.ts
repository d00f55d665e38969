const ZERO = 48;
const MINUS = 45;
/** The two digits of 0 … 99: one division gives two of them. */
const TENS = Uint8Array.from({ length: 100 }, (_, pair) => ZERO + Math.floor(pair / 10));
const ONES = Uint8Array.from({ length: 100 }, (_, pair) => ZERO + (pair % 10));

/** Most bytes that an integer of 64 bits takes. */
export const INTEGER_BYTES = 20;

/**
 * Writers of decimal digits. Each writes at `out[at]` and gives the position behind what it wrote; the caller has made room. They take integers that V8
 * holds in machine words: a division by a constant is then a multiplication.
 */

/** Exactly nine digits, with leading zeros; 0 <= value < 10^9. */
export function writeNineDigits(value: number, out: Uint8Array, at: number): number {
  const upper = (value / 10000) | 0;
  const lower = value - upper * 10000;
  const first = (upper / 10000) | 0;
  const middle = upper - first * 10000;
  const a = (middle / 100) | 0;
  const b = middle - a * 100;
  const c = (lower / 100) | 0;
  const d = lower - c * 100;
  out[at] = ZERO + first;
  out[at + 1] = TENS[a] as number;
  out[at + 2] = ONES[a] as number;
  out[at + 3] = TENS[b] as number;
  out[at + 4] = ONES[b] as number;
  out[at + 5] = TENS[c] as number;
  out[at + 6] = ONES[c] as number;
  out[at + 7] = TENS[d] as number;
  out[at + 8] = ONES[d] as number;
  return at + 9;
}

/** As many digits as there are; 0 <= value < 2^31. */
export function writeWhole(value: number, out: Uint8Array, at: number): number {
  if (value < 10) {
    out[at] = ZERO + value;
    return at + 1;
  }
  const end = at + countDigits(value);
  let place = end;
  let rest = value;
  while (rest >= 100) {
    const quotient = (rest / 100) | 0;
    const pair = rest - quotient * 100;
    out[--place] = ONES[pair] as number;
    out[--place] = TENS[pair] as number;
    rest = quotient;
  }
  out[--place] = ONES[rest] as number;
  if (rest >= 10) out[place - 1] = TENS[rest] as number;
  return end;
}

/** An integer of magnitude 2^53 at most; -0 is 0. */
export function writeInteger(value: number, out: Uint8Array, at: number): number {
  let start = at;
  let size = value;
  if (value < 0) {
    out[start++] = MINUS;
    size = -value;
  }
  if (size < 2147483648) return writeWhole(size | 0, out, start);
  // The quotient has 23 bits at most: rounding it cannot reach the next integer.
  const upper = Math.floor(size / 1e9);
  return writeNineDigits((size - upper * 1e9) | 0, out, writeWhole(upper | 0, out, start));
}

/** An integer of 64 bits in two words, `high` signed or not as the integer is. */
export function writeWide(high: number, low: number, out: Uint8Array, at: number): number {
  if (high >= -0x200000 && high < 0x200000) return writeInteger(high * 4294967296 + (low >>> 0), out, at); // exact: 53 bits and the sign
  return writeAscii(((BigInt(high) << 32n) | BigInt(low >>> 0)).toString(), out, at);
}

/** Text of ASCII. */
export function writeAscii(text: string, out: Uint8Array, at: number): number {
  for (let index = 0; index < text.length; index++) out[at + index] = text.charCodeAt(index);
  return at + text.length;
}

function countDigits(value: number): number {
  if (value < 10000) return value < 100 ? (value < 10 ? 1 : 2) : value < 1000 ? 3 : 4;
  if (value < 100000000) return value < 1000000 ? (value < 100000 ? 5 : 6) : value < 10000000 ? 7 : 8;
  return value < 1000000000 ? 9 : 10;
}
