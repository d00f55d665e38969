import { InputError } from '../../errors/errors.js';
import type { ByteSource } from '../source.js';
import { checkGivenColumns, checkHeader, delimiterFix, readHeader, splittingDelimiter } from './header.js';
import { skipPreamble } from './preamble.js';
import { RecordScanner } from './scan.js';
import type { CsvDialect, CsvInputOptions } from './setup.js';

const BOM = [0xef, 0xbb, 0xbf];
const LOOK_BYTES = 1 << 16;

/** What stands before the first record. */
export interface Head {
  readonly names: readonly string[];
  /** Physical lines of the head: preamble, blank lines and header. */
  readonly lines: number;
}

/**
 * Reads byte order mark, preamble and header, and nothing more: the source, which is in UTF-8, stands at the first record then. Without a header the given
 * names must be as many as the first record has fields.
 * Errors: UsageError `csv-columns`; InputError `empty-input`, `bad-header`, `empty-column-name`, `duplicate-column`, `columns-mismatch`.
 */
export async function readHead(source: ByteSource, options: CsvInputOptions, dialect: CsvDialect, recordLimitBytes: number): Promise<Head> {
  const given = options.header === false ? checkGivenColumns(options.columns) : undefined;
  if (startsWithBom(await source.peek(BOM.length))) await skip(source, BOM.length);
  const skipped = options.skipLines ?? 0;
  await skipPreamble(source, skipped);
  const scanner = new RecordScanner({ dialect, recordLimitBytes, blankRecords: given?.length === 1, ranges: true });
  const bytes = await peekRecord(source, scanner, recordLimitBytes);
  const place = { file: source.name, line: skipped + scanner.blankLines + 1 };
  if (given !== undefined) {
    if (bytes !== undefined) checkWidth(bytes, scanner, { given, options, dialect, place });
    return { names: given, lines: skipped };
  }
  if (bytes === undefined) throw emptyInput(source.name, skipped);
  const names = readHeader(bytes, scanner, { dialect, place, trim: options.trim, encoding: options.encoding });
  checkHeader(names, place);
  if (scanner.end === scanner.next) checkTerminated(source, options);
  await skip(source, scanner.next);
  return { names, lines: skipped + scanner.blankLines + scanner.lines };
}

/** Has the scanner read the first record, looking further and further ahead until it is whole; undefined where there is none. */
async function peekRecord(source: ByteSource, scanner: RecordScanner, recordLimitBytes: number): Promise<Uint8Array | undefined> {
  // Of a pipe as much as is there, and no more than needed: its next row may be long in coming.
  for (let length = LOOK_BYTES, least = source.isPipe ? 1 : length; ;) {
    const bytes = await source.peek(length, least);
    const ended = bytes.length < least;
    const scanned = scanner.scan(bytes, 0, bytes.length, ended);
    if (scanned === 'record') return bytes;
    // What is not whole in so many bytes is at fault, whatever comes behind them.
    if (scanned === 'more' && bytes.length > scanner.start + recordLimitBytes + 2) {
      scanner.scan(bytes, 0, bytes.length, true);
      return bytes;
    }
    if (ended || scanner.start > recordLimitBytes) return undefined;
    if (bytes.length === length) length *= 2;
    least = source.isPipe ? bytes.length + 1 : length;
  }
}

async function skip(source: ByteSource, bytes: number): Promise<void> {
  if (bytes > 0) await source.read(new Uint8Array(bytes));
}

function startsWithBom(bytes: Uint8Array): boolean {
  return BOM.every((byte, at) => bytes[at] === byte);
}

/** A producer that was killed half-way looks like a normal end: on a pipe the last line must be whole, unless told. Throws `unterminated-input`. */
export function checkTerminated(source: ByteSource, options: CsvInputOptions): void {
  if (!source.isPipe || options.allowUnterminated === true) return;
  throw new InputError('unterminated-input', `${source.name} ended in the middle of a line, expected a line end after the last record`, {
    place: { file: source.name, byte: source.position },
    fix: 'Check that the program that writes into the pipe ran to its end; if it never writes the last line end, add --allow-unterminated.',
  });
}

interface Expected {
  readonly given: readonly string[];
  readonly options: CsvInputOptions;
  readonly dialect: CsvDialect;
  readonly place: { readonly file: string; readonly line: number };
}

/** The first record must have a field for each given name; where it may be filled up, not more. One that breaks the grammar is left to be rejected. */
function checkWidth(bytes: Uint8Array, scanner: RecordScanner, { given, options, dialect, place }: Expected): void {
  const { fields, fault } = scanner;
  const width = given.length;
  if (fields === width) return;
  // at what does not occur every record has one field: that says nothing
  const delimiter = width === 1 ? undefined : splittingDelimiter(bytes.subarray(scanner.start, scanner.end), dialect, (count) => count === width);
  if (delimiter === undefined && (fault !== undefined || (options.ragged === 'fill' && fields < width))) return;
  const found = fault === undefined ? `${fields} field${fields === 1 ? '' : 's'} in the first record` : 'a first record that breaks the grammar';
  const hint = delimiter === undefined ? '' : `; it would have ${width} at ${delimiter === '\t' ? 'tabs' : JSON.stringify(delimiter)}`;
  throw new InputError('columns-mismatch', `found ${found}, expected ${width}${fault === undefined ? '' : ' fields'} by --columns${hint}`, {
    place: { file: place.file, row: 1, line: place.line },
    fix: delimiterFix(delimiter) ?? 'Name every column of the file in order with --columns, or check --delimiter.',
    details: { found: fields, expected: width },
  });
}

function emptyInput(file: string, skipped: number): InputError {
  const behind = skipped === 0 ? '' : ` behind the ${skipped} line${skipped === 1 ? '' : 's'} that --skip-lines passes over`;
  return new InputError('empty-input', `found no header line in ${file}${behind}, expected the column names`, {
    place: { file, line: skipped + 1 },
    fix: 'Check the program that writes it; a file without header needs --no-header --columns a,b,c.',
  });
}
