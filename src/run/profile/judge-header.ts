import { InputError } from '../../errors/errors.js';
import { delimiterFix, suggestDelimiter } from '../../format/csv/header.js';
import type { Splitter } from '../../format/format.js';
import { looksLikeData } from '../../model/bind-messages.js';

/** A header as it was read. */
export interface ReadHeader {
  readonly splitter: Pick<Splitter, 'schema' | 'decoderSetup' | 'headLines'>;
  readonly file: string;
  /** False: the names are not the file's. */
  readonly hasHeader: boolean;
}

/**
 * Is a header what it was read as? No model says which columns there must be, so what would bind to none is to be seen from the names alone. The names are
 * not told: the first line of a file without header is data.
 *
 * @returns whether it may be data all the same: numbers that count up by one, which also name columns (years, positions).
 * @throws InputError `bad-header` for one name that would split at another usual delimiter, and for other numbers.
 */
export function isDoubtfulHeader({ splitter: { schema, decoderSetup: decoder, headLines }, file, hasHeader }: ReadHeader): boolean {
  if (decoder.format !== 'csv' || !hasHeader) return false;
  const names = schema.columns.map(({ name }) => name);
  const place = { file, line: headLines };
  const delimiter = names.length === 1 ? suggestDelimiter(names, decoder.dialect.delimiter) : undefined;
  if (delimiter !== undefined) {
    const at = delimiter === '\t' ? 'tabs' : JSON.stringify(delimiter);
    throw new InputError('bad-header', `found a header of one name that would split at ${at}, expected the names of columns`, {
      place,
      fix: `${delimiterFix(delimiter) ?? ''} If it is the name of one column: --skip-lines ${headLines} --no-header --columns NAME.`,
    });
  }
  if (!looksLikeData(names)) return false;
  if (countsUp(names)) return true;
  throw new InputError('bad-header', 'found numbers in the place of names, expected a header of column names', {
    place,
    fix: `The first line looks like data, not like a header: --no-header --columns NAMES. If they are names: --skip-lines ${headLines} --no-header --columns NAMES.`,
  });
}

/** Are the numbers among the names whole, each one more than the one before? So years stand in a header, and what pandas calls columns that have no names. */
function countsUp(names: readonly string[]): boolean {
  const numbers = names.filter((name) => name.trim() !== '' && Number.isFinite(Number(name)));
  return numbers.every((name, index) => /^\d+$/.test(name) && (index === 0 || Number(name) === Number(numbers[index - 1]) + 1));
}
