const F64 = new Float64Array(1);
const U64 = new BigUint64Array(F64.buffer);
/** A unit in the last place, by biased exponent. */
const UNITS = Float64Array.from({ length: 31 }, (_, exponent) => 2 ** (Math.max(exponent, 1) - 25));

/** The 16-bit pattern of the IEEE 754 binary16 nearest to a double, ties to even; NaN stays NaN, overflow gives an infinity. */
export function float16Bits(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (Number.isNaN(value)) return 0x7e00;
  if (size >= 65520) return sign | 0x7c00;
  if (size < 2 ** -14) return sign | roundEven(size * 2 ** 24); // subnormal: units of 2^-24; 1024 of them are the least normal
  F64[0] = size;
  const exponent = Number((U64[0] ?? 0n) >> 52n) - 1023;
  return sign | ((exponent + 15) * 1024 + roundEven((size / 2 ** exponent - 1) * 1024)); // a carry goes on into the exponent
}

/** The value of a 16-bit binary16 pattern. */
export function float16Value(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (exponent === 0 ? fraction : 1024 + fraction) * (UNITS[exponent] as number);
}

function roundEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}
