import type { Chunk, ChunkContext } from '../format.js';
import type { ByteSource } from '../source.js';
import { checkBatchHead, glanceAtBatch, type BatchHead } from './batch-header.js';
import type { CodecName } from './codec/codec.js';
import { truncated, type Where } from './faults.js';
import { isSeekable, type SeekableSource } from './file-plan.js';
import { areFlat } from './flat.js';
import { messageBytes, openMessage, type Message, type MessageCutter, type MessageHead } from './message.js';
import { JoinedChunk } from './joined-chunk.js';
import { unpackedBytes } from './plain.js';
import type { PlainSource } from './plain-source.js';
import { bodyOf, openRowCut, type Body, type RowCut } from './slice.js';
import type { ArrowField } from './type.js';

/** A record batch of the source whose body is still to be read, with the dictionaries that hold for it. */
export interface CutBatch {
  readonly head: MessageHead;
  readonly context: ChunkContext | undefined;
  readonly where: Where;
}

export interface ChunkerOptions {
  readonly source: ByteSource;
  readonly cutter: MessageCutter;
  readonly plain: PlainSource;
  readonly fields: readonly ArrowField[];
  /** What the workers can unpack. */
  readonly codec: CodecName | undefined;
  /** About so many bytes make a chunk … */
  readonly chunkBytes: number;
  /** … and no fewer rows than the model is called with. */
  readonly blockRows: number;
  /** Join record batches: false where each is to be answered as it comes. */
  readonly join: boolean;
}

/** A larger record batch of a plain file is read by runs of its rows, and one that is compressed is unpacked here, to be cut. */
const HELD_BYTES = 16 * 2 ** 20;

/**
 * Makes chunks of about `chunkBytes` of the record batches of a source: small ones are joined, large ones cut by rows. Where, depends on the bytes, on
 * `chunkBytes` and on `blockRows` alone. Batches with nested columns, and those that contradict themselves, are a chunk each.
 */
export class Chunker {
  readonly #options: ChunkerOptions;
  readonly #flat: boolean;
  #index = 0;
  #joined: JoinedChunk | undefined;

  constructor(options: ChunkerOptions) {
    this.#options = options;
    this.#flat = areFlat(options.fields);
  }

