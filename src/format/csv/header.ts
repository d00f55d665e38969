import { isUtf8 } from 'node:buffer';
import { InputError, UsageError } from '../../errors/errors.js';
import { openCellText } from './cell-text.js';
import { RecordScanner } from './scan.js';
import type { CsvDialect } from './setup.js';

const CANDIDATES = [',', ';', '\t', '|'];

/** Where a header stands. */
export interface HeaderPlace {
  readonly file: string;
  readonly line: number;
}

export interface HeaderOptions {
  readonly dialect: CsvDialect;
  readonly place: HeaderPlace;
  readonly trim: boolean | undefined;
  /** As told. */
  readonly encoding: string | undefined;
}

/** The column names of the header record that the scanner has just read. Throws InputError (`bad-header`) where it is not well-formed. */
export function readHeader(bytes: Uint8Array, scanner: RecordScanner, { dialect, place, trim, encoding }: HeaderOptions): string[] {
  const { start, end, fault, fields, from, to } = scanner;
  const record = bytes.subarray(start, end);
  if (encoding === undefined && looksLikeUtf16(record)) {
    throw badHeader(place, 'a NUL beside every character, as UTF-16 has', 'It is UTF-16 without its mark: give --encoding utf-16le or utf-16be.');
  }
  // read at the right delimiter it may reach farther, over line ends between quotes
  if (fault !== undefined)
    throw badHeader(place, HEADER_FAULTS[fault], delimiterFix(splittingDelimiter(bytes.subarray(start), dialect, (count) => count > 1)));
  if (!isUtf8(record)) throw badHeader(place, 'bytes that are not UTF-8', 'Give the encoding of the file, for example --encoding windows-1252.');
  const textOf = openCellText(dialect, trim ?? false);
  return Array.from({ length: fields }, (_, field) => textOf(bytes, from[field] ?? 0, to[field] ?? 0));
}

/** Text of the western world in UTF-16 without a byte order mark: every other byte is NUL. */
function looksLikeUtf16(record: Uint8Array): boolean {
  if (record.length < 2) return false;
  const nulEvery = (from: number): boolean => record.every((byte, at) => at % 2 !== from || byte === 0);
  return nulEvery(0) || nulEvery(1);
}

const HEADER_FAULTS = {
  'bad-quote': 'a quote inside an unquoted name, or text behind a closing quote',
  'unclosed-quote': 'a quote that is not closed',
  'record-too-long': 'a header longer than the record limit',
};

/** Refuses a header with empty or repeated names: columns bind by name. Throws InputError (`empty-column-name`, `duplicate-column`). */
export function checkHeader(names: readonly string[], place: HeaderPlace): void {
  const empty = names.indexOf('');
  if (empty >= 0) {
    throw new InputError('empty-column-name', `found no name for column ${empty + 1} of ${names.length} in the header, expected one for each`, {
      place,
      fix: isSepLine(names)
        ? 'That is the line which Excel puts before the header: pass over it with --skip-lines 1.'
        : names.length > 1 && empty === names.length - 1
          ? 'Remove the delimiter at the end of the header, or name the column.'
          : 'Name the column (pandas: to_csv(index=False), or index_label="row").',
      details: { position: empty + 1 },
    });
  }
  const twice = firstRepeated(names);
  if (twice === undefined) return;
  const [name, first, second] = twice;
  throw new InputError(
    'duplicate-column',
    `found the column name ${JSON.stringify(name)} at positions ${first} and ${second} of the header, expected every name once`,
    {
      place: { ...place, column: name },
      fix: 'Rename or remove one of the two.',
      details: { name, positions: [first, second] },
    },
  );
}

/** `sep=;` tells Excel the delimiter; read with that delimiter it is a name and nothing behind it. */
function isSepLine(names: readonly string[]): boolean {
  return names.length === 2 && names[1] === '' && /^sep=$/i.test(names[0] ?? '');
}

/** Checks the names given for a file without header. Throws UsageError (`csv-columns`). */
export function checkGivenColumns(names: readonly string[] | undefined): readonly string[] {
  if (names === undefined || names.length === 0) {
    throw new UsageError('csv-columns', 'found no column names for a file without header', {
      fix: 'Name its columns in order: --no-header --columns a,b,c.',
    });
  }
  const empty = names.indexOf('');
  if (empty >= 0)
    throw new UsageError('csv-columns', `found an empty name at position ${empty + 1} of --columns, expected a name for each column`, {
      fix: 'Give every column a name.',
    });
  const twice = firstRepeated(names);
  if (twice === undefined) return names;
  const [name, first, second] = twice;
  throw new UsageError('csv-columns', `found ${JSON.stringify(name)} at positions ${first} and ${second} of --columns, expected every name once`, {
    fix: 'Rename one of the two.',
  });
}

/**
 * The delimiter by which a header would give more columns than it did, undefined where it would not. For the message about a missing column; nothing
 * is read by it unasked.
 */
export function suggestDelimiter(names: readonly string[], delimiter: string): string | undefined {
  let best: string | undefined;
  let most = names.length;
  for (const candidate of CANDIDATES) {
    if (candidate === delimiter) continue;
    const count = names.reduce((sum, name) => sum + name.split(candidate).length, 0) - (names.length - 1);
    if (count <= most) continue;
    most = count;
    best = candidate;
  }
  return best;
}

/** The usual delimiter at which a record would be well-formed with a number of fields that is right, undefined where none is. For messages only. */
export function splittingDelimiter(record: Uint8Array, dialect: CsvDialect, isRight: (fields: number) => boolean): string | undefined {
  return CANDIDATES.filter((candidate) => candidate !== dialect.delimiter && candidate !== dialect.quote && candidate !== dialect.escape).find(
    (delimiter) => {
      const scanner = new RecordScanner({ dialect: { ...dialect, delimiter }, recordLimitBytes: record.length, blankRecords: false, ranges: false });
      return scanner.scan(record, 0, record.length, true) === 'record' && scanner.fault === undefined && isRight(scanner.fields);
    },
  );
}

/** What to do where another delimiter is the right one; undefined where none is known. */
export function delimiterFix(delimiter: string | undefined): string | undefined {
  return delimiter === undefined ? undefined : `Give --delimiter ${delimiter === '\t' ? 'tab' : `'${delimiter}'`}.`;
}

function firstRepeated(names: readonly string[]): [name: string, first: number, second: number] | undefined {
  const seen = new Map<string, number>();
  for (const [at, name] of names.entries()) {
    const first = seen.get(name);
    if (first !== undefined) return [name, first + 1, at + 1];
    seen.set(name, at);
  }
  return undefined;
}

const CHECK_HEADER =
  'Check that line; for a file without header use --no-header --columns a,b,c; for another quote --quote; for a preamble --skip-lines.';

function badHeader(place: HeaderPlace, found: string, fix = CHECK_HEADER): InputError {
  return new InputError('bad-header', `found ${found}, expected a header of column names`, { place, fix });
}
