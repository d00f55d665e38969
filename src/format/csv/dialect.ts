import { UsageError } from '../../errors/errors.js';
import type { CsvDialect } from './setup.js';

const NAMED: Readonly<Record<string, string>> = { tab: '\t', '\\t': '\t' };

/**
 * The dialect that options ask for, with its defaults filled in and checked: single ASCII characters that do not stand in each other's way. `tab`
 * and `\t` name the tab. Without a quote the escape means nothing; without an escape quotes are doubled. Throws UsageError (`csv-dialect`).
 */
export function resolveDialect(options: Partial<CsvDialect>, defaultDelimiter = ','): CsvDialect {
  const delimiter = named(options.delimiter ?? defaultDelimiter);
  const quote = named(options.quote ?? '"');
  checkCharacter('delimiter', delimiter);
  if (quote === '') return { delimiter, quote, escape: '' };
  const escape = named(options.escape === undefined || options.escape === '' ? quote : options.escape);
  checkCharacter('quote', quote);
  checkCharacter('escape', escape);
  if (delimiter === quote) throw clash('delimiter', 'quote', delimiter);
  if (delimiter === escape) throw clash('delimiter', 'escape', delimiter);
  return { delimiter, quote, escape };
}

/**
 * A decimal comma needs a cell that can hold one: where the delimiter is a comma, the numbers must be quoted. Throws UsageError (`csv-dialect`) where
 * nothing can be.
 */
export function checkDecimalComma({ delimiter, quote }: CsvDialect): void {
  if (delimiter !== ',' || quote !== '') return;
  throw new UsageError('csv-dialect', 'found a comma for both the delimiter and the decimal mark, and no quote to tell them apart', {
    fix: "Give the delimiter that the file has, for example --delimiter ';', or leave out --decimal-comma.",
    details: { option: 'decimalComma', found: ',' },
  });
}

/** Are cells of one dialect cells of the other, byte for byte? */
export function sameDialect(a: CsvDialect, b: CsvDialect): boolean {
  return a.delimiter === b.delimiter && a.quote === b.quote && a.escape === b.escape;
}

function named(text: string): string {
  return NAMED[text] ?? text;
}

function checkCharacter(option: string, text: string): void {
  if (text.length === 1 && text.charCodeAt(0) < 128 && !/[\0\r\n]/.test(text)) return;
  throw new UsageError('csv-dialect', `found ${JSON.stringify(text)} for the ${option}, expected one ASCII character other than a line end`, {
    fix:
      option === 'quote'
        ? "An empty quote, --quote '', means that no field is quoted."
        : `Give --${option} one character, for example ${option === 'delimiter' ? "--delimiter ';' or --delimiter tab" : `--${option} '"'`}.`,
    details: { option, found: text },
  });
}

function clash(one: string, other: string, text: string): UsageError {
  return new UsageError('csv-dialect', `found ${JSON.stringify(text)} for both the ${one} and the ${other}, expected two different characters`, {
    fix: `Change --${one} or --${other}.`,
    details: { option: one, found: text },
  });
}
