import type { BatchHead } from './batch-header.js';
import type { Column } from './column.js';
import { corrupt, type Where } from './faults.js';
import { flatBuffers } from './flat.js';
import type { Message } from './message.js';
import type { BuildColumn } from './take.js';
import { bitsOf, type ArrowField, type ArrowType } from './type.js';

/**
 * Can a column be read and written as its buffers, without the library? Every type of one width, bools, and text or bytes with offsets. The library's way
 * makes a schema and some objects a column for each record batch: over a large file that takes longer than to copy the values.
 */
export function isDirect(type: ArrowType): boolean {
  return type.kind !== 'dictionary' && type.kind !== 'null' && (flatBuffers(type)?.every(({ kind }) => kind !== 'views') ?? false);
}

/**
 * The columns of a record batch that is not compressed, as views of its bytes; all of them are direct. The head must be checkBatchHead's. What lengths promise is proven by
 * validateColumn. Throws InputError (`arrow-corrupt`) where there are fewer buffers than the columns take.
 */
export function directColumns(fields: readonly ArrowField[], { bytes, body }: Message, head: BatchHead, where: Where): readonly Column[] {
  const { nodeWords, bufferWords } = head;
  const start = bytes.byteOffset + body.at;
  let buffer = 0;
  const view = <View>(kind: ViewOf<View>): View => {
    const [offset, length] = [bufferWords[2 * buffer], bufferWords[2 * buffer + 1]];
    buffer++;
    if (offset === undefined || length === undefined) throw corrupt(where, `a record batch of ${bufferWords.length / 2} buffers, too few for the columns of its schema`); // prettier-ignore
    // An empty buffer may stand anywhere, aligned or not.
    return length === 0 ? new kind(new ArrayBuffer(0), 0, 0) : new kind(bytes.buffer, start + offset, Math.floor(length / kind.BYTES_PER_ELEMENT));
  };
  return fields.map(({ type }, index) => {
    const [length = 0, nullCount = 0] = [nodeWords[2 * index], nodeWords[2 * index + 1]];
    const bitmap = view(Uint8Array);
    const large = (type.kind === 'utf8' || type.kind === 'binary') && type.large;
    const valueOffsets =
      type.kind === 'utf8' || type.kind === 'binary' ? view<Int32Array | BigInt64Array>(large ? BigInt64Array : Int32Array) : undefined;
    const values = view<ArrayBufferView>(arrayOf(type));
    return directColumn(length, nullCount, { nullBitmap: nullCount > 0 ? bitmap : undefined, values, valueOffsets });
  });
}

/** A column of its own buffers. */
export function directColumn(
  length: number,
  nullCount: number,
  { nullBitmap, values, valueOffsets }: Partial<Pick<Column, 'nullBitmap' | 'values' | 'valueOffsets'>>,
): Column {
  return { length, offset: 0, nullCount, nullBitmap, values, valueOffsets, typeIds: undefined, children: [], variadicBuffers: [] };
}

/** Columns without the library's types. */
export const buildDirect: BuildColumn = (_, length, nulls, parts) => directColumn(length, nulls.count, { ...parts, nullBitmap: nulls.bitmap });

/** Values of one width, as many of the column's elements as make one. */
export function strideOf(type: ArrowType, values: ArrayBufferView & { readonly BYTES_PER_ELEMENT?: number }): number {
  return (bitsOf(type) ?? 8) / 8 / (values.BYTES_PER_ELEMENT ?? 1);
}

interface ViewOf<View> {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): View;
}

/** Numbers as such; of other types whoever reads them makes the view that it needs. */
function arrayOf(type: ArrowType): ViewOf<ArrayBufferView> {
  if (type.kind === 'int') {
    if (type.bits === 64) return type.signed ? BigInt64Array : BigUint64Array;
    if (type.bits === 32) return type.signed ? Int32Array : Uint32Array;
    if (type.bits === 16) return type.signed ? Int16Array : Uint16Array;
    return type.signed ? Int8Array : Uint8Array;
  }
  if (type.kind === 'float') return type.bits === 64 ? Float64Array : type.bits === 32 ? Float32Array : Uint16Array;
  return Uint8Array;
}
