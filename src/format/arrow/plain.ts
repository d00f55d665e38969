import type { InputError } from '../../errors/errors.js';
import { encodeBatchMetadata } from './batch-metadata.js';
import { dictionaryHead, type BatchHead } from './batch-header.js';
import { BodyWalk, expectedBytes } from './body-walk.js';
import type { Codec, Compressed } from './codec/codec.js';
import { corrupt, tooLarge, type Where } from './faults.js';
import { BODY_LIMIT_BYTES, frameInto, type Message } from './message.js';
import { isUnreadable, type ArrowField } from './type.js';

/** A body is believed to hold so much, or so many times what is there: beyond it is more like a bomb than like data. */
const BELIEVED_BYTES = 2 ** 28;
const BELIEVED_RATIO = 1024;
/** Writers may leave buffers longer than they need be. */
const SPARE_BYTES = 4096;

export interface PlainOptions {
  /** What the message is compressed with. */
  readonly codec: Codec | undefined;
  /** Leave out the columns that the library cannot read. */
  readonly drop: boolean;
  /** Gives memory for the new message; what it held before may be overwritten. */
  readonly allocate: (bytes: number) => Uint8Array;
}

/**
 * A record batch or dictionary message as the library takes it: not compressed, and without columns that it cannot read. `fields` are its columns,
 * `head` what checkBatchHead found. Nothing is allocated before every buffer's announced length was held against what its column takes and against
 * what its compressed bytes can give. The same message where there is nothing to do. Throws InputError: `arrow-corrupt`, `arrow-too-large`.
 */
export function plainMessage(message: Message, head: BatchHead, fields: readonly ArrowField[], where: Where, options: PlainOptions): Uint8Array {
  const dropping = options.drop && fields.some(({ type }) => isUnreadable(type));
  if (head.codec === undefined && !dropping) return message.bytes;
  const columns = locateColumns(fields, head, where).filter(({ field }) => !(dropping && isUnreadable(field.type)));
  const buffers = columns.flatMap((column) =>
    column.expected.map((expected, index) => ({ column: column.field.name, number: column.buffers[0] + index, expected })),
  );
  const pieces = buffers.map((buffer) => openPiece(message, head, buffer, where, options.codec));

  let bodyBytes = 0;
  const placed = pieces.map(({ length }) => {
    const offset = bodyBytes;
    bodyBytes += Math.ceil(length / 8) * 8;
    return [offset, length] as const;
  });
  checkSize(bodyBytes, message.body.length, where);
  const dictionary = message.kind === 'dictionary' ? dictionaryHead(message, where) : undefined;
  const metadata = encodeBatchMetadata({
    version: message.version,
    rows: head.rows,
    nodes: columns.flatMap((column) => head.nodes.slice(...column.nodes)),
    buffers: placed,
    viewBuffers: columns.flatMap((column) => head.viewBuffers.slice(...column.views)),
    codec: undefined,
    dictionary,
    bodyBytes,
  });
  const { bytes, body } = frameInto(metadata, bodyBytes, options.allocate);
  for (const [index, piece] of pieces.entries()) {
    const [offset = 0, length = 0] = placed[index] ?? [];
    fill(body.subarray(offset, offset + length), piece, where);
    body.fill(0, offset + length, Math.ceil((offset + length) / 8) * 8);
  }
  return bytes;
}

/** What the buffers of a compressed message say that they unpack to, in bytes. */
export function unpackedBytes(message: Message, head: BatchHead): number {
  const view = new DataView(message.bytes.buffer, message.bytes.byteOffset + message.body.at, message.body.length);
  return head.buffers.reduce((sum, [offset = 0, stored = 0]) => sum + Math.max(stored, stored < 8 ? 0 : Number(view.getBigInt64(offset, true))), 0);
}

type Range = readonly [from: number, to: number];

/** A column of the schema, with everything that is nested in it, as it lies in a message. */
interface LocatedColumn {
  readonly field: ArrowField;
  readonly nodes: Range;
  readonly buffers: Range;
  readonly views: Range;
  /** Bytes that each buffer takes, where its column's length says it. */
  readonly expected: readonly (number | undefined)[];
}