  /** The chunks of one more record batch, whose body is read here. */
  async *add(batch: CutBatch): AsyncGenerator<Chunk, void, undefined> {
    const { cutter, codec } = this.#options;
    const glance = glanceAtBatch(batch.head, batch.where);
    if (this.#isSmall(batch.head) && (glance.codec === undefined || glance.codec === codec)) {
      if (this.#joined?.takes(batch.head, batch.context) !== true) yield* this.flush();
      this.#joined ??= new JoinedChunk(this.#options, batch.context);
      return this.#joined.add(batch.head, glance.rows);
    }
    yield* this.flush();
    const head = checkBatchHead(batch.head, batch.where);
    const cut = head.codec === undefined ? this.#cutsOf(head.rows, batch.head.body.length) : [];
    const { source } = this.#options;
    // Views name data anywhere in the body.
    if (cut.length > 1 && batch.head.body.length > HELD_BYTES && isSeekable(source) && head.viewBuffers.length === 0) {
      const rowCut = openRowCut(batch.head, head, this.#options.fields, fileBody(source, batch), batch.where);
      if (rowCut !== undefined) return yield* this.#fromFile(batch, head, cut, rowCut);
    }
    const message = await cutter.body(batch.head);
    if (head.codec === undefined) return yield* this.#fromMemory(batch, message, head, cut);
    const isLarge = this.#flat && unpackedBytes(message, head) > HELD_BYTES;
    // Files put together from several may change their codec half-way: what the workers do not have is unpacked here.
    if (head.codec === codec && !isLarge) return yield this.#chunk(batch, message.bytes);
    const opened = openMessage(await this.#options.plain.batch(message, head, batch.where), batch.where);
    cutter.recycle(message.bytes.buffer as ArrayBuffer);
    yield* this.#fromMemory(batch, opened, checkBatchHead(opened, batch.where), this.#cutsOf(head.rows, opened.body.length));
  }

  /** What is joined so far. */
  *flush(): Generator<Chunk, void, undefined> {
    const joined = this.#joined;
    if (joined === undefined) return;
    this.#joined = undefined;
    const { bytes, offset, context } = joined.finish();
    yield { index: this.#index++, bytes, offset, ...(context === undefined ? {} : { context }) };
  }

  /** Reads runs of rows from where they stand in a plain file; all bytes pass the digest beside that. */
  async *#fromFile(batch: CutBatch, head: BatchHead, cuts: readonly Cut[], rowCut: RowCut): AsyncGenerator<Chunk, void, undefined> {
    const { cutter } = this.#options;
    const end = bodyStart(batch.head) + batch.head.body.length;
    for (const group of grouped(cuts, (HELD_BYTES * head.rows) / batch.head.body.length)) {
      const from = group[0]?.from ?? 0;
      const to = group[group.length - 1]?.to ?? from;
      const message = openMessage(await rowCut(from, to, (bytes) => cutter.take(bytes)), batch.where);
      await cutter.skipTo(to === head.rows ? end : sourceByte(batch.head, to / head.rows));
      yield* this.#fromMemory(batch, message, checkBatchHead(message, batch.where), group, head.rows);
    }
  }

  /** Cuts a batch that is in memory, or a run of its rows; what is not to be cut, or cannot be, is one chunk. `rows` are those of the whole batch. */
  async *#fromMemory(
    batch: CutBatch,
    message: Message,
    head: BatchHead,
    cuts: readonly Cut[],
    rows: number = head.rows,
  ): AsyncGenerator<Chunk, void, undefined> {
    const { cutter, fields } = this.#options;
    const rowCut = cuts.length > 1 ? openRowCut(message, head, fields, bodyOf(message), batch.where) : undefined;
    if (rowCut === undefined) return yield this.#chunk(batch, message.bytes, cuts[cuts.length - 1]?.to ?? rows, rows);
    const first = cuts[0]?.from ?? 0;
    for (const { from, to } of cuts) {
      const bytes = await rowCut(from - first, to - first, (total) => cutter.take(total));
      yield this.#chunk(batch, bytes, to, rows);
    }
    cutter.recycle(message.bytes.buffer as ArrayBuffer);
  }

  /** A chunk of the rows up to `to` of so many. */
  #chunk({ head, context }: CutBatch, bytes: Uint8Array, to = 1, rows = 1): Chunk {
    const offset = head.source.byte;
    const sourceBytes = sourceByte(head, rows === 0 ? 1 : to / rows) - offset;
    return { index: this.#index++, bytes, offset, sourceBytes, ...(context === undefined ? {} : { context }) };
  }

  /** Such a batch is not worth a chunk of its own. A chunk's places are those of the source, so it is joined only where it stands in today's form. */
  #isSmall(head: MessageHead): boolean {
    const { join, chunkBytes } = this.#options;
    const bytes = messageBytes(head);
    return join && this.#flat && bytes <= chunkBytes / 2 && bytes % 8 === 0 && head.source.metadataBytes === head.body.at;
  }

  /** Where a batch is cut: at whole blocks, the last piece up to half as long again. One piece for a batch that is not to be cut. */
  #cutsOf(rows: number, bodyBytes: number): readonly Cut[] {
    const { chunkBytes, blockRows } = this.#options;
    if (!this.#flat || rows === 0) return [{ from: 0, to: rows }];
    const unit = blockRows % 8 === 0 ? blockRows : 8 * blockRows;
    const step = unit * Math.max(1, Math.floor((chunkBytes * rows) / (bodyBytes * unit)));
    const cuts: Cut[] = [];
    let from = 0;
    for (; rows - from > 1.5 * step; from += step) cuts.push({ from, to: from + step });
    return [...cuts, { from, to: rows }];
  }
}

/** A run of the rows of a batch; `from` is a multiple of 8. */
interface Cut {
  readonly from: number;
  readonly to: number;
}

/** Runs that follow each other, up to so many rows together, or one. */
function* grouped(cuts: readonly Cut[], rows: number): Generator<readonly Cut[], void, undefined> {
  let group: Cut[] = [];
  for (const cut of cuts) {
    if (group.length > 0 && cut.to - (group[0]?.from ?? 0) > rows) {
      yield group;
      group = [];
    }
    group.push(cut);
  }
  if (group.length > 0) yield group;
}

function bodyStart({ source }: MessageHead): number {
  return source.byte + source.metadataBytes;
}

/** How far in the source a share of the rows of a batch reaches, as far as that can be said: columns stand one behind the other. */
function sourceByte(head: MessageHead, share: number): number {
  return bodyStart(head) + Math.floor(head.body.length * share);
}

/** The body of a batch that stays in its file. */
function fileBody(source: SeekableSource, { head, where }: CutBatch): Body {
  const start = bodyStart(head);
  const fill = async (into: Uint8Array, offset: number): Promise<void> => {
    if (into.length > 0 && (await source.readAt(into, start + offset)) < into.length) throw truncated(where, 'the body of a message is not whole');
  };
  return {
    fill,
    bytes: async (offset, length) => {
      const into = new Uint8Array(length);
      await fill(into, offset);
      return into;
    },
  };
}
