import { checkBatchHead, type BatchHead } from './batch-header.js';
import { encodeBatchMetadata } from './batch-metadata.js';
import { demand } from './column.js';
import { corrupt, type Where } from './faults.js';
import { flatBuffers, type FlatBuffer } from './flat.js';
import { frameInto, openMessage, type Message } from './message.js';
import type { ArrowField } from './type.js';

/** A record batch of a chunk, with the record at which it starts. */
export interface ChunkPart {
  readonly message: Message;
  readonly firstRecord: number;
  readonly head: BatchHead;
  readonly where: Where;
}

/** The record batches of a chunk, one behind the other, their heads proven sound. Throws InputError (`arrow-corrupt`, `arrow-compressed`). */
export function partsOf(chunk: Uint8Array, where: Where): readonly ChunkPart[] {
  const parts: ChunkPart[] = [];
  let firstRecord = 0;
  let at = 0;
  do {
    const place = { ...where, byte: where.byte + at };
    const message = openMessage(at === 0 ? chunk : chunk.subarray(at), place);
    const head = checkBatchHead(message, place);
    parts.push({ message, firstRecord, head, where: place });
    firstRecord += head.rows;
    at += message.body.at + message.body.length;
  } while (at < chunk.length);
  return parts;
}

/**
 * Several record batches of flat types, not compressed, as one: their values one after the other, byte for byte. What their lengths rest on is proven here;
 * what is proven of any batch is left to whoever decodes it. Throws InputError (`arrow-corrupt`) at the part at fault.
 */
export function joinParts(parts: readonly ChunkPart[], fields: readonly ArrowField[], allocate: (bytes: number) => Uint8Array): Uint8Array {
  const kinds = fields.map(({ type }) => flatBuffers(type) ?? []);
  const views = parts.map((part) => new PartView(part, kinds));
  const rows = parts.reduce((sum, { head }) => sum + head.rows, 0);
  const joined = fields.map(({ name }, column) => new Joiner(name, column, kinds[column] ?? [], views, rows).join());
  let bodyBytes = 0;
  const pieces = joined.flatMap(({ buffers }) => buffers);
  const buffers = pieces.map(({ length }) => {
    const offset = bodyBytes;
    bodyBytes += Math.ceil(length / 8) * 8;
    return [offset, length] as const;
  });
  const metadata = encodeBatchMetadata({
    version: parts[0]?.message.version ?? 4,
    rows,
    nodes: joined.map(({ nulls }) => [rows, nulls]),
    buffers,
    viewBuffers: joined.flatMap(({ viewBuffers }) => viewBuffers ?? []),
    codec: undefined,
    dictionary: undefined,
    bodyBytes,
  });
  const framed = frameInto(metadata, bodyBytes, allocate);
  for (const [index, piece] of pieces.entries()) {
    const [offset = 0, length = 0] = buffers[index] ?? [];
    piece.write(framed.body.subarray(offset, offset + length));
    framed.body.fill(0, offset + length, Math.ceil((offset + length) / 8) * 8);
  }
  return framed.bytes;
}

/** A part by its columns, without an object for each of them: there may be hundreds of parts in a chunk. */
class PartView {
  readonly rows: number;
  readonly where: Where;
  /** The whole message. */
  readonly bytes: Uint8Array;
  readonly #head: BatchHead;
  readonly #bodyAt: number;
  /** The first buffer of each column, and one past the last. */
  readonly #first: readonly number[];

  constructor({ message, head, where }: ChunkPart, kinds: readonly (readonly FlatBuffer[])[]) {
    this.rows = head.rows;
    this.where = where;
    this.bytes = message.bytes;
    this.#head = head;
    this.#bodyAt = message.body.at;
    let buffer = 0;
    let view = 0;
    const first = [0];
    for (const own of kinds) {
      buffer += own.length;
      if (own[1]?.kind === 'views') buffer += head.viewBuffers[view++] ?? 0;
      first.push(buffer);
    }
    this.#first = first;
    const { nodeWords, bufferWords } = head;
    if (nodeWords.length !== 2 * kinds.length || bufferWords.length !== 2 * buffer) {
      throw corrupt(where, `a record batch of ${nodeWords.length / 2} columns and ${bufferWords.length / 2} buffers; the schema has ${kinds.length} and ${buffer}`); // prettier-ignore
    }
  }