function locateColumns(fields: readonly ArrowField[], head: BatchHead, where: Where): readonly LocatedColumn[] {
  const walk = new BodyWalk(head.viewBuffers);
  const columns = fields.map((field) => {
    const from = walk.place;
    const expected: (number | undefined)[] = [];
    walk.visit(field.type, (inner, node, _, count) => {
      const known = expectedBytes(inner, head.lengths[node] ?? 0);
      for (let index = 0; index < count; index++) expected.push(known[index]);
    });
    const to = walk.place;
    const column: LocatedColumn = { field, nodes: [from.node, to.node], buffers: [from.buffer, to.buffer], views: [from.view, to.view], expected };
    return column;
  });
  const { node, buffer } = walk.place;
  if (node !== head.nodes.length || buffer !== head.buffers.length) {
    throw corrupt(where, `a record batch of ${head.nodes.length} columns and ${head.buffers.length} buffers; the schema has ${node} and ${buffer}`);
  }
  return columns;
}

/** A buffer of a column, by its number in the message. */
interface Place {
  readonly column: string;
  readonly number: number;
  readonly expected: number | undefined;
}

/** A buffer on its way into the plain message: bytes to copy, or to decode. */
interface Piece {
  readonly place: Place;
  readonly length: number;
  readonly bytes: Uint8Array;
  readonly compressed: Compressed | undefined;
}

/** A compressed buffer starts with the length of its content, or with -1 where that stands as it is (the format's Message.fbs, BodyCompression). */
function openPiece(message: Message, head: BatchHead, place: Place, where: Where, codec: Codec | undefined): Piece {
  const [offset = 0, stored = 0] = head.buffers[place.number] ?? [];
  const start = message.body.at + offset;
  const whole = message.bytes.subarray(start, start + stored);
  if (head.codec === undefined || stored === 0) return { place, length: stored, bytes: whole, compressed: undefined };
  if (codec?.name !== head.codec) throw new TypeError(`the codec ${head.codec} is needed, and not at hand`);
  if (stored < 8) throw damage(where, place, `has ${stored} bytes, too few for the length of its content`);
  const length = Number(new DataView(whole.buffer, whole.byteOffset, 8).getBigInt64(0, true));
  const bytes = whole.subarray(8);
  if (length === -1) return { place, length: bytes.length, bytes, compressed: undefined };
  if (length < 0 || length > BODY_LIMIT_BYTES) throw damage(where, place, `claims to hold ${length} bytes`);
  const { expected } = place;
  if (expected !== undefined && length > 2 * expected + SPARE_BYTES)
    throw damage(where, place, `claims to hold ${length} bytes, ${expected} are needed`);
  if (length === 0) return { place, length, bytes: new Uint8Array(0), compressed: undefined };
  const compressed = damaged(where, place, () => codec.open(bytes));
  if (length > compressed.atMost) throw damage(where, place, `claims to hold ${length} bytes, what stands there gives ${compressed.atMost} at most`);
  return { place, length, bytes, compressed };
}

function fill(into: Uint8Array, { place, bytes, compressed }: Piece, where: Where): void {
  if (compressed === undefined) into.set(bytes);
  else damaged(where, place, () => compressed.decodeInto(into));
}

function checkSize(bodyBytes: number, storedBytes: number, where: Where): void {
  const most = Math.min(BODY_LIMIT_BYTES, Math.max(BELIEVED_BYTES, BELIEVED_RATIO * storedBytes));
  if (bodyBytes > most) throw tooLarge(where, `a record batch of ${storedBytes} bytes would unpack to ${bodyBytes}, ${most} are allowed`);
}

function damaged<Result>(where: Where, place: Place, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw damage(where, place, `is damaged: ${error.message}`, error);
  }
}

function damage(where: Where, { column, number }: Place, message: string, cause?: unknown): InputError {
  return corrupt(where, `column "${column}": compressed buffer ${number} ${message}`, cause);
}
