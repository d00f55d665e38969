import { RecordBatchFileWriter, RecordBatchStreamWriter, type Data, type RecordBatch, type Schema } from 'apache-arrow';
import type { Block } from './footer.js';

/** Pieces of output, as the library hands them to its sink one after the other. */
type Pieces = Uint8Array[];

/**
 * Writes single messages with the library's encoder. Its own way, `write`, closes the writer without a word when two schemas differ, sends
 * dictionaries when it sees fit, and joins pieces that overlap in memory: so the messages are asked for one at a time, and the pieces
 * collected here.
 */
export class MessageWriter extends RecordBatchStreamWriter {
  #pieces: Pieces = [];

  schemaMessage(schema: Schema): Uint8Array {
    this._writeSchema(schema);
    return this.#take();
  }

  /** A record batch without its dictionaries. `into` is used where it is large enough. */
  batchMessage(batch: RecordBatch, into?: ArrayBuffer): Uint8Array {
    this._writeRecordBatch(batch);
    return this.#take(into);
  }

  dictionaryMessage(values: Data, id: number, isDelta: boolean): Uint8Array {
    this._writeDictionaryBatch(values, id, isDelta);
    return this.#take();
  }

  protected override _write(piece: unknown): this {
    keep(this.#pieces, piece);
    return this;
  }

  protected override _writeDictionaries(): this {
    return this;
  }

  #take(into?: ArrayBuffer): Uint8Array {
    const pieces = this.#pieces;
    this.#pieces = [];
    return join(pieces, into);
  }
}

/** Writes what stands behind the last message of a file: end marker, footer, its length, magic. */
export class FooterWriter extends RecordBatchFileWriter {
  readonly #pieces: Pieces = [];

  footer(schema: Schema, dictionaries: readonly Block[], batches: readonly Block[]): Uint8Array {
    // The library does not export its class for blocks; its encoder reads these three fields of it.
    Object.assign(this, { _dictionaryBlocks: dictionaries.map(libraryBlock), _recordBatchBlocks: batches.map(libraryBlock) });
    this._writeFooter(schema);
    return join(this.#pieces);
  }

  protected override _write(piece: unknown): this {
    keep(this.#pieces, piece);
    return this;
  }
}

function libraryBlock({ byte, metadataBytes, bodyBytes }: Block): { offset: number; metaDataLength: number; bodyLength: number } {
  return { offset: byte, metaDataLength: metadataBytes, bodyLength: bodyBytes };
}

function keep(pieces: Pieces, piece: unknown): void {
  if (!ArrayBuffer.isView(piece)) throw new TypeError('the Arrow library wrote something else than bytes');
  if (piece.byteLength > 0) pieces.push(new Uint8Array(piece.buffer, piece.byteOffset, piece.byteLength));
}

function join(pieces: Pieces, into?: ArrayBuffer): Uint8Array {
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  const whole = into !== undefined && into.byteLength >= length ? new Uint8Array(into, 0, length) : new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
