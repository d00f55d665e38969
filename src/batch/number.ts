const NUMBER = /^[ \t]*[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?[ \t]*$/;
const WORD = /^[ \t]*([+-]?)(nan|inf|infinity)[ \t]*$/i;
const DECIMAL = /^[ \t]*([+-]?)([0-9]*)(?:\.([0-9]*))?(?:[eE]([+-]?[0-9]+))?[ \t]*$/;
const BLANKS = /^[ \t]*$/;

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
  const fraction = parts[3] ?? '';
  const digits = BigInt((parts[2] ?? '') + fraction);
  if (digits === 0n) return 0n;
  const shift = Number(parts[4] ?? 0) - fraction.length;
  const sign = parts[1] === '-' ? -1n : 1n;
  if (shift >= 0) return shift > 40 ? 'huge' : sign * digits * 10n ** BigInt(shift);
  if (-shift > digits.toString().length) return 'fraction';
  const scale = 10n ** BigInt(-shift);
  return digits % scale === 0n ? (sign * digits) / scale : 'fraction';
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
