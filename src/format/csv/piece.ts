import type { ByteSource } from '../source.js';

const LF = 10;
const CR = 13;
/** How many buffers are kept to be used again: more than are ever on their way at once. */
const SPARE_BUFFERS = 32;

export interface PieceOptions {
  /** How many bytes are gathered before they are cut. */
  readonly chunkBytes: number;
  readonly recordLimitBytes: number;
  /** Bytes do not wait longer than this for more to come behind them; undefined: for as long as it takes. */
  readonly flushMs?: number | undefined;
}

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
  readonly #flushMs: number | undefined;
  /** When the first bytes came since some were cut off; undefined while none have, or those that have are known to be no whole record. */
  #since: number | undefined;
  readonly #spare: ArrayBuffer[] = [];

  constructor(source: ByteSource, { chunkBytes, recordLimitBytes, flushMs }: PieceOptions) {
    this.#source = source;
    this.#usualBytes = chunkBytes;
    // The longest record, the byte behind it, and the one that tells a CR from a CRLF.
    this.#mostBytes = Math.max(chunkBytes, recordLimitBytes + 4);
    this.#flushMs = flushMs;
    this.offset = source.position;
    this.bytes = new Uint8Array(chunkBytes);
  }

  /** A record that is not whole in these bytes is beyond the limit. */
  get isFull(): boolean {
    return this.filled >= this.#mostBytes;
  }

  /** Reads until the buffer is full, the source ends, or what came first has waited for `flushMs`. There is at least one byte more then, but at the end. */
  async fill(): Promise<void> {
    if (this.#flushMs === undefined) await this.#fillUp();
    else await this.#fillInTime(this.#flushMs);
  }

  /** No record is whole in what there is: reads on, with more room where that is needed. */
  async more(): Promise<void> {
    this.#since = undefined;
    if (this.filled === this.bytes.length) this.#grow();
    await this.fill();
  }

  /** Cuts off the first `count` bytes as a chunk that owns its buffer. */
  take(count: number): Uint8Array<ArrayBuffer> {
    const taken = this.bytes.subarray(0, count);
    const left = this.bytes.subarray(count, this.filled);
    this.bytes = this.#buffer(left.length);
    this.bytes.set(left);
    this.filled = left.length;
    this.offset += count;
    this.#since = undefined;
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
    if (this.filled < 2 && !this.ended) await this.more();
    await this.#drop(this.bytes[0] === CR && this.filled > 1 && this.bytes[1] === LF ? 2 : 1);
    return head;
  }

  /** Takes a buffer back to be used again. */
  recycle(buffer: ArrayBuffer): void {
    if (buffer.byteLength === this.#usualBytes && this.#spare.length < SPARE_BUFFERS) this.#spare.push(buffer);
  }

  async #fillUp(): Promise<void> {
    if (this.ended || this.filled === this.bytes.length) return;
    const asked = this.bytes.subarray(this.filled);
    const count = await this.#source.read(asked);
    this.filled += count;
    this.ended = count < asked.length;
  }

  async #fillInTime(flushMs: number): Promise<void> {
    while (!this.ended && this.filled < this.bytes.length) {
      const left = this.#since === undefined ? Infinity : this.#since + flushMs - performance.now();
      if (!(await this.#source.arrival(left))) return;
      const count = await this.#source.readSome(this.bytes.subarray(this.filled));
      if (count === undefined) this.ended = true;
      else if (count > 0) {
        this.filled += count;
        this.#since ??= performance.now();
      }
    }
  }

  /** Doubles the room. */
  #grow(): void {
    const grown = new Uint8Array(Math.min(this.bytes.length * 2, this.#mostBytes));
    grown.set(this.bytes.subarray(0, this.filled));
    this.recycle(this.bytes.buffer);
    this.bytes = grown;
  }

  async #drop(count: number): Promise<void> {
    this.recycle(this.take(count).buffer);
    await this.fill();
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