  nulls(column: number): number {
    return this.#head.nodeWords[2 * column + 1] ?? 0;
  }

  /** Where a buffer of a column stands in `bytes`. */
  at(column: number, index: number): number {
    return this.#bodyAt + (this.#head.bufferWords[2 * ((this.#first[column] ?? 0) + index)] ?? 0);
  }

  length(column: number, index: number): number {
    return this.#head.bufferWords[2 * ((this.#first[column] ?? 0) + index) + 1] ?? 0;
  }

  /** Buffers that a column takes. */
  buffers(column: number): number {
    return (this.#first[column + 1] ?? 0) - (this.#first[column] ?? 0);
  }
}

interface Joined {
  readonly nulls: number;
  readonly buffers: readonly { readonly length: number; readonly write: (into: Uint8Array) => void }[];
  /** Of a column of views only. */
  readonly viewBuffers?: number;
}

type JoinedBuffer = Joined['buffers'][number];

/** One column of the joined batch. */
class Joiner {
  readonly #name: string;
  readonly #column: number;
  readonly #kinds: readonly FlatBuffer[];
  readonly #parts: readonly PartView[];
  readonly #rows: number;

  constructor(name: string, column: number, kinds: readonly FlatBuffer[], parts: readonly PartView[], rows: number) {
    this.#name = name;
    this.#column = column;
    this.#kinds = kinds;
    this.#parts = parts;
    this.#rows = rows;
  }

