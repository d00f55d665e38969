/** Nine digits, the last `zeros` of them zeros; the number is 0.ddddddddd * 10^point. */
export interface ShortDecimal {
  readonly nine: number;
  readonly zeros: number;
  readonly point: number;
}

/**
 * The shortest decimal that reads back to a positive finite float32, by its bits: of the shortest ones the nearest, a tie away from zero. `point` counts its
 * digits before the point. Exact integers throughout (Steele and White, 1990): slow, for the few floats that double arithmetic cannot decide.
 *
 * Many readers round to a double first and to a float32 then, and a text by the very end of the interval may change sides on that way. Only texts
 * that come back both ways are taken.
 */
export function exactShortest(bits: number, point: number): ShortDecimal {
  const exponent = (bits >>> 23) & 255;
  const fraction = bits & 0x7fffff;
  const size = floatOf(bits);
  // In quarters of a unit in the last place the float and the ends of its interval are integers.
  const quarters = 4n * BigInt(exponent === 0 ? fraction : fraction + 0x800000);
  const binary = Math.max(exponent, 1) - 152;
  const k = 9 - point;
  // value * 10^k = quarters * numerator / denominator
  const numerator = 2n ** BigInt(Math.max(binary, 0)) * 10n ** BigInt(Math.max(k, 0));
  const denominator = 2n ** BigInt(Math.max(-binary, 0)) * 10n ** BigInt(Math.max(-k, 0));
  const scaled = quarters * numerator;
  const high = (quarters + 2n) * numerator;
  const low = (quarters - (fraction === 0 && exponent > 1 ? 1n : 2n)) * numerator;
  const isEven = (bits & 1) === 0;
  const readsBack = (digits: bigint): boolean => {
    const place = digits * denominator;
    const inside = isEven ? place >= low && place <= high : place > low && place < high;
    return inside && Math.fround(Number(`${digits}e${-k}`)) === size;
  };
  for (let zeros = 9; ; zeros--) {
    const step = 10n ** BigInt(zeros);
    const down = (scaled / (denominator * step)) * step;
    const up = down + step;
    const nearer = (scaled - down * denominator) * 2n < step * denominator ? [down, up] : [up, down];
    const found = nearer.find(readsBack);
    if (found === undefined) continue;
    return found === 1000000000n ? { nine: 100000000, zeros: 8, point: point + 1 } : { nine: Number(found), zeros, point };
  }
}

function floatOf(bits: number): number {
  return new Float32Array(Uint32Array.of(bits & 0x7fffffff).buffer)[0] ?? 0;
}
