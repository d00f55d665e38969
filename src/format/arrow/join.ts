import { checkBatchHead, type BatchHead } from './batch-header.js';
import { encodeBatchMetadata } from './batch-metadata.js';
import { demand } from './column.js';
import { corrupt, type Where } from './faults.js';
import { flatColumns, type FlatBuffer, type FlatColumn } from './flat.js';
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

/** A column over all parts, as it lies in each of them. */
type Across = readonly (FlatColumn & { readonly rows: number; readonly body: Uint8Array; readonly where: Where })[];

/**
 * Several record batches of flat types, not compressed, as one: their values one after the other, byte for byte. What their lengths rest on is proven here;
 * what is proven of any batch is left to whoever decodes it. Throws InputError (`arrow-corrupt`) at the part at fault.
 */
export function joinParts(parts: readonly ChunkPart[], fields: readonly ArrowField[], allocate: (bytes: number) => Uint8Array): Uint8Array {
  const opened = parts.map(({ message, head, where }) => {
    const columns = flatColumns(fields, head);
    if (columns === undefined) throw corrupt(where, `a record batch of ${head.rows} rows has other columns or buffers than the schema says`);
    const { at, length } = message.body;
    return { columns, rows: head.rows, body: message.bytes.subarray(at, at + length), where };
  });
  const rows = parts.reduce((sum, { head }) => sum + head.rows, 0);
  const joined = fields.map((field, index) => {
    const across = opened.flatMap(({ columns, ...part }) => {
      const column = columns[index];
      return column === undefined ? [] : [{ ...column, ...part }];
    });
    return new Joiner(field.name, across, rows).join();
  });
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
  readonly #parts: Across;
  readonly #rows: number;

  constructor(name: string, parts: Across, rows: number) {
    this.#name = name;
    this.#parts = parts;
    this.#rows = rows;
  }

  join(): Joined {
    const kinds = this.#parts[0]?.kinds ?? [];
    // The null type has no buffers, and nothing else.
    if (kinds.length === 0) return { nulls: this.#rows, buffers: [] };
    const nulls = this.#parts.reduce((sum, part) => sum + part.nulls, 0);
    const buffers = kinds.flatMap((kind, index) => (kind.kind === 'validity' && nulls === 0 ? [EMPTY] : this.#buffer(kind, index)));
    const views = this.#parts.flatMap(({ views: own, body }) => own.map(([at, length]) => copied([body.subarray(at, at + length)])));
    return kinds.some(({ kind }) => kind === 'views') ? { nulls, buffers: [...buffers, ...views], viewBuffers: views.length } : { nulls, buffers };
  }

  #buffer(buffer: FlatBuffer, index: number): JoinedBuffer {
    switch (buffer.kind) {
      case 'validity':
        return this.#bits(index, (part) => part.nulls > 0);
      case 'bits':
        return this.#bits(index, () => true);
      case 'values':
        return copied(this.#parts.map((part) => this.#bytes(part, index, part.rows * buffer.bytes)));
      case 'views':
        return this.#views(index);
      case 'offsets':
        return this.#offsets(index, buffer.large);
      case 'data':
        return copied(this.#parts.map((part) => part.body.subarray(...this.#dataRange(part))));
    }
  }

  /** Bits one after the other; ones for a part that has none. */
  #bits(index: number, has: (part: Across[number]) => boolean): JoinedBuffer {
    const sources = this.#parts.map((part) => ({
      rows: part.rows,
      bits: has(part) ? this.#bytes(part, index, Math.ceil(part.rows / 8)) : undefined,
    }));
    return {
      length: Math.ceil(this.#rows / 8),
      write: (into) => {
        into.fill(0);
        let row = 0;
        for (const { rows, bits } of sources) {
          for (let bit = 0; bit < rows; bit++, row++) {
            if (bits === undefined || ((bits[bit >> 3] as number) >> (bit & 7)) & 1) into[row >> 3] = (into[row >> 3] as number) | (1 << (row & 7));
          }
        }
      },
    };
  }

  /** Offsets go on where the part before ends. */
  #offsets(index: number, large: boolean): JoinedBuffer {
    const width = large ? 8 : 4;
    return {
      length: width * (this.#rows + 1),
      write: (into) => {
        const out = large
          ? new BigInt64Array(into.buffer, into.byteOffset, this.#rows + 1)
          : new Int32Array(into.buffer, into.byteOffset, this.#rows + 1);
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

  #ownOffsets(part: Across[number], index: number, large: boolean): Int32Array | BigInt64Array {
    const width = large ? 8 : 4;
    if (part.rows === 0) return new Int32Array(0); // may leave out its only offset
    const bytes = this.#bytes(part, index, width * (part.rows + 1));
    return large ? new BigInt64Array(bytes.buffer, bytes.byteOffset, part.rows + 1) : new Int32Array(bytes.buffer, bytes.byteOffset, part.rows + 1);
  }

  /** What the offsets of a part name, in its body. */
  #dataRange(part: Across[number]): [from: number, to: number] {
    const large = part.kinds.some((buffer) => buffer.kind === 'offsets' && buffer.large);
    const own = this.#ownOffsets(part, 1, large);
    const [at, length] = part.buffers[2] ?? [0, 0];
    const first = Number(own[0] ?? 0);
    const last = Number(own[own.length - 1] ?? 0);
    this.#demand(first >= 0 && first <= last && last <= length, part, `the offsets do not rise from 0 to ${length} at most`);
    return [at + first, at + last];
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
          out.set(this.#bytes(part, index, 16 * part.rows), at);
          const bits = part.nulls > 0 ? this.#bytes(part, 0, Math.ceil(part.rows / 8)) : undefined;
          for (let row = 0; row < part.rows; row++, at += 16) {
            if (out.readInt32LE(at) <= 12 || (bits !== undefined && (((bits[row >> 3] as number) >> (row & 7)) & 1) === 0)) continue;
            const buffer = out.readInt32LE(at + 8);
            this.#demand(buffer >= 0 && buffer < part.views.length, part, 'a value lies outside its data buffer');
            out.writeInt32LE(buffer + base, at + 8);
          }
          base += part.views.length;
        }
      },
    };
  }

  /** The first `needed` bytes of a buffer of a part. */
  #bytes(part: Across[number], index: number, needed: number): Uint8Array {
    const [at, length] = part.buffers[index] ?? [0, 0];
    this.#demand(length >= needed, part, `a buffer of ${length} bytes is too short for ${part.rows} values`);
    return part.body.subarray(at, at + needed);
  }

  #demand(holds: boolean, part: Across[number], message: string): void {
    demand(holds, part.where, this.#name, message);
  }
}

const EMPTY: JoinedBuffer = { length: 0, write: () => undefined };

function copied(pieces: readonly Uint8Array[]): JoinedBuffer {
  return {
    length: pieces.reduce((sum, piece) => sum + piece.length, 0),
    write: (into) => {
      let at = 0;
      for (const piece of pieces) {
        into.set(piece, at);
        at += piece.length;
      }
    },
  };
}
