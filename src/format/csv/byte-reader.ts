import { isUtf8 } from 'node:buffer';
import type { Batch } from '../../batch/batch.js';
import type { Layout } from '../../batch/layout.js';
import { nullTexts } from '../../batch/store.js';
import { ByteColumns, FLOAT32, FLOAT64, INT32, INT64, INTERNED, nullNumbers, PASSED } from './byte-columns.js';
import { ByteInterner } from './byte-interner.js';
import { openCellText } from './cell-text.js';
import { ColumnStores } from './column-stores.js';
import { DecimalReader, INT_DIGITS, POWERS_OF_TEN } from './decimal.js';
import { grammarFault, raggedFault, textFault, type RecordFault } from './faults.js';
import { finishRecord } from './finish.js';
import type { CsvReader } from './reader.js';
import { RecordTable } from './record-table.js';
import { NO_BYTE, RecordScanner } from './scan.js';
import type { CsvDecoderSetup } from './setup.js';

const TAB = 9;
const LF = 10;
const CR = 13;
const SPACE = 32;
const ZERO = 48;
const MINUS = 45;
/** The largest magnitude that rounds to a finite float32: beyond it a cell is out of range. */
const FLOAT32_LIMIT = 3.4028235677973362e38;
const NO_DIGIT = 128;
/** By byte: the digit that it is, or NO_DIGIT. */
const DIGITS = Uint8Array.from({ length: 256 }, (_, byte) => (byte >= ZERO && byte <= ZERO + 9 ? byte - ZERO : NO_DIGIT));
/** By byte: 1 for a minus. Signs come as they like, so a branch on them is guessed wrong every other time: that costs as much as reading three digits. */
const MINUSES = Uint8Array.from({ length: 256 }, (_, byte) => (byte === MINUS ? 1 : 0));
const SIGNS = Float64Array.of(1, -1);
/** A record that only the scanner can judge. */
const UNCLEAR = -1;
/** What a record takes at least, for a first guess of their number. */
const LEAST_RECORD_BYTES = 16;

