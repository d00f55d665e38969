import type { ByteSource } from '../source.js';

const LF = 10;
const CR = 13;
/** How many buffers are kept to be used again: more than are ever on their way at once. */
const SPARE_BUFFERS = 32;

/**
 * The bytes in hand of a source, always starting at a record: filled up from the source, cut off at the front as chunks that own their buffers.
 * Grows while no record is whole in it, to at most what tells a record that is too long.
 */
export class Piece {
  /** Absolute position of the first byte. */
  offset: number;
  bytes: Uint8Array<ArrayBuffer>;
  /** Number of bytes in hand. */
  filled = 0;
  /** The source has no more bytes than these. */
  ended = false;
  readonly #source: ByteSource;
  readonly #usualBytes: number;
  readonly #mostBytes: number;
  readonly #spare: ArrayBuffer[] = [];

  constructor(source: ByteSource, chunkBytes: number, recordLimitBytes: number) {
    this.#source = source;
    this.#usualBytes = chunkBytes;
    // The longest record, the byte behind it, and the one that tells a CR from a CRLF.
    this.#mostBytes = Math.max(chunkBytes, recordLimitBytes + 4);
    this.offset = source.position;
    this.bytes = new Uint8Array(chunkBytes);
  }

  /** A record that is not whole in these bytes is beyond the limit. */
  get isFull(): boolean {
    return this.filled >= this.#mostBytes;
  }

  /** Reads until the buffer is full or the source ends. */
  async fill(): Promise<void> {
    if (this.ended || this.filled === this.bytes.length) return;
    const asked = this.bytes.subarray(this.filled);
    const count = await this.#source.read(asked);
    this.filled += count;
    this.ended = count < asked.length;
  }

  /** Doubles the room and fills it. */
  async grow(): Promise<void> {
    const grown = new Uint8Array(Math.min(this.bytes.length * 2, this.#mostBytes));
    grown.set(this.bytes.subarray(0, this.filled));
    this.recycle(this.bytes.buffer);
    this.bytes = grown;
    await this.fill();
  }

  /** Cuts off the first `count` bytes as a chunk that owns its buffer; fills up behind. */
  async take(count: number): Promise<Uint8Array<ArrayBuffer>> {
    const taken = this.bytes.subarray(0, count);
    const left = this.bytes.subarray(count, this.filled);
    this.bytes = this.#buffer(left.length);
    this.bytes.set(left);
    this.filled = left.length;
    this.offset += count;
    await this.fill();
    return taken;
  }

  /**
   * For a record beyond the limit: cuts off its first `count` bytes with a line end put behind them, and drops the rest of its line, however long
   * that is, so that memory stays bounded. The piece is full and holds no line end within its first `count` bytes.
   */
  async takeHead(count: number): Promise<Uint8Array<ArrayBuffer>> {
    const head = new Uint8Array(count + 1);
    head.set(this.bytes.subarray(0, count));
    head[count] = LF;
    await this.#drop(count);
    let end = this.#lineEnd();
    while (end === -1 && this.filled > 0) {
      await this.#drop(this.filled);
      end = this.#lineEnd();
    }
    if (end === -1) return head;
    await this.#drop(end);
    if (this.filled < 2 && !this.ended) await this.grow();
    await this.#drop(this.bytes[0] === CR && this.filled > 1 && this.bytes[1] === LF ? 2 : 1);
    return head;
  }

  /** Takes a buffer back to be used again. */
  recycle(buffer: ArrayBuffer): void {
    if (buffer.byteLength === this.#usualBytes && this.#spare.length < SPARE_BUFFERS) this.#spare.push(buffer);
  }

  async #drop(count: number): Promise<void> {
    this.recycle((await this.take(count)).buffer);
  }

  /** The position of the first line end, -1 where there is none. */
  #lineEnd(): number {
    const text = Buffer.from(this.bytes.buffer, this.bytes.byteOffset, this.filled);
    const lf = text.indexOf(LF);
    const cr = text.subarray(0, lf === -1 ? this.filled : lf).indexOf(CR);
    return cr === -1 ? lf : cr;
  }

  /** Room for at least `least` bytes; of the usual length, and used before, where that will do. */
  #buffer(least: number): Uint8Array<ArrayBuffer> {
    if (least > this.#usualBytes) return new Uint8Array(least);
    const spare = this.#spare.pop();
    return spare === undefined ? new Uint8Array(this.#usualBytes) : new Uint8Array(spare);
  }
}
