import { corrupt, type Where } from './faults.js';

/**
 * A column of a record batch as its buffers: the part of the library's Data that this room reads, without its type parameters. Values count
 * from `offset` only in `nullBitmap` and packed bools; the other buffers start at the first value.
 */
export interface Column {
  readonly length: number;
  readonly offset: number;
  readonly nullCount: number;
  readonly nullBitmap: Uint8Array | undefined;
  readonly values: ArrayBufferView | undefined;
  readonly valueOffsets: Int32Array | BigInt64Array | undefined;
  readonly typeIds: Int8Array | undefined;
  readonly children: readonly Column[];
  readonly dictionary?: { readonly data: readonly Column[] } | undefined;
  readonly variadicBuffers: readonly Uint8Array[];
}

interface ViewOf<View> {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): View;
}

/** The values of a column as elements of another width: the same bytes, no copy. */
export function valuesAs<View>(column: Column, kind: ViewOf<View>): View {
  const values = column.values ?? new Uint8Array(0);
  return new kind(values.buffer, values.byteOffset, Math.floor(values.byteLength / kind.BYTES_PER_ELEMENT));
}

/** The bytes of a column. */
export function bytesOf(column: Column): Buffer {
  const values = column.values ?? new Uint8Array(0);
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength);
}

/** Is the value at an index not null? The same function for every index of a column. */
export function validity(column: Column): (index: number) => boolean {
  const { nullCount, nullBitmap, offset } = column;
  if (nullCount === 0 || nullBitmap === undefined || nullBitmap.length === 0) return () => true;
  return (index) => bit(nullBitmap, offset + index) === 1;
}

/** Bit `index` of a bitmap, least significant first. */
export function bit(bitmap: Uint8Array, index: number): 0 | 1 {
  return (((bitmap[index >> 3] ?? 0) >> (index & 7)) & 1) as 0 | 1;
}

/** Offsets of a column of text, bytes or lists as numbers. */
export function offsets(column: Column): (index: number) => number {
  const { valueOffsets } = column;
  if (valueOffsets === undefined || valueOffsets.length === 0) return () => 0;
  if (valueOffsets instanceof Int32Array) return (index) => valueOffsets[index] ?? 0;
  return (index) => Number(valueOffsets[index] ?? 0n);
}

/** Indices of a dictionary-encoded column as numbers. */
export function indices(column: Column): (index: number) => number {
  const values = column.values;
  if (values instanceof BigInt64Array || values instanceof BigUint64Array) return (index) => Number(values[index] ?? 0n);
  const plain = values as Int32Array | undefined;
  return (index) => plain?.[index] ?? 0;
}

/** The values of a column's dictionary: which of its pieces (it grows by deltas) holds a position, and where in it. */
export function dictionaryPieces(column: Column): { readonly pieces: readonly Column[]; readonly length: number } {
  const pieces = column.dictionary?.data ?? [];
  return { pieces, length: pieces.reduce((sum, piece) => sum + piece.length, 0) };
}

/** Where a text or bytes view (16 bytes: length, then the value or its first four bytes, buffer and offset) has its value. */
export function viewRange(column: Column): (index: number) => { readonly bytes: Uint8Array; readonly from: number; readonly to: number } {
  const views = bytesOf(column);
  return (index) => {
    const at = 16 * index;
    const length = views.readInt32LE(at);
    if (length <= 12) return { bytes: views, from: at + 4, to: at + 4 + length };
    const from = views.readInt32LE(at + 12);
    return { bytes: column.variadicBuffers[views.readInt32LE(at + 8)] ?? new Uint8Array(0), from, to: from + length };
  };
}

/** Throws InputError (`arrow-corrupt`) naming the column. */
export function demand(holds: boolean, where: Where, column: string, message: string): asserts holds {
  if (!holds) throw corrupt(where, `column "${column}": ${message}`);
}
