import { isUtf8 } from 'node:buffer';
import type { Batch } from '../../batch/batch.js';
import type { Layout } from '../../batch/layout.js';
import { ByteCells, UNCLEAR } from './byte-cells.js';
import { FLOAT32 } from './byte-columns.js';
import { grammarFault, raggedFault, textFault, type RecordFault } from './faults.js';
import { finishRecord } from './finish.js';
import type { CsvReader } from './reader.js';
import { RecordTable } from './record-table.js';
import { RecordScanner } from './scan.js';
import type { CsvDecoderSetup } from './setup.js';

const LF = 10;
const CR = 13;
/** What a record takes at least, for a first guess of their number. */
const LEAST_RECORD_BYTES = 16;

/** What numbers are made of; a decimal mark that is the delimiter is looked after. Blanks may stand around a number. */
const IN_NUMBERS = /[0-9eE+-]/;
const IN_OR_AROUND_NUMBERS = /[0-9eE+\-., \t]/;

/**
 * Can the byte reader take this dialect? Escapes of another kind than a doubled quote are left to csv-parse, and so are delimiters and quotes that a number might
 * be taken to go on with.
 */
export function readsBytes({ dialect: { delimiter, quote, escape } }: CsvDecoderSetup): boolean {
  return escape === quote && !IN_NUMBERS.test(delimiter) && !IN_OR_AROUND_NUMBERS.test(quote);
}

/** The reader that takes cells straight from bytes to tensors. */
export function openByteReader(setup: CsvDecoderSetup, layout: Layout, batch: Batch): CsvReader {
  return new ByteReader(setup, layout, batch);
}

/**
 * Goes over the bytes once. A record is first read as if it were plain (`#plain`): each cell is taken to its column's tensor while its end is looked for, whatever is not a short
 * number by way of its text. As soon as a record turns out to have another width than the header's, or a quote out of place, it is read again by the scanner (`#scanned`), which
 * is the one judge of the grammar.
 */
class ByteReader implements CsvReader {
  readonly batch: Batch;
  readonly table: RecordTable;
  readonly #setup: CsvDecoderSetup;
  readonly #cells: ByteCells;
  readonly #scanner: RecordScanner;
  readonly #delimiter: number;
  #bytes: Uint8Array = new Uint8Array(0);
  #isUtf8 = true;

  constructor(setup: CsvDecoderSetup, layout: Layout, batch: Batch) {
    const { dialect, recordLimitBytes, columns } = setup;
    this.batch = batch;
    this.table = new RecordTable(layout.kept.map(({ column }) => column));
    this.#setup = setup;
    this.#cells = new ByteCells(setup, layout, batch);
    this.#scanner = new RecordScanner({ dialect, recordLimitBytes, blankRecords: columns === 1, ranges: true });
    this.#delimiter = dialect.delimiter.charCodeAt(0);
  }

