import type { ByteSource } from '../source.js';

const BUFFER_BYTES = 2 ** 18;

/**
 * A plain file read in large pieces, whatever is asked for: a file of many small messages would cost several system calls for each. Not for pipes: what
 * is there must be given on at once. Digest and `close` stay with the source.
 */
export class ReadAhead implements ByteSource {
  readonly name: string;
  readonly size: number | undefined;
  readonly isPipe: boolean;
  readonly readAt?: (into: Uint8Array, position: number) => Promise<number>;
  /** Bytes given on so far. */
  position: number;
  readonly #source: ByteSource;
  readonly #buffer = new Uint8Array(BUFFER_BYTES);
  /** What was read and not given on yet. */
  #rest = new Uint8Array(0);

  constructor(source: ByteSource) {
    this.#source = source;
    this.name = source.name;
    this.size = source.size;
    this.isPipe = source.isPipe;
    this.position = source.position;
    const readAt = source.readAt?.bind(source);
    if (readAt !== undefined) this.readAt = readAt;
  }

  async peek(length: number): Promise<Uint8Array> {
    return this.#rest.length === 0 ? this.#source.peek(length) : this.#rest.subarray(0, length);
  }

  async read(into: Uint8Array): Promise<number> {
    let filled = this.#take(into);
    while (filled < into.length) {
      const left = into.subarray(filled);
      const large = left.length >= BUFFER_BYTES;
      const count = await this.#source.read(large ? left : this.#buffer);
      if (count === 0) break;
      if (!large) this.#rest = this.#buffer.subarray(0, count);
      filled += large ? count : this.#take(left);
    }
    this.position += filled;
    return filled;
  }

  /** A file never waits. */
  arrival(): Promise<boolean> {
    return Promise.resolve(true);
  }

  async readSome(into: Uint8Array): Promise<number | undefined> {
    const count = await this.read(into);
    return count === 0 && into.length > 0 ? undefined : count;
  }

  digest(): string {
    return this.#source.digest();
  }

  close(): Promise<void> {
    return this.#source.close();
  }

  #take(into: Uint8Array): number {
    const count = Math.min(into.length, this.#rest.length);
    into.set(this.#rest.subarray(0, count));
    this.#rest = this.#rest.subarray(count);
    return count;
  }
}
