import { createHash, type Hash } from 'node:crypto';
import { DefectError } from '../errors/errors.js';
import type { Origin } from './origin.js';
import type { ByteSource } from './source.js';
import { inTime } from './in-time.js';

/** The look ahead, the digest and the position, the same for every origin. `hashed` false: without a digest. */
export class ForwardSource implements ByteSource {
  readonly name: string;
  readonly size: number | undefined;
  readonly isPipe: boolean;
  readonly readAt?: (into: Uint8Array, position: number) => Promise<number>;
  position = 0;
  readonly #origin: Origin;
  readonly #hash: Hash | undefined;
  /** Bytes looked at and not yet read. */
  #ahead = Buffer.alloc(0);
  #ended = false;

  constructor(origin: Origin, hashed: boolean) {
    this.name = origin.name;
    this.size = origin.size;
    this.isPipe = origin.isPipe;
    this.#origin = origin;
    this.#hash = hashed ? createHash('sha256') : undefined;
    if (origin.readAt !== undefined) this.readAt = origin.readAt;
  }

  async peek(length: number, least = length): Promise<Uint8Array> {
    if (this.#ahead.length < least) {
      const grown = Buffer.alloc(length);
      this.#ahead.copy(grown);
      this.#ahead = grown.subarray(0, await this.#fill(grown, this.#ahead.length, least));
    }
    return this.#ahead.subarray(0, length);
  }

  async read(into: Uint8Array): Promise<number> {
    const known = this.#takeAhead(into);
    return this.#passed(into, await this.#fill(into, known, into.length));
  }

  async arrival(ms: number): Promise<boolean> {
    if (this.#ahead.length > 0 || this.#ended || this.#origin.arrival === undefined) return true;
    return inTime(this.#origin.arrival(), ms);
  }

  async readSome(into: Uint8Array): Promise<number | undefined> {
    const known = this.#takeAhead(into);
    const count = known > 0 ? known : await this.#fill(into, 0, Math.min(1, into.length));
    return count === 0 && this.#ended ? undefined : this.#passed(into, count);
  }

  digest(): string {
    if (this.#hash === undefined) throw new DefectError(`${this.name} was opened without a digest`);
    return this.#hash.copy().digest('hex');
  }

  async close(): Promise<void> {
    this.#ended = true;
    await this.#origin.close();
  }

  #takeAhead(into: Uint8Array): number {
    const known = Math.min(into.length, this.#ahead.length);
    into.set(this.#ahead.subarray(0, known));
    this.#ahead = this.#ahead.subarray(known);
    return known;
  }

  #passed(into: Uint8Array, count: number): number {
    this.#hash?.update(into.subarray(0, count));
    this.position += count;
    return count;
  }

  /** Fills `into` from `from` on until `least` bytes stand in it, or the source ends; gives how many stand in it then. */
  async #fill(into: Uint8Array, from: number, least: number): Promise<number> {
    let filled = from;
    while (filled < least && !this.#ended) {
      const count = await this.#origin.pull(into.subarray(filled));
      if (count === 0) this.#ended = true;
      filled += count;
    }
    return filled;
  }
}
