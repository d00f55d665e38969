import type { KeptColumn } from '../../batch/batch.js';
import { parseNumber, withPoint, type Decimal } from '../../batch/number.js';
import { readsBytes } from '../../format/csv/byte-reader.js';
import { openCellText } from '../../format/csv/cell-text.js';
import { DecimalReader } from '../../format/csv/decimal.js';
import type { DecoderSetup } from '../../format/format.js';
import type { DeclaredType } from '../../profile/infer.js';

const TAB = 9;
const SPACE = 32;
const PLUS = 43;
const MINUS = 45;
const ZERO = 48;
const NO_BYTE = 256;

/** The cells of a column whose type is not known, chunk by chunk: `open`, then records in any order. */
export interface Cells {
  open(column: KeptColumn): void;
  /** The number that a cell plainly is; NaN where only its text tells. */
  number(record: number): number;
  /** Is the text of the cell that `number` was asked for last the one that JSON has for that number? */
  isPlain(value: number): boolean;
  /** Null is missing. */
  text(record: number): string | null;
}

/** @param declared what the source says of the column: a text of its own is never taken for a number. */
export function openCells(setup: DecoderSetup, declared: DeclaredType): Cells {
  return setup.format === 'csv' && setup.decoder !== 'text' && readsBytes(setup) ? new ByteCells(setup) : new TextCells(setup, declared);
}

/** The decimal mark of the numbers in a source. */
export function decimalOf(setup: DecoderSetup): Decimal {
  return setup.format === 'csv' ? (setup.decimal ?? '.') : '.';
}

/** Raw cells of CSV: plain numbers are read without a text. */
class ByteCells implements Cells {
  readonly #reader: DecimalReader;
  readonly #textOf: (bytes: Uint8Array, from: number, to: number) => string;
  readonly #decimal: Decimal;
  #bytes: Uint8Array = new Uint8Array(0);
  #froms = new Uint32Array(0);
  #tos = new Uint32Array(0);
  #from = 0;
  #to = 0;

  constructor(setup: DecoderSetup & { readonly format: 'csv' }) {
    this.#decimal = decimalOf(setup);
    this.#reader = new DecimalReader(this.#decimal === setup.dialect.delimiter ? NO_BYTE : this.#decimal.charCodeAt(0));
    this.#textOf = openCellText(setup.dialect, setup.trim ?? false);
  }

  open({ native }: KeptColumn): void {
    if (native.format !== 'csv') return;
    this.#bytes = native.bytes;
    this.#froms = native.from as Uint32Array<ArrayBuffer>;
    this.#tos = native.to as Uint32Array<ArrayBuffer>;
  }

  number(record: number): number {
    const bytes = this.#bytes;
    let [from, to] = [this.#froms[record] as number, this.#tos[record] as number];
    [this.#from, this.#to] = [from, to];
    while (from < to && (bytes[from] === SPACE || bytes[from] === TAB)) from++;
    while (to > from && (bytes[to - 1] === SPACE || bytes[to - 1] === TAB)) to--;
    if (from === to || to === bytes.length) return NaN; // the reader of numbers looks at the byte behind them
    const digit = bytes[from] === MINUS || bytes[from] === PLUS ? from + 1 : from;
    if (bytes[digit] === ZERO && isDigit(bytes[digit + 1])) return NaN;
    const value = this.#reader.read(bytes, from);
    return value === undefined || this.#reader.end !== to ? NaN : value;
  }

  isPlain(value: number): boolean {
    const [text, bytes, from] = [String(value), this.#bytes, this.#from];
    if (this.#to - from !== text.length) return false;
    for (let index = 0; index < text.length; index++) if (bytes[from + index] !== text.charCodeAt(index)) return false;
    return true;
  }

  text(record: number): string {
    return this.#textOf(this.#bytes, this.#froms[record] as number, this.#tos[record] as number);
  }
}

/** Cells that have to be made texts of. */
class TextCells implements Cells {
  readonly #decimal: Decimal;
  readonly #declared: DeclaredType;
  #column: KeptColumn | undefined;
  #text: string | null = null;

  constructor(setup: DecoderSetup, declared: DeclaredType) {
    this.#decimal = decimalOf(setup);
    this.#declared = declared;
  }

  open(column: KeptColumn): void {
    this.#column = column;
  }

  number(record: number): number {
    if (this.#declared === 'text') return NaN;
    this.#text = this.text(record);
    return this.#text === null || isPadded(this.#text) ? NaN : numberOf(this.#text, this.#decimal);
  }

  isPlain(value: number): boolean {
    return this.#text === String(value);
  }

  text(record: number): string | null {
    return this.#column?.text(record) ?? null;
  }
}

/** A finite number or an infinity that is written as one; NaN for any other text. */
export function numberOf(text: string, decimal: Decimal): number {
  const value = parseNumber(decimal === '.' ? text : withPoint(text));
  return value === undefined || (!Number.isFinite(value) && /[0-9]/.test(text)) ? NaN : value;
}

/** Digits behind a zero: a code, whose zeros a number would lose. */
export function isPadded(text: string): boolean {
  return /^[ \t]*[+-]?0[0-9]+[ \t]*$/.test(text);
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= ZERO + 9;
}
