import { parse, type Options } from 'csv-parse/sync';
import { DefectError } from '../../errors/errors.js';
import { trimBlanks } from './cell-text.js';
import type { CsvDialect } from './setup.js';

/** How cells are read beyond their dialect. */
export interface CellReaderOptions {
  /** Fields of every record; undefined: each record has its own number. */
  readonly width: number | undefined;
  /** Take off spaces and tabs around unquoted cells. */
  readonly trim?: boolean | undefined;
}

/**
 * Turns whole, well-formed records of one width into cell values: one array of `width` texts a record, in order. Blank lines between them give
 * nothing, except in a one-column file. What the record scanner has let through must come out here record by record and field by field:
 * anything else is a DefectError.
 */
export type CellReader = (bytes: Uint8Array, from: number, to: number, records: number) => readonly (readonly string[])[];

/** The cell reader of a dialect, by csv-parse: the only importer of that package. */
export function openCellReader(dialect: CsvDialect, { width, trim = false }: CellReaderOptions): CellReader {
  const options: Options = {
    delimiter: dialect.delimiter,
    quote: dialect.quote === '' ? null : dialect.quote,
    escape: dialect.quote === '' ? null : dialect.escape,
    record_delimiter: ['\r\n', '\n', '\r'],
    skip_empty_lines: width !== 1,
    relax_column_count: width === undefined,
    encoding: 'utf8',
    bom: false,
    // The package's own trimming takes blanks outside quotes for a part of the syntax, and more kinds of them.
    ...(trim ? { cast: (text, { quoting }) => (quoting ? text : trimBlanks(text)) } : {}),
  };
  return (bytes, from, to, records) => {
    const rows = parseRows(Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from), options);
    if (rows.length !== records) throw disagreement(`${rows.length} records`, `${records}`);
    const first = rows[0];
    // csv-parse holds every record to the width of the first.
    if (width !== undefined && first !== undefined && first.length !== width) throw disagreement(`${first.length} fields`, `${width}`);
    return rows;
  };
}

function parseRows(text: Buffer, options: Options): string[][] {
  try {
    return parse(text, options);
  } catch (error) {
    throw new DefectError('csv-parse refused records that the record scanner took', {
      cause: error,
      details: { reason: error instanceof Error && 'code' in error ? error.code : 'unknown' },
    });
  }
}

function disagreement(found: string, expected: string): DefectError {
  return new DefectError(`csv-parse found ${found} where the record scanner found ${expected}`, { details: { found, expected } });
}
