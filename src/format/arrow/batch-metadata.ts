import { CODEC_NAMES, type CodecName } from './codec/codec.js';

/** What the metadata of a record batch message says; with `dictionary`, of a dictionary message. */
export interface BatchMetadata {
  /** Metadata version as the format numbers it: 3 is V4, 4 is V5. */
  readonly version: number;
  readonly rows: number;
  /** Length and null count of each column, nested ones included, parents first. */
  readonly nodes: readonly (readonly number[])[];
  /** Offset in the body and length of each buffer. */
  readonly buffers: readonly (readonly number[])[];
  /** Numbers of data buffers of the columns of views. */
  readonly viewBuffers: readonly number[];
  readonly codec: CodecName | undefined;
  readonly dictionary: { readonly id: number; readonly isDelta: boolean } | undefined;
  readonly bodyBytes: number;
}

const KIND = { dictionary: 2, batch: 3 } as const;
/** Sizes of the tables that are written here, with their vtables in front, a multiple of 8. */
const MESSAGE_BYTES = 40;
const DICTIONARY_BYTES = 40;
const BATCH_BYTES = 48;
const COMPRESSION_BYTES = 16;

/**
 * Encodes the metadata of a record batch or dictionary message. The library's encoder cannot be asked for messages that it did not assemble itself, and
 * writes the compressed length of a buffer where the format wants the other. The layout is fixed: every table stands behind what points at it, which
 * is all that a flatbuffer asks for (https://flatbuffers.dev/internals/; fields as in the format's Message.fbs).
 */
export function encodeBatchMetadata(batch: BatchMetadata): Uint8Array {
  const { nodes, buffers, viewBuffers, codec, dictionary } = batch;
  const batchAt = MESSAGE_BYTES + (dictionary === undefined ? 0 : DICTIONARY_BYTES);
  const nodesAt = batchAt + BATCH_BYTES;
  const buffersAt = nodesAt + vectorBytes(2 * nodes.length);
  const viewsAt = buffersAt + vectorBytes(2 * buffers.length);
  const compressionAt = viewsAt + (viewBuffers.length === 0 ? 0 : vectorBytes(viewBuffers.length));
  const bytes = new Uint8Array(compressionAt + (codec === undefined ? 0 : COMPRESSION_BYTES));
  const view = new DataView(bytes.buffer);

  const batchTable = batchAt + 16;
  const header = dictionary === undefined ? batchTable : MESSAGE_BYTES + 16;
  view.setUint32(0, 16, true);
  startTable(view, 4, 16, [24, 16, 18, 4, 8]); // version, kind, header, body length
  point(view, 16 + 4, header);
  view.setBigInt64(16 + 8, BigInt(batch.bodyBytes), true);
  view.setInt16(16 + 16, batch.version, true);
  view.setUint8(16 + 18, dictionary === undefined ? KIND.batch : KIND.dictionary);

  if (dictionary !== undefined) {
    startTable(view, MESSAGE_BYTES, header, [24, 8, 4, 16]); // id, data, is delta
    point(view, header + 4, batchTable);
    view.setBigInt64(header + 8, BigInt(dictionary.id), true);
    view.setUint8(header + 16, dictionary.isDelta ? 1 : 0);
  }

  // rows, nodes, buffers, compression, numbers of data buffers
  startTable(view, batchAt, batchTable, [32, 8, 4, 16, codec === undefined ? 0 : 20, viewBuffers.length === 0 ? 0 : 24]);
  view.setBigInt64(batchTable + 8, BigInt(batch.rows), true);
  point(view, batchTable + 4, writeVector(view, nodesAt, nodes.length, nodes.flat()));
  point(view, batchTable + 16, writeVector(view, buffersAt, buffers.length, buffers.flat()));
  if (viewBuffers.length > 0) point(view, batchTable + 24, writeVector(view, viewsAt, viewBuffers.length, viewBuffers));
  if (codec !== undefined) {
    startTable(view, compressionAt, compressionAt + 8, [8, 4, 5]); // codec, method: whole buffers
    view.setUint8(compressionAt + 8 + 4, CODEC_NAMES.indexOf(codec));
    point(view, batchTable + 20, compressionAt + 8);
  }
  return bytes;
}

/** A vtable at `at` (its own length is added), for the table at `table`: the table's size, then where each field stands in it, 0 for absent. */
function startTable(view: DataView, at: number, table: number, entries: readonly number[]): void {
  for (const [index, entry] of [2 + 2 * entries.length, ...entries].entries()) view.setUint16(at + 2 * index, entry, true);
  view.setInt32(table, table - at, true);
}

function point(view: DataView, at: number, target: number): void {
  view.setUint32(at, target - at, true);
}

/** Bytes of a vector of 64-bit words: padding and count, then the words on a multiple of 8. */
function vectorBytes(words: number): number {
  return 8 + 8 * words;
}

/** Writes a vector of `count` elements; gives where it starts, which is its count. */
function writeVector(view: DataView, at: number, count: number, words: readonly number[]): number {
  view.setUint32(at + 4, count, true);
  for (const [index, word] of words.entries()) {
    // Two halves instead of a BigInt, which would be allocated for each of them.
    view.setUint32(at + 8 + 8 * index, word % 2 ** 32, true);
    view.setUint32(at + 12 + 8 * index, Math.floor(word / 2 ** 32), true);
  }
  return at + 4;
}
