import type { Column } from './column.js';
import { bitsOf, type ArrowType } from './type.js';

/** Where the parts of the metadata stand: the tables in front, then the buffers, then the nodes, 16 bytes each. */
const BUFFERS_AT = 80;
const FIXED_BYTES = 88;
const WORD_PAIR_BYTES = 16;
const PREFIX_BYTES = 8;

/** Tables and vtables of a Message (version V5) with a RecordBatch, as the library's encoder lays them out; lengths and places are still to be filled in. */
const TABLES = Uint8Array.from([
  20, 0, 0, 0, 0, 0, 0, 0, 12, 0, 22, 0, 20, 0, 15, 0, 16, 0, 4, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 16, 0, 0, 0,
  4, 0, 10, 0, 24, 0, 12, 0, 8, 0, 4, 0, 10, 0, 0, 0, 20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
]); // prettier-ignore
const BODY_BYTES_AT = 24;
const NODES_REFERENCE_AT = 60;
const ROWS_AT = 64;
const BUFFER_COUNT_AT = 76;

/**
 * A record batch message of direct columns (`isDirect`), the same bytes that the library's encoder writes, without an object for each buffer. `rows` is at
 * least 1. `into` is used where it is large enough.
 */
export function writeDirectBatch(types: readonly ArrowType[], columns: readonly Column[], rows: number, into?: ArrayBuffer): Uint8Array {
  const buffers = columns.flatMap((column, index) => buffersOf(types[index] ?? { kind: 'null' }, column));
  const metadataBytes = FIXED_BYTES + WORD_PAIR_BYTES * (buffers.length + columns.length);
  const bodyBytes = buffers.reduce((sum, { length }) => sum + padded(length), 0);
  const total = PREFIX_BYTES + metadataBytes + bodyBytes;
  const bytes = into !== undefined && into.byteLength >= total ? new Uint8Array(into, 0, total) : new Uint8Array(total);
  const view = new DataView(bytes.buffer, 0, total);
  view.setInt32(0, -1, true);
  view.setInt32(4, metadataBytes, true);

  const metadata = new DataView(bytes.buffer, PREFIX_BYTES, metadataBytes);
  bytes.set(TABLES, PREFIX_BYTES);
  const nodesAt = BUFFERS_AT + WORD_PAIR_BYTES * buffers.length + 8;
  setLong(metadata, BODY_BYTES_AT, bodyBytes);
  metadata.setUint32(NODES_REFERENCE_AT, nodesAt - 4 - NODES_REFERENCE_AT, true);
  setLong(metadata, ROWS_AT, rows);
  metadata.setUint32(BUFFER_COUNT_AT, buffers.length, true);
  metadata.setUint32(nodesAt - 8, 0, true);
  metadata.setUint32(nodesAt - 4, columns.length, true);
  for (const [index, { nullCount }] of columns.entries()) {
    setLong(metadata, nodesAt + WORD_PAIR_BYTES * index, rows);
    setLong(metadata, nodesAt + WORD_PAIR_BYTES * index + 8, nullCount);
  }

  const start = PREFIX_BYTES + metadataBytes;
  let at = 0;
  for (const [index, buffer] of buffers.entries()) {
    const length = padded(buffer.length);
    setLong(metadata, BUFFERS_AT + WORD_PAIR_BYTES * index, at);
    setLong(metadata, BUFFERS_AT + WORD_PAIR_BYTES * index + 8, length);
    bytes.set(buffer, start + at);
    bytes.fill(0, start + at + buffer.length, start + at + length);
    at += length;
  }
  return bytes;
}

const EMPTY = new Uint8Array(0);

/** The buffers of a column as the format has them: validity, where something is null, then the others. */
function buffersOf(type: ArrowType, column: Column): readonly Uint8Array[] {
  const { length, nullCount, nullBitmap } = column;
  const validity = nullCount > 0 ? (nullBitmap ?? EMPTY) : EMPTY;
  switch (type.kind) {
    case 'bool':
      return [validity, nullCount >= length ? new Uint8Array((length + 7) >> 3) : viewOf(column.values)];
    case 'utf8':
    case 'binary': {
      const { bytes, first, last } = fromZero(column.valueOffsets, length);
      return [validity, bytes, viewOf(column.values).subarray(first, last)];
    }
    default:
      return [validity, viewOf(column.values).subarray(0, (length * (bitsOf(type) ?? 0)) / 8)];
  }
}

/** Offsets that count from 0, and where the values start and end that they name. */
function fromZero(offsets: Column['valueOffsets'], length: number): { readonly bytes: Uint8Array; readonly first: number; readonly last: number } {
  const own = offsets?.subarray(0, length + 1);
  const [first, last] = [Number(own?.[0] ?? 0), Number(own?.[length] ?? 0)];
  if (first === 0 || own === undefined) return { bytes: viewOf(own), first, last };
  const moved = own instanceof Int32Array ? own.map((offset) => offset - first) : own.map((offset) => offset - BigInt(first));
  return { bytes: viewOf(moved), first, last };
}

function viewOf(values: ArrayBufferView | undefined): Uint8Array {
  return values === undefined ? EMPTY : new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

function padded(bytes: number): number {
  return Math.ceil(bytes / 8) * 8;
}

/** Two halves instead of a BigInt, which would be allocated for each of them. */
function setLong(view: DataView, at: number, value: number): void {
  view.setUint32(at, value % 2 ** 32, true);
  view.setUint32(at + 4, Math.floor(value / 2 ** 32), true);
}
