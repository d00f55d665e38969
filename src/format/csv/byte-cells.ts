import type { Batch } from '../../batch/batch.js';
import type { Layout } from '../../batch/layout.js';
import { FLEETING_CODE } from '../../batch/unseen-texts.js';
import { ByteColumns, FLOAT32, FLOAT64, INT32, INT64, INTERNED, openNullNumbers, PASSED } from './byte-columns.js';
import { ByteInterner } from './byte-interner.js';
import { openCellText } from './cell-text.js';
import { ColumnStores } from './column-stores.js';
import { DecimalReader, INT_DIGITS, POWERS_OF_TEN } from './decimal.js';
import type { RecordFault } from './faults.js';
import { NO_BYTE } from './scan.js';
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
/** What is no position: only the scanner can judge the record. */
export const UNCLEAR = -1;

/** What is known of the texts of a column. */
interface Interned {
  readonly texts: ByteInterner;
  /** By entry: the value that the text has become, and whether it is a missing one. */
  readonly values: unknown[];
  readonly missing: boolean[];
}

/** A code that the next chunk may give to another text; a large number of some other type goes by its text, too. */
function isFleeting(value: unknown): boolean {
  return typeof value === 'number' && value >= FLEETING_CODE;
}

const NOTHING_INTERNED: Interned = { texts: new ByteInterner(), values: [], missing: [] };

/**
 * Takes cells of well-formed records from their bytes to the tensors of a batch, at row `batch.rows`. What is not a short number goes by its text, or by what is remembered of it. Every method takes the start of a cell
 * and gives its end, or UNCLEAR where a quote is out of place or not closed.
 */
export class ByteCells {
  /** Of the record in hand: its first field at fault, and the line ends within its quotes. */
  fault: RecordFault | undefined = undefined;
  innerLines = 0;
  /** The column that `shortFloats` has come to. */
  column = 0;
  readonly columns: ByteColumns;
  readonly stores: ColumnStores;
  /** Reads the value of a raw cell. */
  readonly textOf: ReturnType<typeof openCellText>;
  readonly #batch: Batch;
  readonly #decimals: DecimalReader;
  readonly #nullNumbers: ReturnType<typeof openNullNumbers>;
  readonly #interned: readonly Interned[];
  readonly #delimiter: number;
  readonly #quote: number;
  readonly #point: number;
  /** 1 for the bytes that may stand around a number. */
  readonly #blank = new Uint8Array(256);
  /** 1 for the bytes that end an unquoted cell: delimiter, quote, LF, CR. */
  readonly #special = new Uint8Array(256);
  #bytes: Uint8Array = new Uint8Array(0);
  #plainTo = 0;

  constructor(setup: CsvDecoderSetup, layout: Layout, batch: Batch) {
    const { dialect, columns, trim = false, decimal = '.' } = setup;
    this.#batch = batch;
    this.stores = new ColumnStores(setup, layout, batch);
    this.textOf = openCellText(dialect, trim);
    this.#nullNumbers = openNullNumbers(layout, setup);
    this.columns = new ByteColumns(columns, layout, this.#nullNumbers);
    this.#interned = Array.from(this.columns.kinds, (kind): Interned =>
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

  /** The bytes to read, and the position behind their last line end: loops over a cell end there at the latest, and need not look for the end of the bytes. */
  begin(bytes: Uint8Array, plainTo: number): void {
    this.#bytes = bytes;
    this.#plainTo = plainTo;
  }

  /** A cell of any column but those that `shortFloats` has taken. */
  read(column: number, from: number, row: number): number {
    const kind = this.columns.kinds[column] as number;
    if (kind <= INT64) return this.#number(column, kind, from, row);
    if (kind === INTERNED) return this.#category(column, from, row);
    return kind === PASSED ? this.#cellEnd(from) : this.#cell(column, from);
  }

  /**
   * Takes short numbers, one cell after the other, into their float32 tensor, and gives the start of the first cell that is none; `column` says which that is, and is the number of columns where the
   * record's last cell was taken: then what stands before the given position is its line end. Does what `#number` does, for the run of columns that makes up most wide files: all it needs is in local
   * variables, decimals are taken four at a time, and nothing branches on a sign, which makes it three times as fast.
   */
  shortFloats(column: number, start: number, row: number): number {
    const bytes = this.#bytes;
    const delimiter = this.#delimiter;
    const point = this.#point;
    const { runEnds, strides, offsets, float32 } = this.columns;
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
    this.column = column;
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
    if (digits === 0 || digits > INT_DIGITS || !this.#endsCell(at)) return this.longNumber(column, kind, from, row);
    const magnitude = decimals === 0 ? mantissa : mantissa / (POWERS_OF_TEN[decimals] as number);
    const value = isNegative ? -magnitude : magnitude;
    if (this.#nullNumbers?.get(column)?.has(value) === true) return this.#cell(column, from);
    return this.#put(column, kind, row, value, decimals === 0) ? at : this.#cell(column, from);
  }

  /** A cell of a numeric column that is not short: a longer number, a missing value, or none at all. */
  longNumber(column: number, kind: number, from: number, row: number): number {
    if (this.#endsCell(from)) {
      this.#storeText(column, '');
      return from;
    }
    const isQuoted = this.#bytes[from] === this.#quote;
    const value = this.#decimals.read(this.#bytes, isQuoted ? from + 1 : from);
    if (value === undefined || kind > FLOAT64) return this.#cell(column, from);
    let at = this.#decimals.end;
    if (isQuoted && this.#bytes[at++] !== this.#quote) return this.#cell(column, from);
    if (!this.#endsCell(at) || this.#nullNumbers?.get(column)?.has(value) === true) return this.#cell(column, from);
    if (kind === FLOAT32 && Math.abs(value) > FLOAT32_LIMIT) return this.#cell(column, from);
    return this.#put(column, kind, row, value, false) ? at : this.#cell(column, from);
  }

  /** Writes a value that fits; gives false where it must go by its text. */
  #put(column: number, kind: number, row: number, value: number, isWhole: boolean): boolean {
    const columns = this.columns;
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
    const columns = this.columns;
    const target = columns.values[column] as unknown[];
    const index = row * (columns.strides[column] as number) + (columns.offsets[column] as number);
    let entry = texts.find(bytes, from, at);
    if (entry !== -1) {
      target[index] = values[entry];
      if (missing[entry] === true) this.#batch.noteMissing(columns.fields[column] as number);
      return at;
    }
    const stored = this.#storeText(column, this.textOf(bytes, from, at));
    entry = stored === 'fault' || isFleeting(target[index]) ? -1 : texts.add(bytes, from, at);
    if (entry !== -1) {
      values[entry] = target[index];
      missing[entry] = stored === 'missing';
    }
    return at;
  }

  /** A cell by its text. */
  #cell(column: number, from: number): number {
    const at = this.#cellEnd(from);
    if (at !== UNCLEAR) this.#storeText(column, this.textOf(this.#bytes, from, at));
    return at;
  }

  #storeText(column: number, text: string): 'stored' | 'missing' | 'fault' {
    const before = this.#batch.missingInHand;
    const fault = this.stores.store(column, text);
    this.fault ??= fault;
    return fault !== undefined ? 'fault' : this.#batch.missingInHand > before ? 'missing' : 'stored';
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
      } else if (byte === LF || (byte === CR && bytes[at + 1] !== LF)) this.innerLines++;
    }
    return UNCLEAR;
  }

  #endsCell(at: number): boolean {
    const byte = this.#bytes[at];
    return byte === this.#delimiter || byte === LF || byte === CR;
  }
}
