import { INTEGER_BYTES, writeAscii, writeInteger, writeWide } from '../../batch/digits.js';
import type { ElementArray, ElementType } from '../../batch/element.js';
import { float16Value } from '../../batch/float16.js';
import { FLOAT32_BYTES, writeFloat32 } from '../../batch/float32-bytes.js';
import { FLOAT64_BYTES, writeFloat64 } from '../../batch/float64-bytes.js';
import { textWriter } from '../../batch/text.js';
import type { ByteWriter } from './byte-writer.js';
import { neverQuoted, type Quoter } from './quote.js';
import type { CsvDialect } from './setup.js';

/** What numbers and bools are written with. */
const NUMBER_ALPHABET = /[\w.+-]/;
/** Labels come again and again; free text does not. */
const MOST_KNOWN = 1024;

/** Writes the cells of one result column, by tensor row. */
export interface ResultCells {
  /** Most bytes of a cell that the caller makes room for; 0 where the cells make their own. */
  readonly cellBytes: number;
  /** The values of a batch, good until the next one's. */
  begin(values: ElementArray): void;
  write(row: number, out: ByteWriter): void;
}

/**
 * One class for each kind of number, so that each loop sees one kind of array: shared code would see them all and run several times slower.
 * Numbers are quoted only in a dialect whose delimiter or quote is part of numbers.
 */
export function openResultCells(type: ElementType, dialect: CsvDialect, quote: Quoter): ResultCells {
  if (type === 'string') return new LabelCells(quote);
  if (!neverQuoted(dialect, NUMBER_ALPHABET)) return new QuotedCells(type, quote);
  switch (type) {
    case 'float32':
      return new Float32Cells();
    case 'float64':
      return new Float64Cells();
    case 'float16':
      return new Float16Cells();
    case 'int64':
    case 'uint64':
      return new WideCells(type === 'int64');
    case 'bool':
      return new BoolCells();
    default:
      return new IntegerCells();
  }
}

class Float32Cells implements ResultCells {
  readonly cellBytes = FLOAT32_BYTES;
  #values = new Float32Array(0);

  begin(values: ElementArray): void {
    this.#values = values as Float32Array<ArrayBuffer>;
  }

  write(row: number, out: ByteWriter): void {
    out.at = writeFloat32(this.#values[row] as number, out.bytes, out.at);
  }
}

class Float64Cells implements ResultCells {
  readonly cellBytes = FLOAT64_BYTES;
  #values = new Float64Array(0);

  begin(values: ElementArray): void {
    this.#values = values as Float64Array<ArrayBuffer>;
  }

  write(row: number, out: ByteWriter): void {
    out.at = writeFloat64(this.#values[row] as number, out.bytes, out.at);
  }
}

class Float16Cells implements ResultCells {
  readonly cellBytes = FLOAT32_BYTES;
  #patterns = new Uint16Array(0);

  begin(values: ElementArray): void {
    this.#patterns = values as Uint16Array<ArrayBuffer>;
  }

  write(row: number, out: ByteWriter): void {
    out.at = writeFloat32(float16Value(this.#patterns[row] as number), out.bytes, out.at);
  }
}

/** Integers of 64 bits, as two words: reading one as a BigInt costs an allocation. */
class WideCells implements ResultCells {
  readonly cellBytes = INTEGER_BYTES;
  readonly #isSigned: boolean;
  #words = new Int32Array(0);

  constructor(isSigned: boolean) {
    this.#isSigned = isSigned;
  }

  begin(values: ElementArray): void {
    const { buffer, byteOffset, length } = values as BigInt64Array<ArrayBuffer>;
    this.#words = new Int32Array(buffer, byteOffset, length * 2);
  }

  write(row: number, out: ByteWriter): void {
    const high = this.#words[2 * row + 1] as number;
    out.at = writeWide(this.#isSigned ? high : high >>> 0, this.#words[2 * row] as number, out.bytes, out.at);
  }
}

class IntegerCells implements ResultCells {
  readonly cellBytes = INTEGER_BYTES;
  #values: ArrayLike<number> = [];

  begin(values: ElementArray): void {
    this.#values = values as Int32Array;
  }

  write(row: number, out: ByteWriter): void {
    out.at = writeInteger(this.#values[row] as number, out.bytes, out.at);
  }
}

class BoolCells implements ResultCells {
  readonly cellBytes = 5;
  #values = new Uint8Array(0);

  begin(values: ElementArray): void {
    this.#values = values as Uint8Array<ArrayBuffer>;
  }

  write(row: number, out: ByteWriter): void {
    out.at = writeAscii(this.#values[row] === 0 ? 'false' : 'true', out.bytes, out.at);
  }
}

/** Texts. Each of the first distinct ones is quoted and turned into bytes once. */
class LabelCells implements ResultCells {
  readonly cellBytes = 0;
  readonly #quote: Quoter;
  readonly #known = new Map<string, Uint8Array>();
  #values: readonly string[] = [];

  constructor(quote: Quoter) {
    this.#quote = quote;
  }

  begin(values: ElementArray): void {
    this.#values = values as string[];
  }

  write(row: number, out: ByteWriter): void {
    const text = this.#values[row] as string;
    const known = this.#known.get(text);
    if (known !== undefined) return out.copy(known, 0, known.length);
    const start = out.at;
    out.text(this.#quote(text));
    if (this.#known.size < MOST_KNOWN) this.#known.set(text, new Uint8Array(out.bytes.subarray(start, out.at)));
  }
}

/** Numbers of a dialect in which they need quotes. */
class QuotedCells implements ResultCells {
  readonly cellBytes = 0;
  readonly #quote: Quoter;
  readonly #write: (values: ElementArray, index: number) => string;
  #values: ElementArray = [];

  constructor(type: ElementType, quote: Quoter) {
    this.#quote = quote;
    this.#write = textWriter(type);
  }

  begin(values: ElementArray): void {
    this.#values = values;
  }

  write(row: number, out: ByteWriter): void {
    out.text(this.#quote(this.#write(this.#values, row)));
  }
}
