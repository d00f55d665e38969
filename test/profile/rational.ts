/** Exact arithmetic on doubles and whole numbers, by definition and slowly: values as integers times 2^-2200. */
const UNIT = 2200;

function toInteger(value: number | bigint): bigint {
  if (typeof value === 'bigint') return value << BigInt(UNIT);
  if (value === 0) return 0n;
  let [size, exponent] = [Math.abs(value), 0];
  for (; !Number.isInteger(size); exponent--) size *= 2; // exact: a double has at most 1074 bits behind the point
  const integer = BigInt(size) << BigInt(UNIT + exponent);
  return value < 0 ? -integer : integer;
}

/** numerator / denominator, rounded once to the nearest double by comparing with the halfway points of its neighbours. */
function toDouble(numerator: bigint, denominator: bigint): number {
  if (numerator < 0n) return -toDouble(-numerator, denominator);
  if (numerator === 0n) return 0;
  // long division in binary: 53 bits, the rest decides
  let exponent = numerator.toString(2).length - denominator.toString(2).length;
  const scaled = (at: number): [bigint, bigint] => (at >= 0 ? [numerator, denominator << BigInt(at)] : [numerator << BigInt(-at), denominator]);
  const isBelow = (at: number): boolean => {
    const [top, bottom] = scaled(at);
    return top < bottom;
  };
  if (isBelow(exponent)) exponent--;
  const [top, bottom] = scaled(exponent - 52);
  let integer = top / bottom;
  const rest = top % bottom;
  if (2n * rest > bottom || (2n * rest === bottom && integer % 2n === 1n)) integer += 1n;
  // in two steps, of which only the last can round: below the least normal a step of one power at a time would round again and again
  const left = exponent - 52;
  const half = Math.trunc(left / 2);
  return Number(integer) * 2 ** half * 2 ** (left - half);
}

/** Mean and deviation of the population; undefined without values. */
export function exactMoments(values: readonly (number | bigint)[]): { mean: number; deviation: number } | undefined {
  if (values.length === 0) return undefined;
  const n = BigInt(values.length);
  const integers = values.map(toInteger);
  const sum = integers.reduce((total, value) => total + value, 0n);
  const spread = integers.reduce((total, value) => total + (n * value - sum) ** 2n, 0n); // of n times the values
  const mean = toDouble(sum, n << BigInt(UNIT));
  // the square of a small deviation would be none: so many powers of two are put aside
  let aside = 0;
  const variance = (): number => toDouble(spread << BigInt(aside), (n * n * n) << BigInt(2 * UNIT));
  while (spread !== 0n && variance() < 2 ** -900) aside += 500;
  return { mean, deviation: Math.sqrt(variance()) * 2 ** (-aside / 4) * 2 ** (-aside / 4) };
}
