import type { BatchHead } from './batch-header.js';
import { encodeBatchMetadata } from './batch-metadata.js';
import { demand } from './column.js';
import type { Where } from './faults.js';
import { flatColumns, type BufferRange, type FlatColumn } from './flat.js';
import { frameInto, type Message } from './message.js';
import type { ArrowField } from './type.js';

/** The body of a record batch: in memory, or still in its file. */
export interface Body {
  /** So many bytes from an offset; a view where there is something to view. */
  bytes(offset: number, length: number): Promise<Uint8Array>;
  /** Fills memory from an offset; undefined where that is done at once. */
  fill(into: Uint8Array, offset: number): Promise<void> | undefined;
}

/** The body of a message that is in memory. */
export function bodyOf({ bytes, body }: Pick<Message, 'bytes' | 'body'>): Body {
  const whole = bytes.subarray(body.at, body.at + body.length);
  return {
    bytes: (offset, length) => Promise.resolve(whole.subarray(offset, offset + length)),
    fill: (into, offset) => {
      into.set(whole.subarray(offset, offset + into.length));
      return undefined;
    },
  };
}

/** Cuts a run of rows out of a record batch. `from` is a multiple of 8: so bitmaps are cut at bytes. Throws InputError (`arrow-corrupt`). */
export type RowCut = (from: number, to: number, allocate: (bytes: number) => Uint8Array) => Promise<Uint8Array>;

/** A part of a sliced buffer: bytes at hand, or a range of the body that is moved as it is. */
type Piece = Uint8Array | BufferRange;

/**
 * Opens a record batch that is not compressed for cutting: each run of rows becomes a message of its own, whose values are the batch's, byte for byte.
 * Nothing is decoded: values of one width and bitmaps are moved, offsets moved and counted from 0 again, views given data buffers of what they name.
 * Undefined where a column is nested, or where a buffer is missing or too short: whoever decodes the batch whole says what is wrong with it.
 */
export function openRowCut(
  { version }: Pick<Message, 'version'>,
  head: BatchHead,
  fields: readonly ArrowField[],
  body: Body,
  where: Where,
): RowCut | undefined {
  const columns = head.codec === undefined ? flatColumns(fields, head) : undefined;
  if (columns?.every((column) => isLongEnough(column, head.rows)) !== true) return undefined;
  const fixed = fixedColumns(columns);
  if (fixed !== undefined) return openFixedCut(version, fixed, body);
  const hasViews = columns.map(({ kinds }) => kinds.some(({ kind }) => kind === 'views'));
  return async (from, to, allocate) => {
    const cut = await Promise.all(columns.map((column) => cutColumn(column, from, to, body, where)));
    let bodyBytes = 0;
    const pieces = cut.flatMap((column) => column.pieces);
    const buffers = pieces.map((piece) => {
      const length = lengthOf(piece);
      const offset = bodyBytes;
      bodyBytes += Math.ceil(length / 8) * 8;
      return [offset, length] as const;
    });
    const metadata = encodeBatchMetadata({
      version,
      rows: to - from,
      nodes: cut.map(({ nulls }) => [to - from, nulls]),
      buffers,
      viewBuffers: hasViews.flatMap((has) => (has ? [1] : [])),
      codec: undefined,
      dictionary: undefined,
      bodyBytes,
    });
    const framed = frameInto(metadata, bodyBytes, allocate);
    await Promise.all(
      pieces.map(async (piece, index) => {
        const [offset = 0, length = 0] = buffers[index] ?? [];
        const end = offset + length;
        framed.body.fill(0, end, Math.ceil(end / 8) * 8);
        const into = framed.body.subarray(offset, end);
        if (piece instanceof Uint8Array) into.set(piece);
        else await body.fill(into, piece[0]);
      }),
    );
    return framed.bytes;
  };
}

/** A column whose values are all of one width, and none of them null. */
interface FixedColumn {
  /** Of the values in the body. */
  readonly at: number;
  /** Bytes of a value. */
  readonly width: number;
}

