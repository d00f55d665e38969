const NUMBER = /^[ \t]*[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?[ \t]*$/;
const WORD = /^[ \t]*([+-]?)(nan|inf|infinity)[ \t]*$/i;
const DECIMAL = /^[ \t]*([+-]?)([0-9]*)(?:\.([0-9]*))?(?:[eE]([+-]?[0-9]+))?[ \t]*$/;
const LEADING_ZEROS = /^0+/;
/** Looks back from the end: a plain `0+$` would try at every zero of a long cell. */
const TRAILING_ZEROS = /(?<![0])0+$/;
/** No integer type has as many digits. */
const LARGEST_DIGITS = 40;
const BLANKS = /^[ \t]*$/;

/** What stands before the digits of a fraction. */
export type Decimal = '.' | ',';

/** A text with its decimal comma as the point of the grammar below. A point becomes a comma, so that what had one is no number. */
export function withPoint(text: string): string {
  return text.includes(',') || text.includes('.') ? text.replace(/[.,]/g, (mark) => (mark === ',' ? '.' : ',')) : text;
}

/** Is this cell empty or nothing but spaces and tabs? */
export function isBlank(text: string): boolean {
  return text === '' || BLANKS.test(text);
}

/**
 * Reads a number by the one number grammar (`docs/csv.md`): surrounding blanks, optional sign, digits with an optional point, optional
 * exponent; `nan`, `inf`, `infinity` in any case. Gives the double nearest to the text, or undefined for anything else, a blank cell included.
 * A finite text too large for a double gives an infinity; `overflows` tells it from a written one.
 */
export function parseNumber(text: string): number | undefined {
  if (NUMBER.test(text)) return Number(text);
  const word = WORD.exec(text);
  if (word === null) return undefined;
  if (word[2]?.toLowerCase() === 'nan') return NaN;
  return word[1] === '-' ? -Infinity : Infinity;
}

/** Is this the text of a finite number? An infinite value of such a text has overflowed. */
export function isFiniteText(text: string): boolean {
  return NUMBER.test(text);
}

/**
 * Reads a whole number exactly, whatever its size or notation: `3`, `3.0`, `9007199254740993`, `1e3`. Gives `fraction` for a number that is
 * not whole, `huge` for one beyond any integer type, undefined for what is no finite number.
 */
export function parseInteger(text: string): bigint | 'fraction' | 'huge' | undefined {
  if (!NUMBER.test(text)) return undefined;
  const parts = DECIMAL.exec(text);
  if (parts === null) return undefined;
  const fraction = (parts[3] ?? '').replace(TRAILING_ZEROS, '');
  const written = ((parts[2] ?? '') + fraction).replace(LEADING_ZEROS, '');
  const digits = written.replace(TRAILING_ZEROS, '');
  if (digits === '') return 0n;
  const shift = Number(parts[4] ?? 0) - fraction.length + written.length - digits.length;
  if (shift < 0) return 'fraction'; // the last digit is not 0
  if (digits.length + shift > LARGEST_DIGITS) return 'huge';
  return (parts[1] === '-' ? -1n : 1n) * BigInt(digits) * 10n ** BigInt(shift);
}

/** Reads true, false, 0, 1 in any case, with surrounding blanks. */
export function parseBoolean(text: string): 0 | 1 | undefined {
  switch (text.trim().toLowerCase()) {
    case 'true':
    case '1':
      return 1;
    case 'false':
    case '0':
      return 0;
    default:
      return undefined;
  }
}