  join(): Joined {
    // The null type has no buffers, and nothing else.
    if (this.#kinds.length === 0) return { nulls: this.#rows, buffers: [] };
    const nulls = this.#parts.reduce((sum, part) => sum + part.nulls(this.#column), 0);
    const buffers = this.#kinds.map((kind, index) => (kind.kind === 'validity' && nulls === 0 ? EMPTY : this.#buffer(kind, index)));
    if (this.#kinds[1]?.kind !== 'views') return { nulls, buffers };
    const data = this.#parts.flatMap((part) => this.#dataOf(part));
    return { nulls, buffers: [...buffers, ...data], viewBuffers: data.length };
  }

  #buffer(buffer: FlatBuffer, index: number): JoinedBuffer {
    switch (buffer.kind) {
      case 'validity':
        return this.#bits(index, (part) => part.nulls(this.#column) > 0);
      case 'bits':
        return this.#bits(index, () => true);
      case 'values':
        return this.#values(index, buffer.bytes);
      case 'views':
        return this.#views(index);
      case 'offsets':
        return this.#offsets(index, buffer.large);
      case 'data':
        return this.#data(index);
    }
  }

  #values(index: number, width: number): JoinedBuffer {
    return {
      length: width * this.#rows,
      write: (into) => {
        let end = 0;
        for (const part of this.#parts) end = copy(part.bytes, this.#at(part, index, width * part.rows), width * part.rows, into, end);
      },
    };
  }

  /** Bits one after the other; ones for a part that has none. */
  #bits(index: number, has: (part: PartView) => boolean): JoinedBuffer {
    return {
      length: Math.ceil(this.#rows / 8),
      write: (into) => {
        into.fill(0);
        let row = 0;
        for (const part of this.#parts) {
          const { rows, bytes } = part;
          const at = has(part) ? this.#at(part, index, Math.ceil(rows / 8)) : undefined;
          for (let bit = 0; bit < rows; bit++, row++) {
            if (at === undefined || isSet(bytes, at, bit)) into[row >> 3] = (into[row >> 3] as number) | (1 << (row & 7));
          }
        }
      },
    };
  }

  /** Offsets go on where the part before ends. */
  #offsets(index: number, large: boolean): JoinedBuffer {
    return {
      length: (large ? 8 : 4) * (this.#rows + 1),
      write: (into) => {
        const { buffer, byteOffset } = into;
        const out = large ? new BigInt64Array(buffer, byteOffset, this.#rows + 1) : new Int32Array(buffer, byteOffset, this.#rows + 1);
        out[0] = large ? 0n : 0;
        let row = 0;
        for (const part of this.#parts) {
          const own = this.#ownOffsets(part, index, large);
          if (out instanceof Int32Array) {
            const shift = (out[row] as number) - ((own[0] as number | undefined) ?? 0);
            for (let at = 1; at <= part.rows; at++) out[++row] = (own[at] as number) + shift;
          } else {
            const shift = (out[row] as bigint) - ((own[0] as bigint | undefined) ?? 0n);
            for (let at = 1; at <= part.rows; at++) out[++row] = (own[at] as bigint) + shift;
          }
        }
      },
    };
  }

  #ownOffsets(part: PartView, index: number, large: boolean): Int32Array | BigInt64Array {
    if (part.rows === 0) return new Int32Array(0); // may leave out its only offset
    const at = part.bytes.byteOffset + this.#at(part, index, (large ? 8 : 4) * (part.rows + 1));
    return large ? new BigInt64Array(part.bytes.buffer, at, part.rows + 1) : new Int32Array(part.bytes.buffer, at, part.rows + 1);
  }

  /** What the offsets, which stand in front of it, name. */
  #data(index: number): JoinedBuffer {
    const large = this.#kinds.some((buffer) => buffer.kind === 'offsets' && buffer.large);
    const ranges = this.#parts.map((part) => {
      const own = this.#ownOffsets(part, index - 1, large);
      const [first, last] = [Number(own[0] ?? 0), Number(own[own.length - 1] ?? 0)];
      const length = part.length(this.#column, index);
      this.#demand(first >= 0 && first <= last && last <= length, part, `the offsets do not rise from 0 to ${length} at most`);
      return { bytes: part.bytes, at: part.at(this.#column, index) + first, length: last - first };
    });
    return {
      length: ranges.reduce((sum, { length }) => sum + length, 0),
      write: (into) => {
        let end = 0;
        for (const { bytes, at, length } of ranges) end = copy(bytes, at, length, into, end);
      },
    };
  }

  /** Views name their data buffer by its number: those of later parts move up. */
  #views(index: number): JoinedBuffer {
    return {
      length: 16 * this.#rows,
      write: (into) => {
        const out = Buffer.from(into.buffer, into.byteOffset, into.length);
        let base = 0;
        let at = 0;
        for (const part of this.#parts) {
          copy(part.bytes, this.#at(part, index, 16 * part.rows), 16 * part.rows, into, at);
          const nulls = part.nulls(this.#column) > 0 ? this.#at(part, 0, Math.ceil(part.rows / 8)) : undefined;
          const buffers = part.buffers(this.#column) - this.#kinds.length;
          for (let row = 0; row < part.rows; row++, at += 16) {
            if (out.readInt32LE(at) <= 12 || (nulls !== undefined && !isSet(part.bytes, nulls, row))) continue;
            const buffer = out.readInt32LE(at + 8);
            this.#demand(buffer >= 0 && buffer < buffers, part, 'a value lies outside its data buffer');
            out.writeInt32LE(buffer + base, at + 8);
          }
          base += buffers;
        }
      },
    };
  }

  /** The data buffers that the views of a part name. */
  #dataOf(part: PartView): readonly JoinedBuffer[] {
    return Array.from({ length: part.buffers(this.#column) - this.#kinds.length }, (_, data) => {
      const index = this.#kinds.length + data;
      const length = part.length(this.#column, index);
      return { length, write: (into: Uint8Array) => void copy(part.bytes, part.at(this.#column, index), length, into, 0) };
    });
  }

  /** Where a buffer of a part stands, which must have so many bytes. */
  #at(part: PartView, index: number, needed: number): number {
    const length = part.length(this.#column, index);
    if (length < needed) this.#demand(false, part, `a buffer of ${length} bytes is too short for ${part.rows} values`);
    return part.at(this.#column, index);
  }

  #demand(holds: boolean, part: PartView, message: string): void {
    demand(holds, part.where, this.#name, message);
  }
}

const EMPTY: JoinedBuffer = { length: 0, write: () => undefined };

function isSet(bytes: Uint8Array, at: number, bit: number): boolean {
  return (((bytes[at + (bit >> 3)] as number) >> (bit & 7)) & 1) === 1;
}

/** Beyond it the call of `set`, and the view that it takes, cost less than a loop. */
const LOOP_BYTES = 96;

/** Copies bytes; gives where they end in `into`. */
function copy(bytes: Uint8Array, at: number, length: number, into: Uint8Array, to: number): number {
  if (length > LOOP_BYTES) into.set(bytes.subarray(at, at + length), to);
  else for (let index = 0; index < length; index++) into[to + index] = bytes[at + index] as number;
  return to + length;
}
