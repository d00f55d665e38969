const DAY_SECONDS = 86400n;

/** A signed whole number of `count` 32-bit words in little-endian order, as decimals are held. */
export function limbs(words: Uint32Array, index: number, count: number): bigint {
  let value = 0n;
  for (let word = count - 1; word >= 0; word--) value = (value << 32n) | BigInt(words[index * count + word] ?? 0);
  return BigInt.asIntN(32 * count, value);
}

/** A decimal with all its digits: the unscaled number with the point put in. */
export function decimalText(unscaled: bigint, scale: number): string {
  if (scale === 0) return unscaled.toString();
  if (scale < 0) return unscaled === 0n ? '0' : unscaled.toString() + '0'.repeat(-scale);
  const sign = unscaled < 0n ? '-' : '';
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(scale + 1, '0');
  return `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

/** Days (32 bits) or milliseconds (64) since 1970 as `YYYY-MM-DD`; a date64 that is no whole day keeps its time. */
export function dateText(value: bigint, bits: 32 | 64): string {
  if (bits === 32) return civilText(value);
  const dayMs = DAY_SECONDS * 1000n;
  return value % dayMs === 0n ? civilText(value / dayMs) : timestampText(value, 3);
}

/** Ticks of 10^-digits seconds since midnight as `HH:MM:SS.fff`. */
export function timeText(ticks: bigint, digits: number): string {
  const scale = 10n ** BigInt(digits);
  return ticks < 0n ? `-${timeText(-ticks, digits)}` : `${clockText(ticks / scale)}${fractionText(ticks % scale, digits)}`;
}

/** Ticks of 10^-digits seconds since 1970 as `YYYY-MM-DDTHH:MM:SS.fff`. */
export function timestampText(ticks: bigint, digits: number): string {
  const scale = 10n ** BigInt(digits);
  const seconds = floorDiv(ticks, scale);
  const days = floorDiv(seconds, DAY_SECONDS);
  return `${civilText(days)}T${clockText(seconds - days * DAY_SECONDS)}${fractionText(ticks - seconds * scale, digits)}`;
}

/** Ticks of 10^-digits seconds as an ISO 8601 duration, `PT1.500S`. */
export function durationText(ticks: bigint, digits: number): string {
  return `PT${secondsText(ticks, digits)}S`;
}

/** An interval as an ISO 8601 duration: `P14M`, `P1DT0.002S`, `P1M2DT0.000000003S`. */
export function intervalText(words: Int32Array, index: number, unit: 'year_month' | 'day_time' | 'month_day_nano'): string {
  const word = (at: number): number => words[at] ?? 0;
  if (unit === 'year_month') return `P${word(index)}M`;
  if (unit === 'day_time') return `P${word(2 * index)}DT${secondsText(BigInt(word(2 * index + 1)), 3)}S`;
  const nanos = (BigInt(word(4 * index + 3)) << 32n) | BigInt(word(4 * index + 2) >>> 0);
  return `P${word(4 * index)}M${word(4 * index + 1)}DT${secondsText(nanos, 9)}S`;
}

function secondsText(ticks: bigint, digits: number): string {
  const scale = 10n ** BigInt(digits);
  const size = ticks < 0n ? -ticks : ticks;
  return `${ticks < 0n ? '-' : ''}${size / scale}${fractionText(size % scale, digits)}`;
}

function fractionText(ticks: bigint, digits: number): string {
  return digits === 0 ? '' : `.${ticks.toString().padStart(digits, '0')}`;
}

function clockText(seconds: bigint): string {
  return [seconds / 3600n, (seconds / 60n) % 60n, seconds % 60n].map((part) => part.toString().padStart(2, '0')).join(':');
}

/**
 * Days since 1970-01-01 in the proleptic Gregorian calendar; years beyond 0 … 9999 with a sign and six digits or more, as ISO 8601 has them. Howard
 * Hinnant's civil_from_days (https://howardhinnant.github.io/date_algorithms.html), in whole numbers of any size: JavaScript's Date ends at
 * the year 275760.
 */
function civilText(days: bigint): string {
  const shifted = days + 719468n;
  const era = floorDiv(shifted, 146097n);
  const dayOfEra = shifted - era * 146097n;
  const yearOfEra = (dayOfEra - dayOfEra / 1460n + dayOfEra / 36524n - dayOfEra / 146096n) / 365n;
  const dayOfYear = dayOfEra - (365n * yearOfEra + yearOfEra / 4n - yearOfEra / 100n);
  const shiftedMonth = (5n * dayOfYear + 2n) / 153n;
  const day = dayOfYear - (153n * shiftedMonth + 2n) / 5n + 1n;
  const month = shiftedMonth < 10n ? shiftedMonth + 3n : shiftedMonth - 9n;
  const year = yearOfEra + era * 400n + (month <= 2n ? 1n : 0n);
  return `${yearText(year)}-${month.toString().padStart(2, '0')}-${day.toString().padStart(2, '0')}`;
}

function yearText(year: bigint): string {
  if (year >= 0n && year <= 9999n) return year.toString().padStart(4, '0');
  return (year < 0n ? '-' : '+') + (year < 0n ? -year : year).toString().padStart(6, '0');
}

function floorDiv(value: bigint, divisor: bigint): bigint {
  const quotient = value / divisor;
  return value % divisor < 0n ? quotient - 1n : quotient;
}
