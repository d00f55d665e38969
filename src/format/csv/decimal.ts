/** Powers of ten that a double holds exactly: 10^0 … 10^22. */
export const POWERS_OF_TEN = Float64Array.from({ length: 23 }, (_, power) => Number(`1e${power}`));

/** Digits that always fit into a signed 32-bit integer. */
export const INT_DIGITS = 9;
/** Digits of whole numbers that a double holds exactly, whatever they are. */
const EXACT_DIGITS = 15;
const LARGEST_POWER = 22;
/** 2^27 + 1 splits a double into two halves of 26 bits (Veltkamp). */
const SPLITTER = 134_217_729;
/** Far above the rounding errors of the sums below, 2^-52 of their terms; far below what decides most roundings. */
const SLACK = 2 ** -45;

const ZERO = 48;
const PLUS = 43;
const MINUS = 45;
const EXPONENT = 101;

/**
 * Reads decimal numbers from bytes: what is too long for the quick loop of the byte reader and still needs no string. The result is the double nearest to the text, or none
 * where that would take more than double arithmetic.
 */
export class DecimalReader {
  /** Behind the number that `read` has read. */
  end = 0;
  readonly #point: number;

  /** `point` is the byte of the decimal mark; 256 where no byte is one. */
  constructor(point: number) {
    this.#point = point;
  }

  /**
   * The number that starts at `at`, or undefined: for what is no decimal number, one of more than 18 digits that are not zeros at its end, and one beyond 10^±22. What
   * follows it is the caller's to judge. The bytes must go on behind the number with one that is not part of any.
   */
  read(bytes: Uint8Array, at: number): number | undefined {
    const sign = bytes[at];
    if (sign === MINUS || sign === PLUS) at++;
    // The digits are `high`, then the `lowDigits` digits of `low`; zeros before them and behind them are passed over.
    const point = this.#point;
    let high = 0;
    let low = 0;
    let highDigits = 0;
    let lowDigits = 0;
    let passed = 0;
    let afterPoint = -1;
    const start = at;
    for (;;) {
      let digit = ((bytes[at] as number) - ZERO) >>> 0;
      if (highDigits === 0) while (digit === 0) digit = ((bytes[++at] as number) - ZERO) >>> 0;
      for (; digit < 10 && highDigits < INT_DIGITS; highDigits++) {
        high = (high * 10 + digit) | 0;
        digit = ((bytes[++at] as number) - ZERO) >>> 0;
      }
      for (; digit < 10 && lowDigits < INT_DIGITS; lowDigits++) {
        low = (low * 10 + digit) | 0;
        digit = ((bytes[++at] as number) - ZERO) >>> 0;
      }
      for (; digit === 0; passed++) digit = ((bytes[++at] as number) - ZERO) >>> 0;
      if (digit < 10) return undefined;
      if (afterPoint !== -1 || bytes[at] !== point) break;
      afterPoint = ++at;
    }
    if (at - start === (afterPoint === -1 ? 0 : 1)) return undefined;
    let shift = afterPoint === -1 ? passed : passed - (at - afterPoint);
    if (((bytes[at] as number) | 32) === EXPONENT) {
      const exponent = this.#exponent(bytes, at + 1);
      if (exponent === undefined) return undefined;
      shift += exponent;
      at = this.end;
    }
    this.end = at;
    const value = nearest(high, low, highDigits + lowDigits, lowDigits, shift);
    return value !== undefined && sign === MINUS ? -value : value;
  }

  /** The exponent at `at`, digits with an optional sign; leaves `end` behind it. */
  #exponent(bytes: Uint8Array, at: number): number | undefined {
    const sign = bytes[at];
    if (sign === MINUS || sign === PLUS) at++;
    const from = at;
    let exponent = 0;
    for (let digit = (bytes[at] as number) - ZERO; digit >= 0 && digit <= 9; digit = (bytes[++at] as number) - ZERO) exponent = exponent * 10 + digit;
    this.end = at;
    if (at === from || at - from > INT_DIGITS) return undefined;
    return sign === MINUS ? -exponent : exponent;
  }
}

/** The double nearest to (high * 10^lowDigits + low) * 10^power, of `digits` digits; undefined where double arithmetic does not decide it. */
function nearest(high: number, low: number, digits: number, lowDigits: number, power: number): number | undefined {
  if (digits === 0) return 0;
  if (power < -LARGEST_POWER || power > LARGEST_POWER) return undefined;
  const scale = POWERS_OF_TEN[lowDigits] as number;
  const factor = POWERS_OF_TEN[Math.abs(power)] as number;
  // Both sides are exact, so one rounding is all there is (Clinger 1990).
  if (digits <= EXACT_DIGITS) return power < 0 ? (high * scale + low) / factor : (high * scale + low) * factor;
  return nearestOfLong(high, low, scale, power < 0, factor);
}

/**
 * The same for up to 18 digits, in pairs of doubles whose sum is exact or nearly so (Dekker 1971): the mantissa as `head + tail` exactly, then its quotient or product as
 * `near + rest` with an error far below SLACK. Where a little more and a little less round to the same double, that is the nearest one.
 */
function nearestOfLong(high: number, low: number, scale: number, divides: boolean, factor: number): number | undefined {
  // high < 2^30 in two parts of 15 bits, scale < 2^30: each product is exact.
  const upper = (high >>> 15) * scale * 32_768;
  const lower = (high & 32_767) * scale + low;
  const head = upper + lower;
  const tail = lower - (head - upper);
  if (factor === 1) return head;
  if (divides) {
    const near = head / factor;
    const product = near * factor;
    const error = productError(near, factor, product);
    const rest = (head - product - error + tail) / factor;
    return decided(near, rest, (Math.abs(head - product) + Math.abs(error) + Math.abs(tail)) / factor);
  }
  const near = head * factor;
  const error = productError(head, factor, near);
  return decided(near, error + tail * factor, Math.abs(error) + Math.abs(tail * factor));
}

/** near + rest, rounded once, where the error of `rest`, a small part of `size`, cannot change it. */
function decided(near: number, rest: number, size: number): number | undefined {
  const slack = size * SLACK;
  const sum = near + (rest + slack);
  return sum === near + (rest - slack) ? sum : undefined;
}

/** a * b - product, exactly, where `product` is a * b rounded (Dekker's product with Veltkamp's split). */
function productError(a: number, b: number, product: number): number {
  const aBig = SPLITTER * a;
  const aHigh = aBig - (aBig - a);
  const aLow = a - aHigh;
  const bBig = SPLITTER * b;
  const bHigh = bBig - (bBig - b);
  const bLow = b - bHigh;
  return aHigh * bHigh - product + aHigh * bLow + aLow * bHigh + aLow * bLow;
}