function fixedColumns(columns: readonly FlatColumn[]): readonly FixedColumn[] | undefined {
  const fixed = columns.flatMap(({ kinds: [, main], nulls, buffers }) =>
    main?.kind === 'values' && nulls === 0 ? [{ at: buffers[1]?.[0] ?? 0, width: main.bytes }] : [],
  );
  return fixed.length === columns.length ? fixed : undefined;
}

/** The same for fixed columns alone, as features often are: nothing has to be looked at, and runs of as many rows have one metadata. */
function openFixedCut(version: number, columns: readonly FixedColumn[], body: Body): RowCut {
  let last: { readonly rows: number; readonly bodyBytes: number; readonly metadata: Uint8Array } | undefined;
  return async (from, to, allocate) => {
    const rows = to - from;
    if (last?.rows !== rows) last = { rows, ...fixedMetadata(version, columns, rows) };
    const framed = frameInto(last.metadata, last.bodyBytes, allocate);
    const reading: Promise<void>[] = [];
    let start = 0;
    for (const { at, width } of columns) {
      const end = start + rows * width;
      const filled = body.fill(framed.body.subarray(start, end), at + from * width);
      if (filled !== undefined) reading.push(filled);
      start = Math.ceil(end / 8) * 8;
      framed.body.fill(0, end, start);
    }
    if (reading.length > 0) await Promise.all(reading);
    return framed.bytes;
  };
}

function fixedMetadata(
  version: number,
  columns: readonly FixedColumn[],
  rows: number,
): { readonly bodyBytes: number; readonly metadata: Uint8Array } {
  let bodyBytes = 0;
  const buffers = columns.flatMap(({ width }) => {
    const start = bodyBytes;
    bodyBytes += Math.ceil((rows * width) / 8) * 8;
    return [
      [start, 0],
      [start, rows * width],
    ];
  });
  const nodes = columns.map(() => [rows, 0]);
  const metadata = encodeBatchMetadata({ version, rows, nodes, buffers, viewBuffers: [], codec: undefined, dictionary: undefined, bodyBytes });
  return { bodyBytes, metadata };
}

function lengthOf(piece: Piece): number {
  return piece instanceof Uint8Array ? piece.length : piece[1];
}

/** An absent bitmap says that nothing is null. Data is as long as its offsets say, which each cut looks at. */
function isLongEnough({ kinds, nulls, buffers }: FlatColumn, rows: number): boolean {
  return kinds.every((buffer, index) => {
    const bytes = buffers[index]?.[1] ?? 0;
    switch (buffer.kind) {
      case 'validity':
        return nulls === 0 || 8 * bytes >= rows;
      case 'bits':
        return 8 * bytes >= rows;
      case 'values':
        return bytes >= rows * buffer.bytes;
      case 'views':
        return bytes >= 16 * rows;
      case 'offsets':
        return bytes >= (rows + 1) * (buffer.large ? 8 : 4);
      case 'data':
        return true;
    }
  });
}

interface CutColumn {
  readonly nulls: number;
  readonly pieces: readonly Piece[];
}

