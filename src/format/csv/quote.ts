import { stringify, type Options } from 'csv-stringify/sync';
import { UsageError } from '../../errors/errors.js';
import type { CsvDialect } from './setup.js';

/** Labels and categories come again and again; free text does not. */
const MOST_CACHED = 1024;
/** Values that readers would strip or take for a byte order mark are quoted, too. */
const EDGES = /^[ \t\uFEFF]|[ \t]$/;

/** Writes one value as a cell of a dialect, quoted where it must be. An empty value stays empty. */
export type Quoter = (text: string) => string;

/** The quoter of a dialect; the only importer of csv-stringify is this file. A value that cannot be written without quotes in a dialect that has none is a UsageError (`cannot-quote`). */
export function openQuoter(dialect: CsvDialect): Quoter {
  const special = new RegExp(`[\\r\\n${inClass(dialect.delimiter)}${inClass(dialect.quote)}]|${EDGES.source}`);
  const options = stringifyOptions(dialect);
  const cache = new Map<string, string>();
  return (text) => {
    if (!special.test(text)) return text;
    const known = cache.get(text);
    if (known !== undefined) return known;
    if (dialect.quote === '') return unquoted(text, dialect);
    const quoted = stringify([[text]], options);
    if (cache.size >= MOST_CACHED) cache.clear();
    cache.set(text, quoted);
    return quoted;
  };
}

/** Do texts of this alphabet never need quotes in the dialect? */
export function neverQuoted(dialect: CsvDialect, alphabet: RegExp): boolean {
  return !alphabet.test(dialect.delimiter) && !(dialect.quote !== '' && alphabet.test(dialect.quote));
}

function stringifyOptions({ delimiter, quote, escape }: CsvDialect): Options {
  // With a record delimiter of its own csv-stringify quotes no other line end unless told, and a bare CR would split the record.
  return { delimiter, quote, escape, quoted_match: [EDGES], record_delimiter: '\n', quote_record_delimiter: true, eof: false };
}

function unquoted(text: string, { delimiter }: CsvDialect): string {
  if (!text.includes(delimiter) && !/[\r\n]/.test(text)) return text;
  throw new UsageError(
    'cannot-quote',
    `found a value with ${text.includes(delimiter) ? 'the delimiter' : 'a line end'} in it, and an output without quotes cannot hold it`,
    {
      fix: `Give the output a quote (--quote '"') or another delimiter.`,
    },
  );
}

function inClass(text: string): string {
  return text.replace(/[\\\]^-]/g, '\\$&');
}
