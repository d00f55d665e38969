import type { ChunkContext } from '../format.js';
import { messageBytes, type MessageCutter, type MessageHead } from './message.js';

/** A chunk holds at least a block of rows, but no more bytes than so many times what is asked for: metadata may be all that batches hold. */
const MOST_TIMES = 8;

export interface JoinedChunkOptions {
  readonly cutter: MessageCutter;
  readonly chunkBytes: number;
  readonly blockRows: number;
}

/** Record batches that follow each other in the source, put together to one chunk: their messages one behind the other, as they stand there. */
export class JoinedChunk {
  readonly #options: JoinedChunkOptions;
  readonly #context: ChunkContext | undefined;
  #offset = 0;
  #rows = 0;
  #bytes: Uint8Array;
  #end = 0;

  constructor(options: JoinedChunkOptions, context: ChunkContext | undefined) {
    this.#options = options;
    this.#context = context;
    this.#bytes = options.cutter.take(options.chunkBytes);
  }

  /** Is there room for one more batch, with the same dictionaries, that stands right behind the last one? */
  takes(head: MessageHead, context: ChunkContext | undefined): boolean {
    const { chunkBytes, blockRows } = this.#options;
    const end = this.#end + messageBytes(head);
    const room = end <= chunkBytes || (this.#rows < blockRows && end <= MOST_TIMES * chunkBytes);
    return room && context === this.#context && head.source.byte === this.#offset + this.#end;
  }

  /** Reads one more batch. Throws InputError (`arrow-truncated`). */
  async add(head: MessageHead, rows: number): Promise<void> {
    if (this.#end === 0) this.#offset = head.source.byte;
    const end = this.#end + messageBytes(head);
    if (end > this.#bytes.length) this.#grow(end);
    await this.#options.cutter.bodyInto(head, this.#bytes.subarray(this.#end, end));
    this.#end = end;
    this.#rows += rows;
  }

  finish(): { readonly bytes: Uint8Array; readonly offset: number; readonly context: ChunkContext | undefined } {
    return { bytes: this.#bytes.subarray(0, this.#end), offset: this.#offset, context: this.#context };
  }

  #grow(needed: number): void {
    const { cutter } = this.#options;
    const more = cutter.take(Math.max(needed, 2 * this.#bytes.length));
    more.set(this.#bytes.subarray(0, this.#end));
    cutter.recycle(this.#bytes.buffer as ArrayBuffer);
    this.#bytes = more;
  }
}