async function cutColumn({ name, kinds, nulls, buffers, views }: FlatColumn, from: number, to: number, body: Body, where: Where): Promise<CutColumn> {
  const rows = to - from;
  const at = (index: number): number => buffers[index]?.[0] ?? 0;
  const [, main] = kinds;
  if (main === undefined) return { nulls: rows, pieces: [] }; // the null type has no buffers
  const bitmap = nulls === 0 ? undefined : await body.bytes(at(0) + from / 8, Math.ceil(rows / 8));
  const nullsHere = bitmap === undefined ? 0 : rows - countOnes(bitmap, rows);
  const validity = bitmap === undefined || nullsHere === 0 ? new Uint8Array(0) : bitmap;
  const give = (...pieces: readonly Piece[]): CutColumn => ({ nulls: nullsHere, pieces: [validity, ...pieces] });
  switch (main.kind) {
    case 'values':
      return give([at(1) + from * main.bytes, rows * main.bytes]);
    case 'views': {
      const found = await body.bytes(at(1) + 16 * from, 16 * rows);
      const data = await Promise.all(views.map(([offset, length]) => body.bytes(offset, length)));
      const gathered = gatherViews(found, bitmap, data);
      demand(gathered !== undefined, where, name, 'a value lies outside its data buffer');
      return give(...gathered);
    }
    case 'offsets': {
      const width = main.large ? 8 : 4;
      const { bytes, first, last } = rebase(await body.bytes(at(1) + width * from, width * (rows + 1)), main.large);
      const end = buffers[2]?.[1] ?? 0;
      demand(first >= 0 && first <= last && last <= end, where, name, `the offsets do not rise from 0 to ${end} at most`);
      return give(bytes, [at(2) + first, last - first]);
    }
    default:
      return give([at(1) + from / 8, Math.ceil(rows / 8)]); // bools
  }
}

/** Ones among the first `bits` bits. */
function countOnes(bitmap: Uint8Array, bits: number): number {
  let ones = 0;
  const whole = bits >> 3;
  for (let index = 0; index < whole; index++) ones += ONES[bitmap[index] as number] as number;
  const rest = (bitmap[whole] ?? 0) & ((1 << (bits & 7)) - 1);
  return ones + (ONES[rest] as number);
}

/** Ones in each byte. */
const ONES = new Uint8Array(256);
for (let byte = 1; byte < 256; byte++) ONES[byte] = (byte & 1) + (ONES[byte >> 1] as number);

/** A copy of offsets that counts from 0, and what the first and the last were; whether they rise in between is seen when they are decoded. */
function rebase(bytes: Uint8Array, large: boolean): { readonly bytes: Uint8Array; readonly first: number; readonly last: number } {
  const copy = new Uint8Array(bytes);
  const offsets = large ? new BigInt64Array(copy.buffer) : new Int32Array(copy.buffer);
  const first = offsets[0] ?? 0;
  const last = Number(offsets[offsets.length - 1] ?? 0);
  // An offset below the first one turns negative, which is refused where the slice is decoded.
  if (offsets instanceof Int32Array) for (let index = 0; index < offsets.length; index++) offsets[index] = (offsets[index] as number) - Number(first);
  else for (let index = 0; index < offsets.length; index++) offsets[index] = (offsets[index] as bigint) - BigInt(first);
  return { bytes: copy, first: Number(first), last };
}

/** Views (length, then the value or its first four bytes, buffer and offset) with one data buffer of what they name; undefined where one lies outside. */
function gatherViews(
  bytes: Uint8Array,
  bitmap: Uint8Array | undefined,
  buffers: readonly Uint8Array[],
): readonly [views: Uint8Array, data: Uint8Array] | undefined {
  const views = Buffer.from(bytes);
  let data = Buffer.allocUnsafe(Math.max(64, bytes.length));
  let end = 0;
  for (let at = 0, row = 0; at < views.length; at += 16, row++) {
    if (bitmap !== undefined && ((bitmap[row >> 3] as number) & (1 << (row & 7))) === 0) {
      views.fill(0, at, at + 16); // what stands for a null may name anything
      continue;
    }
    const length = views.readInt32LE(at);
    if (length < 0) return undefined;
    if (length <= 12) continue;
    const buffer = buffers[views.readInt32LE(at + 8)];
    const from = views.readInt32LE(at + 12);
    if (buffer === undefined || from < 0 || from + length > buffer.length) return undefined;
    if (end + length > data.length) data = Buffer.concat([data], 2 * (end + length));
    data.set(buffer.subarray(from, from + length), end);
    views.writeInt32LE(0, at + 8);
    views.writeInt32LE(end, at + 12);
    end += length;
  }
  return [views, data.subarray(0, end)];
}
