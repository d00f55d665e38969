const LEAST = -1074;
const POWERS = Float64Array.from({ length: 1023 - LEAST + 1 }, (_, at) => 2 ** (at + LEAST));

/** 2^exponent, for -1074 ... 1023: `**` takes as long as adding a column's values. */
export function powerOfTwo(exponent: number): number {
  return POWERS[exponent - LEAST] as number;
}
