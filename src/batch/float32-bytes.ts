import { writeDecimal } from './decimal.js';
import { writeAscii, writeInteger } from './digits.js';
import { exactShortest } from './float32-exact.js';

/** Most bytes that writeFloat32 takes. */
export const FLOAT32_BYTES = 22;

const MINUS = 45;
const F32 = new Float32Array(1);
const U32 = new Uint32Array(F32.buffer);

/*
 * Tables by binade, the floats from 2^b up to below 2^(b+1): entry b + 149, as 2^-149 is the least subnormal. Where a power of ten lies within a binade its
 * floats below and from that power on are scaled differently; so all but POWER_WITHIN have two entries a binade.
 */
const BINADES = 149 + 128;
/** The power of ten within the binade, Infinity where there is none. */
const POWER_WITHIN = new Float64Array(BINADES);
/** 10^k, k such that the scaled float has nine digits before the point. */
const SCALE = new Float64Array(2 * BINADES);
/** Half the distance to the next float above, scaled. */
const REACH = new Float64Array(2 * BINADES);
/** 9 - k: digits of the float before the point. */
const POINT = new Int8Array(2 * BINADES);
/** 1 where the scaled float and the ends of its interval are exact: 0 <= k <= 12. */
const EXACT = new Uint8Array(2 * BINADES);

for (let entry = 0; entry < BINADES; entry++) {
  const least = 2 ** (entry - 149);
  const [, exponent = '0'] = least.toExponential(17).split('e');
  const next = Number(`1e${Number(exponent) + 1}`);
  POWER_WITHIN[entry] = next < 2 * least ? next : Infinity;
  for (const above of [0, 1]) {
    const k = 8 - Number(exponent) - above;
    const slot = 2 * entry + above;
    SCALE[slot] = Number(`1e${k}`);
    REACH[slot] = 2 ** (Math.max(entry - 149, -126) - 24) * Number(`1e${k}`);
    POINT[slot] = 9 - k;
    EXACT[slot] = k >= 0 && k <= 12 ? 1 : 0;
  }
}

/** Elsewhere the scaled numbers, below 10^9, are off by less than 4e-7: three roundings of 2^-53 each. */
const MARGIN = 1e-6;

/**
 * Writes the shortest decimal text that reads back to the same float32 (of the shortest ones the nearest, a tie away from zero), in the notation of
 * Number.prototype.toString; `NaN`, `inf`, `-inf` and `-0`. `value` must be a float32. Gives the position behind; FLOAT32_BYTES are enough.
 *
 * The texts that read back to a float are those of its interval, which ends halfway to its neighbours; the ends belong to it where its mantissa is even, as
 * readers round ties to even (Steele and White, How to Print Floating-Point Numbers Accurately, 1990; Adams, Ryu, 2018). Nine digits always suffice, so
 * everything is scaled to nine digits before the point, and the answer is a multiple within the interval of the largest power of ten that has one.
 *
 * The float has 24 significant bits and the ends 25; 5^12 has 28, so for 0 <= k <= 12 the products with 10^k are exact in double arithmetic: that is every
 * float from 1e-4 up to below 1e9. Nor can a text in such an interval round to the end itself when it is read as a double first: it lies one unit
 * in the last place of that product or more from the end, which is more than half a unit of the double. Elsewhere an end, a tie or a power of ten that is
 * nearer than MARGIN is decided by exact integers.
 */
export function writeFloat32(value: number, out: Uint8Array, at: number): number {
  // Below 2^24 an integer's interval reaches half a unit at most: its digits are the only text of their length.
  if ((value | 0) === value && value < 16777216 && value > -16777216 && (value !== 0 || 1 / value > 0)) return writeInteger(value, out, at);
  F32[0] = value;
  const bits = U32[0] as number;
  const exponent = (bits >>> 23) & 255;
  const fraction = bits & 0x7fffff;
  if (exponent === 255 || bits << 1 === 0) return writeAscii(specialText(value), out, at);
  let start = at;
  if (value < 0) out[start++] = MINUS;
  const size = Math.abs(value);
  const entry = exponent === 0 ? 31 - Math.clz32(fraction) : exponent + 22;
  const slot = 2 * entry + (size >= (POWER_WITHIN[entry] as number) ? 1 : 0);

  const scaled = size * (SCALE[slot] as number);
  const reach = REACH[slot] as number;
  const isPowerOfTwo = fraction === 0 && exponent > 1; // the neighbour below is half as far
  const high = scaled + reach;
  const low = scaled - (isPowerOfTwo ? reach / 2 : reach);
  const floor = scaled | 0;
  let top = high | 0;
  let bottom = low | 0;
  if (bottom < low) bottom++;
  if (EXACT[slot] === 1) {
    if ((bits & 1) !== 0) {
      if (top === high) top--;
      if (bottom === low) bottom++;
    }
  } else if (isNearInteger(high) || isNearInteger(low) || isNearInteger(2 * scaled)) {
    const { nine, zeros, point } = exactShortest(bits, POINT[slot] as number);
    return writeDecimal(nine, zeros, point, out, start);
  }

  // Most floats need eight or nine digits, in no order that a branch predictor could learn: these two are told apart by arithmetic.
  let zeros = (bottom - (top - (top % 10)) - 1) >>> 31;
  const one = floor + (((scaled - floor) * 2) | 0);
  const ten = floor + 5 - ((floor + 5) % 10);
  let nine = one + ((ten - one) & -zeros);
  let step = zeros === 0 ? 1 : 10;
  if (top - (top % 100) >= bottom) {
    step = 100;
    zeros = 2;
    while (zeros < 8 && top - (top % (step * 10)) >= bottom) {
      step *= 10;
      zeros++;
    }
    nine = floor + step / 2;
    nine -= nine % step;
  }
  // The nearest multiple is within the interval, if one is; only below a power of two it can be too far.
  if (nine < bottom) nine += step;
  return nine === 1000000000
    ? writeDecimal(100000000, 8, (POINT[slot] as number) + 1, out, start)
    : writeDecimal(nine, zeros, POINT[slot] as number, out, start);
}

/** The text of what has no digits: -0, infinities and NaN. */
export function specialText(value: number): string {
  if (value === 0) return '-0';
  return Number.isNaN(value) ? 'NaN' : value > 0 ? 'inf' : '-inf';
}

function isNearInteger(value: number): boolean {
  const above = value - Math.floor(value);
  return above < MARGIN || above > 1 - MARGIN;
}