  read(bytes: Uint8Array, most: number): void {
    const { batch, table } = this;
    this.#bytes = bytes;
    this.#isUtf8 = isUtf8(bytes);
    batch.reset(Math.min(most, Math.max(batch.capacity, Math.ceil(bytes.length / LEAST_RECORD_BYTES / this.#setup.columns))));
    table.reset(batch.capacity);
    this.#cells.columns.bind(batch);
    const plainTo = this.#isUtf8 ? lastLineEnd(bytes) : 0;
    this.#cells.begin(bytes, plainTo);
    let at = 0;
    while (batch.records < most) {
      at = this.#skipBlankLines(at);
      if (at >= bytes.length) break;
      if (batch.records === batch.capacity) this.#grow();
      const next = at < plainTo ? this.#plain(at) : UNCLEAR;
      at = next === UNCLEAR ? this.#scanned(at) : next;
    }
  }

  /** Blank lines are no records, except in a file of one column. */
  #skipBlankLines(at: number): number {
    const bytes = this.#bytes;
    if (this.#setup.columns === 1) return at;
    while (at < bytes.length && (bytes[at] === LF || bytes[at] === CR)) {
      at += bytes[at] === CR && bytes[at + 1] === LF ? 2 : 1;
      this.table.lines++;
    }
    return at;
  }

  #grow(): void {
    this.batch.reserve(Math.max(256, this.batch.capacity * 2));
    this.table.reserve(this.batch.capacity);
    this.#cells.columns.bind(this.batch);
  }

  /** Reads the record at `start` if it is well-formed and of the right width, and gives the position behind it; else UNCLEAR, and nothing of it counts. */
  #plain(start: number): number {
    const bytes = this.#bytes;
    const cells = this.#cells;
    const { kinds, kept, runEnds } = cells.columns;
    const { keptFrom, keptTo } = this.table;
    const delimiter = this.#delimiter;
    const { records: record, rows: row } = this.batch;
    const last = kinds.length - 1;
    cells.fault = undefined;
    cells.innerLines = 0;
    let at = start;
    for (let column = 0; ; column++) {
      const runEnd = runEnds[column] as number;
      if (runEnd !== column) {
        at = cells.shortFloats(column, at, row);
        column = cells.column;
        if (column > last) {
          at--;
          break;
        }
      }
      const from = at;
      at = column < runEnd ? cells.longNumber(column, FLOAT32, from, row) : cells.read(column, from, row);
      if (at === UNCLEAR) return UNCLEAR;
      const place = kept[column] as number;
      if (place >= 0) {
        (keptFrom[place] as Uint32Array)[record] = from;
        (keptTo[place] as Uint32Array)[record] = at;
      }
      if (column === last) break;
      if (bytes[at] !== delimiter) return UNCLEAR;
      at++;
    }
    const byte = bytes[at];
    if ((byte !== LF && byte !== CR) || at - start > this.#setup.recordLimitBytes) return UNCLEAR;
    const next = byte === CR && bytes[at + 1] === LF ? at + 2 : at + 1;
    this.table.add(start, at, next, 1 + cells.innerLines, kinds.length);
    finishRecord(this, bytes, record, cells.fault, this.#setup.recordLimitBytes);
    return next;
  }

  /** Reads the record at `start` by the scanner: one at fault, of another width, with bytes that are no UTF-8, or without a line end. Gives the position behind it. */
  #scanned(start: number): number {
    const { batch, table } = this;
    const bytes = this.#bytes;
    this.#scanner.scan(bytes, start, bytes.length, true);
    batch.retry();
    const record = table.records;
    table.addScanned(this.#scanner);
    finishRecord(this, bytes, record, this.#scannedFault(), this.#setup.recordLimitBytes);
    return this.#scanner.next;
  }

  #scannedFault(): RecordFault | undefined {
    const { columns, recordLimitBytes, ragged = 'reject' } = this.#setup;
    const { fault, fields, start, end, from, to } = this.#scanner;
    const bytes = this.#bytes;
    if (fault !== undefined) return grammarFault(fault, recordLimitBytes);
    if (fields !== columns && ragged === 'reject') return raggedFault(fields, columns, ragged);
    if (!this.#isUtf8 && !isUtf8(bytes.subarray(start, end))) return textFault();
    const textOf = (column: number): string => (column < fields ? this.#cells.textOf(bytes, from[column] as number, to[column] as number) : '');
    for (let column = columns; column < fields; column++) if (textOf(column) !== '') return raggedFault(fields, columns, ragged);
    for (let column = 0; column < columns; column++) {
      const cellFault = this.#cells.stores.store(column, textOf(column));
      if (cellFault !== undefined) return cellFault;
    }
    return undefined;
  }
}

/** The position behind the last line end, 0 where there is none. */
function lastLineEnd(bytes: Uint8Array): number {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] !== LF && bytes[end - 1] !== CR) end--;
  return end;
}