/** Can the byte reader take this dialect? Escapes of another kind than a doubled quote are left to csv-parse. */
export function readsBytes({ dialect }: CsvDecoderSetup): boolean {
  return dialect.escape === dialect.quote;
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
  readonly #columns: ByteColumns;
  readonly #stores: ColumnStores;
  readonly #scanner: RecordScanner;
  readonly #decimals: DecimalReader;
  readonly #cellText: ReturnType<typeof openCellText>;
  readonly #nullNumbers: ReadonlySet<number> | undefined;
  readonly #interned: readonly Interned[];
  readonly #delimiter: number;
  readonly #quote: number;
  readonly #point: number;
  /** 1 for the bytes that may stand around a number. */
  readonly #blank = new Uint8Array(256);
  /** 1 for the bytes that end an unquoted cell: delimiter, quote, LF, CR. */
  readonly #special = new Uint8Array(256);
  #bytes: Uint8Array = new Uint8Array(0);
  #isUtf8 = true;
  /** Behind the last line end: loops over a plain record end there at the latest, and need not look for the end of the bytes. */
  #plainTo = 0;
  /** Of the record in hand: its first field at fault, and the line ends within its quotes. */
  #fault: RecordFault | undefined = undefined;
  #innerLines = 0;
  /** The column that `#shortFloats` has come to. */
  #column = 0;

  constructor(setup: CsvDecoderSetup, layout: Layout, batch: Batch) {
    const { dialect, recordLimitBytes, columns, trim = false, decimal = '.' } = setup;
    this.batch = batch;
    this.table = new RecordTable(layout.kept.map(({ column }) => column));
    this.#setup = setup;
    this.#stores = new ColumnStores(setup, layout, batch);
    this.#scanner = new RecordScanner({ dialect, recordLimitBytes, blankRecords: columns === 1, ranges: true });
    this.#cellText = openCellText(dialect, trim);
    this.#nullNumbers = nullNumbers(nullTexts(setup.nullValues, decimal));
    this.#columns = new ByteColumns(columns, layout, this.#nullNumbers === undefined);
    this.#interned = Array.from(this.#columns.kinds, (kind): Interned =>
      kind === INTERNED ? { texts: new ByteInterner(), values: [], missing: [] } : NOTHING_INTERNED,
    );
    this.#delimiter = dialect.delimiter.charCodeAt(0);
    this.#quote = dialect.quote === '' ? NO_BYTE : dialect.quote.charCodeAt(0);
    // A decimal comma in a file of commas stands in quotes, and such cells go by their texts.
    this.#point = decimal === dialect.delimiter ? NO_BYTE : decimal.charCodeAt(0);
    this.#decimals = new DecimalReader(this.#point);
    for (const byte of [SPACE, TAB]) if (byte !== this.#delimiter) this.#blank[byte] = 1;
    for (const byte of [this.#delimiter, this.#quote, LF, CR]) if (byte !== NO_BYTE) this.#special[byte] = 1;
  }

  read(bytes: Uint8Array, most: number): void {
    const { batch, table } = this;
    this.#bytes = bytes;
    this.#isUtf8 = isUtf8(bytes);
    batch.reset(Math.min(most, Math.max(batch.capacity, Math.ceil(bytes.length / LEAST_RECORD_BYTES / this.#setup.columns))));
    table.reset(batch.capacity);
    this.#columns.bind(batch);
    this.#plainTo = this.#isUtf8 ? lastLineEnd(bytes) : 0;
    let at = 0;
    while (batch.records < most) {
      at = this.#skipBlankLines(at);
      if (at >= bytes.length) break;
      if (batch.records === batch.capacity) this.#grow();
      const next = at < this.#plainTo ? this.#plain(at) : UNCLEAR;
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
    this.#columns.bind(this.batch);
  }

  /** Reads the record at `start` if it is well-formed and of the right width, and gives the position behind it; else UNCLEAR, and nothing of it counts. */
  #plain(start: number): number {
    const bytes = this.#bytes;
    const { kinds, kept, runEnds } = this.#columns;
    const { keptFrom, keptTo } = this.table;
    const delimiter = this.#delimiter;
    const { records: record, rows: row } = this.batch;
    const last = kinds.length - 1;
    this.#fault = undefined;
    this.#innerLines = 0;
    let at = start;
    for (let column = 0; ; column++) {
      const runEnd = runEnds[column] as number;
      if (runEnd !== column) {
        at = this.#shortFloats(column, at, row);
        column = this.#column;
        if (column > last) {
          at--;
          break;
        }
      }
      const from = at;
      const kind = kinds[column] as number;
      if (column < runEnd) at = this.#longNumber(column, FLOAT32, from, row);
      else if (kind <= INT64) at = this.#number(column, kind, from, row);
      else if (kind === INTERNED) at = this.#category(column, from, row);
      else at = kind === PASSED ? this.#cellEnd(from) : this.#cell(column, from);
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
    this.table.add(start, at, next, 1 + this.#innerLines, kinds.length);
    finishRecord(this, bytes, record, this.#fault, this.#setup.recordLimitBytes);
    return next;
  }

  /**
   * Takes short numbers, one cell after the other, into their float32 tensor, and gives the start of the first cell that is none; `#column` says which that is, and is the number of columns where the
   * record's last cell was taken: then what stands before the given position is its line end. Does what `#number` does, for the run of columns that makes up most wide files: all it needs is in local
   * variables, decimals are taken four at a time, and nothing branches on a sign, which makes it three times as fast.
   */
  #shortFloats(column: number, start: number, row: number): number {
    const bytes = this.#bytes;
    const delimiter = this.#delimiter;
    const point = this.#point;
    const { runEnds, strides, offsets, float32 } = this.#columns;
    const runEnd = runEnds[column] as number;
    const last = runEnds.length - 1;
    const values = float32[column] as Float32Array;
    const base = row * (strides[column] as number);
    const fourTo = bytes.length - 3;
    let from = start;
    for (; column < runEnd; column++) {
      let at = from;
      const sign = MINUSES[bytes[at] as number] as number;
      at += sign;
      const first = at;
      let mantissa = ((bytes[at] as number) - ZERO) >>> 0;
      if (mantissa > 9) break;
      let digit = ((bytes[++at] as number) - ZERO) >>> 0;
      while (digit < 10) {
        mantissa = (mantissa * 10 + digit) | 0;
        digit = ((bytes[++at] as number) - ZERO) >>> 0;
      }
      let length = at - first;
      let decimals = 0;
      if (bytes[at] === point) {
        const firstDecimal = ++at;
        if (at < fourTo) {
          const a = DIGITS[bytes[at] as number] as number;
          const b = DIGITS[bytes[at + 1] as number] as number;
          const c = DIGITS[bytes[at + 2] as number] as number;
          const d = DIGITS[bytes[at + 3] as number] as number;
          if ((a | b | c | d) < NO_DIGIT) {
            mantissa = (mantissa * 10_000 + a * 1000 + b * 100 + c * 10 + d) | 0;
            at += 4;
          }
        }
        digit = ((bytes[at] as number) - ZERO) >>> 0;
        while (digit < 10) {
          mantissa = (mantissa * 10 + digit) | 0;
          digit = ((bytes[++at] as number) - ZERO) >>> 0;
        }
        decimals = at - firstDecimal;
        length += decimals;
      }
      const byte = bytes[at];
      if ((byte !== delimiter && (column !== last || (byte !== LF && byte !== CR))) || length > INT_DIGITS) break;
      values[base + (offsets[column] as number)] = (mantissa / (POWERS_OF_TEN[decimals] as number)) * (SIGNS[sign] as number);
      from = at + 1;
    }
    this.#column = column;
    return from;
  }

  /**
   * A cell of a numeric column, into its tensor. The quick way takes a sign, up to 9 digits with a point among them, and quotes around; the digits are gathered in a 32-bit integer without looking at
   * their number, which is looked at afterwards. Gives the end of the cell.
   */
  #number(column: number, kind: number, from: number, row: number): number {
    const bytes = this.#bytes;
    const blank = this.#blank;
    const isQuoted = bytes[from] === this.#quote;
    let at = isQuoted ? from + 1 : from;
    while (blank[bytes[at] as number] === 1) at++;
    const isNegative = bytes[at] === MINUS;
    if (isNegative) at++;
    const firstDigit = at;
    let mantissa = 0;
    let decimals = 0;
    let digit = ((bytes[at] as number) - ZERO) >>> 0; // what is no digit is 10 or more
    while (digit < 10) {
      mantissa = (mantissa * 10 + digit) | 0;
      digit = ((bytes[++at] as number) - ZERO) >>> 0;
    }
    let digits = at - firstDigit;
    if (bytes[at] === this.#point) {
      const firstDecimal = ++at;
      digit = ((bytes[at] as number) - ZERO) >>> 0;
      while (digit < 10) {
        mantissa = (mantissa * 10 + digit) | 0;
        digit = ((bytes[++at] as number) - ZERO) >>> 0;
      }
      decimals = at - firstDecimal;
      digits += decimals;
    }
    while (blank[bytes[at] as number] === 1) at++;
    if (isQuoted && bytes[at] === this.#quote) at++;
    else if (isQuoted) digits = 0;
    if (digits === 0 || digits > INT_DIGITS || !this.#endsCell(at)) return this.#longNumber(column, kind, from, row);
    const magnitude = decimals === 0 ? mantissa : mantissa / (POWERS_OF_TEN[decimals] as number);
    const value = isNegative ? -magnitude : magnitude;
    if (this.#nullNumbers?.has(value) === true) return this.#cell(column, from);
    return this.#put(column, kind, row, value, decimals === 0) ? at : this.#cell(column, from);
  }

  /** A cell of a numeric column that is not short: a longer number, a missing value, or none at all. */
  #longNumber(column: number, kind: number, from: number, row: number): number {
    if (this.#endsCell(from)) {
      this.#storeText(column, '');
      return from;
    }
    const isQuoted = this.#bytes[from] === this.#quote;
    const value = this.#decimals.read(this.#bytes, isQuoted ? from + 1 : from);
    if (value === undefined || kind > FLOAT64) return this.#cell(column, from);
    let at = this.#decimals.end;
    if (isQuoted && this.#bytes[at++] !== this.#quote) return this.#cell(column, from);
    if (!this.#endsCell(at) || this.#nullNumbers?.has(value) === true) return this.#cell(column, from);
    if (kind === FLOAT32 && Math.abs(value) > FLOAT32_LIMIT) return this.#cell(column, from);
    return this.#put(column, kind, row, value, false) ? at : this.#cell(column, from);
  }

  /** Writes a value that fits; gives false where it must go by its text. */
  #put(column: number, kind: number, row: number, value: number, isWhole: boolean): boolean {
    const columns = this.#columns;
    const index = row * (columns.strides[column] as number) + (columns.offsets[column] as number);
    if (kind === FLOAT32) {
      (columns.float32[column] as Float32Array)[index] = value;
      return true;
    }
    if (kind === FLOAT64) {
      (columns.float64[column] as Float64Array)[index] = value;
      return true;
    }
    if (!isWhole) return false;
    const halves = columns.int32[column] as Int32Array;
    halves[index] = value;
    if (kind !== INT32) halves[index + 1] = value < 0 ? -1 : 0;
    return true;
  }

  /** A cell of a column of texts: what its text became is remembered by its bytes. */
  #category(column: number, from: number, row: number): number {
    const bytes = this.#bytes;
    const at = this.#cellEnd(from);
    if (at === UNCLEAR) return UNCLEAR;
    const { texts, values, missing } = this.#interned[column] as Interned;
    const columns = this.#columns;
    const target = columns.values[column] as unknown[];
    const index = row * (columns.strides[column] as number) + (columns.offsets[column] as number);
    let entry = texts.find(bytes, from, at);
    if (entry !== -1) {
      target[index] = values[entry];
      if (missing[entry] === true) this.batch.noteMissing(columns.fields[column] as number);
      return at;
    }
    const stored = this.#storeText(column, this.#cellText(bytes, from, at));
    entry = stored === 'fault' ? -1 : texts.add(bytes, from, at);
    if (entry !== -1) {
      values[entry] = target[index];
      missing[entry] = stored === 'missing';
    }
    return at;
  }

  /** A cell by its text. */
  #cell(column: number, from: number): number {
    const at = this.#cellEnd(from);
    if (at !== UNCLEAR) this.#storeText(column, this.#cellText(this.#bytes, from, at));
    return at;
  }

  #storeText(column: number, text: string): 'stored' | 'missing' | 'fault' {
    const before = this.batch.missingInHand;
    const fault = this.#stores.store(column, text);
    this.#fault ??= fault;
    return fault !== undefined ? 'fault' : this.batch.missingInHand > before ? 'missing' : 'stored';
  }

  /** The end of the cell at `from`, quotes included; UNCLEAR where a quote is out of place or not closed. */
  #cellEnd(from: number): number {
    const bytes = this.#bytes;
    const special = this.#special;
    let at = from;
    if (bytes[at] === this.#quote) return this.#quotedEnd(at + 1);
    while (special[bytes[at] as number] === 0) at++;
    return bytes[at] === this.#quote ? UNCLEAR : at;
  }

  #quotedEnd(from: number): number {
    const bytes = this.#bytes;
    const quote = this.#quote;
    const to = this.#plainTo;
    for (let at = from; at < to; at++) {
      const byte = bytes[at];
      if (byte === quote) {
        if (bytes[at + 1] !== quote) return this.#endsCell(at + 1) ? at + 1 : UNCLEAR;
        at++;
      } else if (byte === LF || (byte === CR && bytes[at + 1] !== LF)) this.#innerLines++;
    }
    return UNCLEAR;
  }

  #endsCell(at: number): boolean {
    const byte = this.#bytes[at];
    return byte === this.#delimiter || byte === LF || byte === CR;
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
    const textOf = (column: number): string => (column < fields ? this.#cellText(bytes, from[column] as number, to[column] as number) : '');
    for (let column = columns; column < fields; column++) if (textOf(column) !== '') return raggedFault(fields, columns, ragged);
    for (let column = 0; column < columns; column++) {
      const cellFault = this.#stores.store(column, textOf(column));
      if (cellFault !== undefined) return cellFault;
    }
    return undefined;
  }
}

/** What is known of the texts of a column. */
interface Interned {
  readonly texts: ByteInterner;
  /** By entry: the value that the text has become, and whether it is a missing one. */
  readonly values: unknown[];
  readonly missing: boolean[];
}

const NOTHING_INTERNED: Interned = { texts: new ByteInterner(), values: [], missing: [] };

/** The position behind the last line end, 0 where there is none. */
function lastLineEnd(bytes: Uint8Array): number {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] !== LF && bytes[end - 1] !== CR) end--;
  return end;
}
