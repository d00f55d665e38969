import { InputError } from '../../errors/errors.js';
import type { ByteSource } from '../source.js';
import { checkGivenColumns, checkHeader, readHeader } from './header.js';
import { RecordScanner } from './scan.js';
import type { CsvDialect, CsvInputOptions } from './setup.js';

const BOM = [0xef, 0xbb, 0xbf];
const LOOK_BYTES = 1 << 16;

/** What stands before the first record. */
export interface Head {
  readonly names: readonly string[];
  /** Physical lines of the head. */
  readonly lines: number;
}

/**
 * Reads byte order mark and header, and nothing more: the source stands at the first record then. Without a header the given names must be as
 * many as the first record has fields.
 * Errors: UsageError `csv-columns`; InputError `empty-input`, `bad-header`, `empty-column-name`, `duplicate-column`, `columns-mismatch`.
 */
export async function readHead(source: ByteSource, options: CsvInputOptions, dialect: CsvDialect, recordLimitBytes: number): Promise<Head> {
  const given = options.header === false ? checkGivenColumns(options.columns) : undefined;
  const start = startsWithBom(await source.peek(BOM.length)) ? BOM.length : 0;
  const scanner = new RecordScanner({ dialect, recordLimitBytes, blankRecords: given?.length === 1, ranges: false });
  const bytes = await peekRecord(source, scanner, start, recordLimitBytes);
  if (given !== undefined) {
    if (bytes !== undefined) checkWidth(scanner, given.length, source.name);
    await skip(source, start);
    return { names: given, lines: 0 };
  }
  if (bytes === undefined) throw emptyInput(source.name);
  const names = readHeader(bytes, scanner, dialect, source.name);
  checkHeader(names, source.name);
  if (scanner.end === scanner.next) checkTerminated(source, options);
  await skip(source, scanner.next);
  return { names, lines: scanner.blankLines + scanner.lines };
}

/** Has the scanner read the first record, looking further and further ahead until it is whole; undefined where there is none. */
async function peekRecord(source: ByteSource, scanner: RecordScanner, start: number, recordLimitBytes: number): Promise<Uint8Array | undefined> {
  for (let length = LOOK_BYTES; ; length *= 2) {
    const bytes = await source.peek(length);
    const ended = bytes.length < length;
    const scanned = scanner.scan(bytes, start, bytes.length, ended);
    if (scanned === 'record') return bytes;
    // What is not whole in so many bytes is at fault, whatever comes behind them.
    if (scanned === 'more' && bytes.length > scanner.start + recordLimitBytes + 2) {
      scanner.scan(bytes, start, bytes.length, true);
      return bytes;
    }
    if (ended || scanner.start > start + recordLimitBytes) return undefined;
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

function checkWidth(scanner: RecordScanner, width: number, file: string): void {
  if (scanner.fault !== undefined || scanner.fields === width) return;
  throw new InputError('columns-mismatch', `found ${scanner.fields} fields in the first record, expected ${width} by --columns`, {
    place: { file, row: 1, line: scanner.blankLines + 1 },
    fix: 'Name every column of the file in order with --columns, or check --delimiter.',
    details: { found: scanner.fields, expected: width },
  });
}

function emptyInput(file: string): InputError {
  return new InputError('empty-input', `found no header line in ${file}, expected the column names`, {
    place: { file, line: 1 },
    fix: 'Check the program that writes it; a file without header needs --no-header --columns a,b,c.',
  });
}
