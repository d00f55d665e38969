import type { ExactSum } from './exact-sum.js';

const F64 = new Float64Array(1);
const WORDS = new Uint32Array(F64.buffer);
const HIGH = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 1 : 0;
const HALF = 2 ** 27;

/** Adds a finite double to one sum and, where there is one for it, its square to another, both exactly: the integer of 53 bits is cut in two halves of 26, whose products are integers of at most 53. */
export function addDouble(value: number, values: ExactSum, squares?: ExactSum): void {
  if (value === 0) return;
  F64[0] = value;
  const word = WORDS[HIGH] as number;
  const exponent = (word >>> 20) & 0x7ff;
  const fraction = (word & 0xfffff) * 2 ** 32 + (WORDS[1 - HIGH] as number);
  const size = exponent === 0 ? fraction : fraction + 2 ** 52;
  const unit = Math.max(exponent, 1) - 1075;
  values.add(value < 0 ? -size : size, unit);
  if (squares === undefined) return;
  const high = Math.round(size / HALF);
  const low = size - high * HALF; // of either sign, at most 2^26
  squares.add(high * high, 2 * unit + 54);
  squares.add(high * low, 2 * unit + 28);
  squares.add(low * low, 2 * unit);
}
