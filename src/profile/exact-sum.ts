/** Bits of a limb; a limb holds the sum of 2^(53 - 29) pieces of at most 2^29 exactly. */
const LIMB = 24;
const BASE = 2 ** LIMB;
const BASE_2 = 2 ** (2 * LIMB);
/** The weight of limb k is 2^(24 k - BIAS): from below the square of the least double to beyond that of the greatest. */
const BIAS = 2160;
const MOST_ADDS = 2 ** 22;
/** Limbs that stay for the next sum: more than 300 bits apart, values are seldom. */
const MOST_KEPT = 16;

/** As JSON keeps a sum: an integer and the power of two that it counts, with a space between; `0`. */
export type ExactSumSnapshot = string;

/**
 * An exact sum of numbers `integer * 2^exponent`, whatever their order: as in R. Neal, Fast Exact Summation Using Small and Large Superaccumulators (2015), limbs overlap,
 * so that carries wait for millions of additions. It is rounded once, by who divides it.
 */
export class ExactSum {
  #limbs = new Float64Array(4);
  /** Place of `#limbs[0]`; -1 while there is none. */
  #first = -1;
  #adds = 0;

  /** Adds an integer of at most 53 bits times a power of two: from -2148 to 1995. */
  add(integer: number, exponent: number): void {
    const bit = exponent + BIAS;
    const place = Math.floor(bit / LIMB);
    let left = integer * (SHIFTS[bit - place * LIMB] as number);
    if (this.#first < 0) this.#first = place;
    let at = place - this.#first;
    if (at < 0 || at + 3 >= this.#limbs.length) at = this.#reach(place);
    const limbs = this.#limbs;
    const high = Math.trunc(left / BASE_2);
    left -= high * BASE_2;
    const middle = Math.trunc(left / BASE);
    limbs[at] = (limbs[at] as number) + (left - middle * BASE);
    limbs[at + 1] = (limbs[at + 1] as number) + middle;
    limbs[at + 2] = (limbs[at + 2] as number) + high;
    if (++this.#adds >= MOST_ADDS) this.#carry();
  }

  /** Makes room for three limbs from `place` on, and one for carries. */
  #reach(place: number): number {
    const first = Math.min(place, this.#first);
    const end = Math.max(place + 4, this.#first + this.#limbs.length);
    const limbs = new Float64Array(end - first + 2);
    limbs.set(this.#limbs, this.#first - first);
    [this.#limbs, this.#first] = [limbs, first];
    return place - first;
  }

  /** Leaves every limb but the last two within 0 ... 2^24 - 1. */
  #carry(): void {
    this.#reach(this.#first + this.#limbs.length - 3);
    const limbs = this.#limbs;
    for (let at = 0; at + 1 < limbs.length; at++) {
      const over = Math.floor((limbs[at] as number) / BASE);
      limbs[at] = (limbs[at] as number) - over * BASE;
      limbs[at + 1] = (limbs[at + 1] as number) + over;
    }
    this.#adds = 0;
  }

  /** Calls back for each limb that is not 0: what `add` takes. */
  each(visit: (integer: number, exponent: number) => void): void {
    this.#limbs.forEach((limb, at) => {
      if (limb !== 0) visit(limb, (this.#first + at) * LIMB - BIAS);
    });
  }

  /** Back to 0. Places that were reached for are given up when they are many: else each round of additions would find more of them. */
  clear(): void {
    if (this.#limbs.length > MOST_KEPT) this.#limbs = new Float64Array(4);
    else this.#limbs.fill(0);
    this.#first = -1;
    this.#adds = 0;
  }

  /** The sum as `numerator * 2^exponent`. */
  exact(): { readonly numerator: bigint; readonly exponent: number } {
    let numerator = 0n;
    for (let at = this.#limbs.length - 1; at >= 0; at--) numerator = (numerator << BigInt(LIMB)) + BigInt(this.#limbs[at] as number);
    return { numerator, exponent: this.#first < 0 ? 0 : this.#first * LIMB - BIAS };
  }

  /** The same for equal sums. */
  snapshot(): ExactSumSnapshot {
    let { numerator, exponent } = this.exact();
    if (numerator === 0n) return '0';
    for (; (numerator & 0xffffffn) === 0n; exponent += LIMB) numerator >>= BigInt(LIMB);
    return `${numerator} ${exponent}`;
  }

  static restore(snapshot: ExactSumSnapshot): ExactSum {
    const sum = new ExactSum();
    const [digits = '0', exponent = '0'] = snapshot.split(' ');
    sum.addExact(BigInt(digits), Number(exponent));
    return sum;
  }

  /** As `add`, of an integer of any length. */
  addExact(integer: bigint, exponent: number): void {
    const sign = integer < 0n ? -1 : 1;
    for (let [left, at] = [integer < 0n ? -integer : integer, exponent]; left > 0n; left >>= BigInt(LIMB), at += LIMB) {
      this.add(sign * Number(left & 0xffffffn), at);
    }
  }
}

const SHIFTS = Float64Array.from({ length: LIMB }, (_, bit) => 2 ** bit);

/** The double nearest to `numerator / denominator * 2^exponent`, ties to even; `denominator > 0`. Below the least normal double it may be off by a unit. */
export function nearestDouble(numerator: bigint, denominator: bigint, exponent: number): number {
  if (numerator === 0n) return 0;
  const size = numerator < 0n ? -numerator : numerator;
  // some 66 bits of quotient, the last of them set where anything is left: so Number() rounds as if it saw all of it
  const shift = 66 - (bitLength(size) - bitLength(denominator));
  const [top, bottom] = shift > 0 ? [size << BigInt(shift), denominator] : [size, denominator << BigInt(-shift)];
  const quotient = top / bottom;
  const value = scaled(Number(quotient * bottom === top ? quotient : quotient | 1n), exponent - shift);
  return numerator < 0n ? -value : value;
}

/** In two steps: one power alone may be beyond what a double has. */
function scaled(value: number, exponent: number): number {
  const half = Math.trunc(exponent / 2);
  return value * 2 ** half * 2 ** (exponent - half);
}

/** To the next four. */
function bitLength(value: bigint): number {
  return value.toString(16).length * 4;
}

/** Mean and deviation of the population from exact sums of `count` values and of their squares: each exact value rounded once, the square of the deviation before its root is taken. */
export function momentsOf(count: number, values: ExactSum, squares: ExactSum): { readonly mean: number; readonly deviation: number } | undefined {
  if (count === 0) return undefined;
  const [n, first, second] = [BigInt(count), values.exact(), squares.exact()];
  const unit = Math.min(2 * first.exponent, second.exponent);
  // n times the sum of squares less the square of the sum, over n^2
  const spread =
    ((n * second.numerator) << BigInt(second.exponent - unit)) - ((first.numerator * first.numerator) << BigInt(2 * first.exponent - unit));
  // a variance may be beyond what a double has: its root is not
  const size = unit + bitLength(spread) - 2 * bitLength(n);
  const aside = Math.abs(size) < 900 ? 0 : 2 * Math.trunc(size / 2);
  const deviation = scaled(Math.sqrt(nearestDouble(spread, n * n, unit - aside)), aside / 2);
  return { mean: nearestDouble(first.numerator, n, first.exponent), deviation };
}
