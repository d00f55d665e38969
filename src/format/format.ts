import type { Batch } from '../batch/batch.js';
import type { ResultColumn } from '../batch/result.js';
import type { CsvDecoderSetup, CsvEncoderSetup } from './csv/setup.js';
import type { ArrowDecoderSetup, ArrowEncoderSetup } from './arrow/setup.js';

/** Formats of files, as users name them. `arrow` is the IPC file format, `arrows` the IPC stream. */
export type FormatName = 'csv' | 'arrow' | 'arrows';

/** What a source says of itself before its first row. */
export interface SourceSchema {
  readonly format: FormatName;
  readonly columns: readonly SourceColumn[];
}

export interface SourceColumn {
  readonly name: string;
  /** The column's type in the source's own words (`utf8`, `int64`, `dictionary<utf8>`); `text` for CSV. */
  readonly type: string;
}

/** Whole records in a row: what goes to a worker. `bytes` owns its whole ArrayBuffer, so that it can be transferred. */
export interface Chunk {
  /** Counts from 0. */
  readonly index: number;
  readonly bytes: Uint8Array;
  /** Absolute position of the first byte in the (decompressed, transcoded) source. */
  readonly offset: number;
  /** Bytes of the source from `offset` to the end of what this chunk covers, where they are not the chunk's own: a part of an Arrow record batch. */
  readonly sourceBytes?: number;
  /** Arrow: the dictionaries that its record batches need. Sent to a worker only where its version differs from what the worker has. */
  readonly context?: ChunkContext;
}

export interface ChunkContext {
  readonly version: number;
  readonly messages: readonly Uint8Array[];
}

/** Main thread: cuts a source at record boundaries and parses nothing else. */
export interface Splitter {
  readonly schema: SourceSchema;
  /** For the decoders in the workers; plain data. */
  readonly decoderSetup: DecoderSetup;
  /** Physical lines before the first record (preamble and header), 0 for formats without lines. */
  readonly headLines: number;
  /**
   * The chunks in order; each is about `chunkBytes` long. Throws InputError for a source that ends too early. May be called once.
   * A caller that stops early calls `return()` on the iterator, as for-await does.
   */
  chunks(): AsyncGenerator<Chunk, void, undefined>;
  /** Gives the buffer of a chunk back to be used again. */
  recycle(buffer: ArrayBuffer): void;
}

/** Worker: one chunk to typed columns. Stateful: holds dictionaries and scratch buffers. */
export interface Decoder {
  /** Its chunks are read the slow way: the byte decoder does not take them. */
  readonly declines: boolean;
  /** Replaces the dictionaries. Only called for formats whose chunks carry a context. */
  setContext(context: ChunkContext): void;
  /** Resets the batch and fills it with every record of the chunk, as accepted or as reject; with only the first `maxRecords` where given. */
  decode(chunk: Chunk, batch: Batch, maxRecords?: number): void;
  /** Position and raw text of a record of the chunk decoded last, relative to the chunk; for rows that the runtime rejects. */
  locate(record: number): { readonly line: number | null; readonly byte: number; readonly record: string };
}

/** Worker: kept columns and results of one batch to bytes of the output format. */
export interface Encoder {
  /** The part of the output that this batch gives; `bytes` owns its ArrayBuffer. `into` may be used for it when it is large enough. */
  encode(batch: Batch, results: readonly ResultColumn[], into?: ArrayBuffer): EncodedChunk;
}

export interface EncodedChunk {
  readonly bytes: Uint8Array;
  /** Rows in `bytes`: what was scored, plus blanks for rejected rows where asked for. */
  readonly rows: number;
}

/** Main thread: puts encoded chunks together to one output, in order. */
export interface Assembler {
  head(): Uint8Array;
  /** The bytes to write for this chunk (usually `encoded.bytes` itself). */
  place(encoded: EncodedChunk, context?: ChunkContext): readonly Uint8Array[];
  tail(): Uint8Array;
  /** What another run needs to go on from here, besides the output so far and the chunks that it holds. */
  snapshot(): AssemblerSnapshot;
  /** In the place of `head`: the output begins as it was written. Then `pass` for each chunk that is in it, before any is placed. */
  goOn(snapshot: AssemblerSnapshot, written: WrittenBytes): Promise<void>;
  /** A chunk that the other run has placed, in order. */
  pass(context?: ChunkContext): void;
}

/** Lengths of runs of chunks: those that gave rows and those that gave none, in turn. Empty where that does not matter. */
export type AssemblerSnapshot = readonly number[];

/** An output as far as it was written. */
export interface WrittenBytes {
  readonly bytes: number;
  /** Fills `into` from an absolute position; gives the number of bytes read. */
  readAt(into: Uint8Array, position: number): Promise<number>;
}

/** Plain data, sent to the workers. */
export type DecoderSetup = CsvDecoderSetup | ArrowDecoderSetup;
export type EncoderSetup = CsvEncoderSetup | ArrowEncoderSetup;
