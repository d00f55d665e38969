import { suffixDelimiter } from '../detect.js';
import type { Chunk, SourceSchema, Splitter } from '../format.js';
import type { ByteSource } from '../source.js';
import { lastCut } from './cut.js';
import { checkDecimalComma, resolveDialect } from './dialect.js';
import { checkTerminated, readHead, type Head } from './head.js';
import { Piece } from './piece.js';
import { RecordScanner } from './scan.js';
import type { CsvDecoderSetup, CsvInputOptions } from './setup.js';
import { asUtf8 } from './transcode.js';

/** Longest record, in bytes, unless told. */
export const RECORD_LIMIT_BYTES = 1 << 20;

const LF = 10;
const CR = 13;

export interface CsvSplitterOptions {
  readonly csv: CsvInputOptions;
  /** Handed on to the decoders. */
  readonly nullValues: readonly string[] | undefined;
  /** The length of a chunk for a file of so many columns. */
  readonly chunkBytes: (columns: number) => number;
  /** Whole records do not wait longer than this for a chunk to fill up. */
  readonly flushMs?: number | undefined;
}

export interface CsvSplitter extends Splitter {
  readonly decoderSetup: CsvDecoderSetup;
}

/**
 * Opens a CSV source: reads its header and cuts the rest at record boundaries, in UTF-8 whatever the source is encoded in. The delimiter defaults to
 * the suffix's (a tab for `.tsv`). Does not close the source.
 * Errors: UsageError `csv-dialect`, and those of asUtf8 and readHead; `chunks` throws InputError `unterminated-input` and what the source throws.
 */
export async function openCsvSplitter(bytes: ByteSource, options: CsvSplitterOptions): Promise<CsvSplitter> {
  const dialect = resolveDialect(options.csv, suffixDelimiter(bytes.name));
  if (options.csv.decimalComma === true) checkDecimalComma(dialect);
  const source = await asUtf8(bytes, options.csv.encoding);
  const recordLimitBytes = options.csv.recordLimitBytes ?? RECORD_LIMIT_BYTES;
  const head = await readHead(source, options.csv, dialect, recordLimitBytes);
  const columns = head.names.length;
  const setup: CsvDecoderSetup = {
    format: 'csv',
    dialect,
    columns,
    recordLimitBytes,
    nullValues: options.nullValues,
    ragged: options.csv.ragged ?? 'reject',
    trim: options.csv.trim ?? false,
    decimal: options.csv.decimalComma === true ? ',' : '.',
    ...(options.csv.decoder === undefined ? {} : { decoder: options.csv.decoder }),
  };
  const chunkBytes = Math.min(Math.max(1, options.chunkBytes(columns)), source.size === undefined ? Infinity : source.size - source.position + 1);
  const piece = new Piece(source, { chunkBytes, recordLimitBytes, flushMs: options.flushMs });
  return new PieceSplitter(source, piece, head, setup, options.csv);
}

class PieceSplitter implements CsvSplitter {
  readonly schema: SourceSchema;
  readonly decoderSetup: CsvDecoderSetup;
  readonly headLines: number;
  readonly #source: ByteSource;
  readonly #piece: Piece;
  readonly #options: CsvInputOptions;

  constructor(source: ByteSource, piece: Piece, head: Head, setup: CsvDecoderSetup, options: CsvInputOptions) {
    this.schema = { format: 'csv', columns: head.names.map((name) => ({ name, type: 'text' })) };
    this.decoderSetup = setup;
    this.headLines = head.lines;
    this.#source = source;
    this.#piece = piece;
    this.#options = options;
  }

  async *chunks(): AsyncGenerator<Chunk, void, undefined> {
    const piece = this.#piece;
    const { columns, dialect, recordLimitBytes } = this.decoderSetup;
    const scanner = new RecordScanner({ dialect, recordLimitBytes, blankRecords: columns === 1, ranges: false });
    for (let index = 0; ;) {
      await piece.fill();
      if (piece.filled === 0) return;
      if (piece.ended) this.#checkEnd();
      const cut = piece.ended ? piece.filled : lastCut(piece.bytes, piece.filled, dialect, scanner);
      if (cut === 0 && !piece.isFull) {
        await piece.more();
        continue;
      }
      const offset = piece.offset;
      const bytes = cut === 0 ? await piece.takeHead(recordLimitBytes + 1) : piece.take(cut);
      yield { index: index++, bytes, offset };
    }
  }

  recycle(buffer: ArrayBuffer): void {
    this.#piece.recycle(buffer);
  }

  #checkEnd(): void {
    const { bytes, filled } = this.#piece;
    const last = bytes[filled - 1];
    if (last !== LF && last !== CR) checkTerminated(this.#source, this.#options);
  }
}
