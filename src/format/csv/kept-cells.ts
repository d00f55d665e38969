import type { KeptColumn } from '../../batch/batch.js';
import type { ByteWriter } from './byte-writer.js';
import type { Quoter } from './quote.js';

/** Writes the cells of one or more kept columns of a record, delimiters between them. Makes its own room. */
export interface KeptCells {
  write(record: number, out: ByteWriter): void;
}

/** The kept columns as cells of the output: raw bytes where `copyRaw` says that the source is of the same dialect, else their values. */
export function openKeptCells(columns: readonly KeptColumn[], copyRaw: boolean, delimiter: number, quote: Quoter): KeptCells {
  const ranges: Ranges[] = [];
  for (const { native } of columns) if (copyRaw && native.format === 'csv') ranges.push(native);
  const [first] = ranges;
  return first !== undefined && ranges.length === columns.length
    ? new RawCells(first.bytes, ranges, delimiter)
    : new TextCells(columns, delimiter, quote);
}

/** Raw cells of every record, quotes included. */
interface Ranges {
  readonly bytes: Uint8Array;
  readonly from: Uint32Array;
  readonly to: Uint32Array;
}

/** Cells that stand side by side in the source are copied in one piece, with the delimiters between them. */
class RawCells implements KeptCells {
  readonly #bytes: Uint8Array;
  readonly #ranges: readonly Ranges[];
  readonly #delimiter: number;

  constructor(bytes: Uint8Array, ranges: readonly Ranges[], delimiter: number) {
    this.#bytes = bytes;
    this.#ranges = ranges;
    this.#delimiter = delimiter;
  }

  write(record: number, out: ByteWriter): void {
    const bytes = this.#bytes;
    const ranges = this.#ranges;
    const delimiter = this.#delimiter;
    for (let column = 0; column < ranges.length;) {
      if (column > 0) out.byte(delimiter);
      const range = ranges[column++] as Ranges;
      const from = range.from[record] as number;
      let to = range.to[record] as number;
      for (; column < ranges.length; column++) {
        const next = ranges[column] as Ranges;
        if (next.from[record] !== to + 1 || bytes[to] !== delimiter) break;
        to = next.to[record] as number;
      }
      out.copy(bytes, from, to);
    }
  }
}

/** Values written anew, quoted where they must be; null is an empty cell. */
class TextCells implements KeptCells {
  readonly #columns: readonly KeptColumn[];
  readonly #delimiter: number;
  readonly #quote: Quoter;

  constructor(columns: readonly KeptColumn[], delimiter: number, quote: Quoter) {
    this.#columns = columns;
    this.#delimiter = delimiter;
    this.#quote = quote;
  }

  write(record: number, out: ByteWriter): void {
    for (let column = 0; column < this.#columns.length; column++) {
      if (column > 0) out.byte(this.#delimiter);
      out.text(this.#quote(this.#columns[column]?.text(record) ?? ''));
    }
  }
}
