import type { ByteSource } from '../source.js';
import { BufferPool } from './buffer-pool.js';
import { corrupt, guarded, truncated, type Where } from './faults.js';
import { Table } from './flatbuffer.js';

/** Longest metadata of one message: a schema of 100,000 columns takes about 16 MB. */
const METADATA_LIMIT_BYTES = 128 * 2 ** 20;
/** Longest body: Arrow's own 32-bit offsets end here. */
export const BODY_LIMIT_BYTES = 2 ** 31 - 8;
/** A pipe's claim of a length is believed no further than this at a time: memory follows the bytes that really come. */
const BELIEF_BYTES = 64 * 2 ** 20;

/** Read at a time of what is only to pass the digest. */
const SKIP_BYTES = 2 ** 20;

const CONTINUATION = -1;
const KINDS = ['nothing', 'schema', 'dictionary', 'batch', 'tensor', 'sparse tensor'] as const;

export type MessageKind = (typeof KINDS)[number];

/** One encapsulated message of an IPC stream: continuation word, metadata length, metadata (a flatbuffer), body. */
export interface Message {
  readonly kind: MessageKind;
  /** Metadata version of the format: 3 is V4 (before Arrow 1.0), 4 is V5. */
  readonly version: number;
  /** The table that `kind` names. */
  readonly header: Table;
  /** The whole message with the 8-byte prefix, whichever it had in the source; its metadata and its body are aligned to 8 bytes. */
  readonly bytes: Uint8Array;
  readonly body: { readonly at: number; readonly length: number };
  /** Where and how it stood in the source, for a file's footer: `metadataBytes` counts the prefix. */
  readonly source: { readonly byte: number; readonly metadataBytes: number };
}

/** A message whose body is still to be read. */
export interface MessageHead extends Omit<Message, 'bytes'> {
  /** As it will stand in the message: filled up to a multiple of 8 bytes. */
  readonly metadata: Uint8Array;
}

/** Bytes that a message takes in the form that MessageCutter gives. */
export function messageBytes({ metadata, body }: MessageHead): number {
  return 8 + metadata.length + body.length;
}

/** Reads the head of a message in the form that MessageCutter gives. Decodes nothing. Throws InputError (`arrow-corrupt`). */
export function openMessage(bytes: Uint8Array, where: Where, metadataBytes?: number): Message {
  return guarded(where, 'a message', () => {
    const length = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getInt32(4, true);
    const { kind, version, header, bodyBytes } = readMetadata(bytes.subarray(8, 8 + length));
    const at = 8 + length;
    if (at + bodyBytes > bytes.length) throw new RangeError(`a body of ${bodyBytes} bytes in a message of ${bytes.length}`);
    return {
      kind,
      version,
      header,
      bytes,
      body: { at, length: bodyBytes },
      source: { byte: where.byte, metadataBytes: metadataBytes ?? at },
    };
  });
}

/** Kind and length of a message from its first bytes; `needed` bytes where its metadata is longer than these. Throws RangeError. */
export function glanceAt(
  start: Uint8Array,
): { readonly kind: MessageKind; readonly metadataBytes: number; readonly bodyBytes: number } | { readonly needed: number } {
  const metadataBytes = 8 + new DataView(start.buffer, start.byteOffset, start.byteLength).getInt32(4, true);
  if (metadataBytes > start.length) return { needed: metadataBytes };
  const { kind, bodyBytes } = readMetadata(start.subarray(8, metadataBytes));
  return { kind, metadataBytes, bodyBytes };
}

/** Puts a message together from its parts, with the prefix and the alignment of today. */
export function frame(metadata: Uint8Array, body: Uint8Array): Uint8Array {
  const framed = frameInto(metadata, body.length, (bytes) => new Uint8Array(bytes));
  framed.body.set(body);
  return framed.bytes;
}

/** The same with room for a body that is still to be written, in memory that `allocate` gives. */
export function frameInto(
  metadata: Uint8Array,
  bodyBytes: number,
  allocate: (bytes: number) => Uint8Array,
): { readonly bytes: Uint8Array; readonly body: Uint8Array } {
  const padded = Math.ceil(metadata.length / 8) * 8;
  const bytes = allocate(8 + padded + bodyBytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  view.setInt32(0, CONTINUATION, true);
  view.setInt32(4, padded, true);
  bytes.set(metadata, 8);
  bytes.fill(0, 8 + metadata.length, 8 + padded);
  return { bytes, body: bytes.subarray(8 + padded) };
}

function readMetadata(metadata: Uint8Array): Pick<Message, 'kind' | 'version' | 'header'> & { readonly bodyBytes: number } {
  const root = Table.root(metadata);
  const kind = KINDS[root.byte(1)];
  const header = root.table(2);
  if (kind === undefined || header === undefined) throw new RangeError(`no message of a known kind (${root.byte(1)})`);
  for (const entry of root.tables(4)) entry.text(0); // custom metadata: walked here so that no reader downstream trips over it
  return { kind, version: root.short(0), header, bodyBytes: root.long(3) };
}

/**
 * Cuts an IPC stream, or the body of a file, into messages without decoding any of them. Takes the prefix of today (0xFFFFFFFF, length) and
 * the one from before Arrow 0.15 (length alone). Give buffers of batches back with `recycle`.
 */
export class MessageCutter {
  readonly #source: ByteSource;
  readonly #pool = new BufferPool();

  constructor(source: ByteSource) {
    this.#source = source;
  }

  /** The next message, or undefined at the end marker. Throws InputError: `arrow-truncated`, `arrow-corrupt`. */
  async next(): Promise<Message | undefined> {
    const head = await this.head();
    return head === undefined ? undefined : this.body(head);
  }

  /** The same without its body, which is read by `body` or `bodyInto`, or passed over by `skipTo`, before anything else is. */
  async head(): Promise<MessageHead | undefined> {
    const start = this.#source.position;
    const where = { file: this.#source.name, byte: start };
    const first = await this.#word(where, 'there is no end marker');
    const prefixBytes = first === CONTINUATION ? 8 : 4;
    const length = first === CONTINUATION ? await this.#word(where, 'a message has no length') : first;
    if (length === 0) return undefined;
    if (length < 0 || length > METADATA_LIMIT_BYTES) throw corrupt(where, `a message claims ${length} bytes of metadata`);
    this.#fits(where, start + prefixBytes + length, 'the metadata of a message');

    const metadata = new Uint8Array(Math.ceil(length / 8) * 8);
    await this.#fill(where, metadata.subarray(0, length), 'the metadata of a message');
    const { kind, version, header, bodyBytes } = guarded(where, 'the metadata of a message', () => readMetadata(metadata));
    if (bodyBytes < 0 || bodyBytes > BODY_LIMIT_BYTES) {
      throw corrupt(where, `a message claims a body of ${bodyBytes} bytes; the largest is ${BODY_LIMIT_BYTES}`);
    }
    this.#fits(where, start + prefixBytes + length + bodyBytes, 'the body of a message');
    const body = { at: 8 + metadata.length, length: bodyBytes };
    return { kind, version, header, metadata, body, source: { byte: start, metadataBytes: prefixBytes + length } };
  }

  /** Reads the body of the message whose head came last. */
  async body(head: MessageHead): Promise<Message> {
    const total = messageBytes(head);
    // Memory follows the bytes that really come.
    let bytes = this.#pool.take(this.#source.size === undefined ? Math.min(total, BELIEF_BYTES) : total);
    let have = writeHead(head, bytes);
    for (;;) {
      await this.#fill(this.#whereOf(head), bytes.subarray(have), 'the body of a message');
      if (bytes.length === total) return { ...head, bytes };
      const more = this.#pool.take(Math.min(total, 2 * bytes.length));
      more.set(bytes);
      have = bytes.length;
      bytes = more;
    }
  }

  /** The same into memory of the caller's, of `messageBytes(head)`. */
  async bodyInto(head: MessageHead, into: Uint8Array): Promise<void> {
    await this.#fill(this.#whereOf(head), into.subarray(writeHead(head, into)), 'the body of a message');
  }

  /** Memory that comes back by `recycle`; what it holds is left over from earlier use. */
  take(bytes: number): Uint8Array<ArrayBuffer> {
    return this.#pool.take(bytes);
  }

  /** Reads on to an absolute position, so that its bytes pass the source's digest. */
  async skipTo(position: number): Promise<void> {
    if (this.#source.position >= position) return;
    const scratch = new Uint8Array(Math.min(SKIP_BYTES, position - this.#source.position));
    while (this.#source.position < position) {
      const step = Math.min(scratch.length, position - this.#source.position);
      await this.#fill({ file: this.#source.name, byte: position }, scratch.subarray(0, step), 'what stands before a message');
    }
  }

  /** Reads whatever is left of the source, up to `limitBytes`. */
  async rest(limitBytes: number): Promise<Uint8Array> {
    let rest = new Uint8Array(2 ** 16);
    let have = 0;
    for (;;) {
      const count = await this.#source.read(rest.subarray(have));
      have += count;
      if (have < rest.length || have >= limitBytes) return rest.subarray(0, have);
      const more = new Uint8Array(2 * rest.length);
      more.set(rest);
      rest = more;
    }
  }

  /** Takes the buffer of a message for use again. */
  recycle(buffer: ArrayBuffer): void {
    this.#pool.give(buffer);
  }

  #whereOf({ source }: MessageHead): Where {
    return { file: this.#source.name, byte: source.byte };
  }

  async #word(where: Where, missing: string): Promise<number> {
    const word = new Uint8Array(4);
    if ((await this.#source.read(word)) < 4) throw truncated({ ...where, byte: this.#source.position }, missing);
    return new DataView(word.buffer).getInt32(0, true);
  }

  async #fill(where: Where, into: Uint8Array, what: string): Promise<void> {
    if (into.length > 0 && (await this.#source.read(into)) < into.length) {
      throw truncated({ ...where, byte: this.#source.position }, `${what} that starts at byte ${where.byte} is not whole`);
    }
  }

  #fits(where: Where, end: number, what: string): void {
    const size = this.#source.size;
    if (size !== undefined && end > size) throw truncated(where, `${what} would end at byte ${end}, the input ends at ${size}`);
  }
}

/** Prefix and metadata; gives where the body starts. */
function writeHead({ metadata }: MessageHead, into: Uint8Array): number {
  const view = new DataView(into.buffer, into.byteOffset, into.byteLength);
  view.setInt32(0, CONTINUATION, true);
  view.setInt32(4, metadata.length, true);
  into.set(metadata, 8);
  return 8 + metadata.length;
}
