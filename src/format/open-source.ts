import { createHash, type Hash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { openFileOrigin } from './file-origin.js';
import type { Origin } from './origin.js';
import type { ByteSource } from './source.js';
import { openStreamOrigin } from './stream-origin.js';

/**
 * Opens an input: a path, `-` for the given stdin, or any Node stream of bytes. A path that is a FIFO or a device counts as a pipe.
 * Errors: `input-missing` (66), `input-permission` (77), `input-is-directory` (65), `read-failed` (74), `stream-used` (64). The caller closes the source.
 */
export async function openSource(input: string | Readable, stdin: Readable): Promise<ByteSource> {
  if (input === '-') return openStreamSource(stdin, 'stdin');
  return typeof input === 'string' ? openFileSource(input) : openStreamSource(input, 'stream');
}

/** Opens a file, FIFO or device by its path; see openSource for the errors. */
export async function openFileSource(path: string): Promise<ByteSource> {
  return new ForwardSource(await openFileOrigin(path));
}

/** Reads a Node stream; `close` destroys it. Strings are taken as UTF-8; a stream of other objects is a UsageError (`stream-of-objects`). */
export function openStreamSource(stream: Readable, name: string): ByteSource {
  return new ForwardSource(openStreamOrigin(stream, name));
}

/** The look ahead, the digest and the position, the same for every origin. */
class ForwardSource implements ByteSource {
  readonly name: string;
  readonly size: number | undefined;
  readonly isPipe: boolean;
  readonly readAt?: (into: Uint8Array, position: number) => Promise<number>;
  position = 0;
  readonly #origin: Origin;
  readonly #hash: Hash = createHash('sha256');
  /** Bytes looked at and not yet read. */
  #ahead = Buffer.alloc(0);
  #ended = false;

  constructor(origin: Origin) {
    this.name = origin.name;
    this.size = origin.size;
    this.isPipe = origin.isPipe;
    this.#origin = origin;
    if (origin.readAt !== undefined) this.readAt = origin.readAt;
  }

  async peek(length: number): Promise<Uint8Array> {
    if (this.#ahead.length < length) {
      const grown = Buffer.alloc(length);
      this.#ahead.copy(grown);
      this.#ahead = grown.subarray(0, await this.#fill(grown, this.#ahead.length));
    }
    return this.#ahead.subarray(0, length);
  }

  async read(into: Uint8Array): Promise<number> {
    const known = Math.min(into.length, this.#ahead.length);
    into.set(this.#ahead.subarray(0, known));
    this.#ahead = this.#ahead.subarray(known);
    const filled = await this.#fill(into, known);
    this.#hash.update(into.subarray(0, filled));
    this.position += filled;
    return filled;
  }

  digest(): string {
    return this.#hash.copy().digest('hex');
  }

  async close(): Promise<void> {
    this.#ended = true;
    await this.#origin.close();
  }

  async #fill(into: Uint8Array, from: number): Promise<number> {
    let filled = from;
    while (filled < into.length && !this.#ended) {
      const count = await this.#origin.pull(into.subarray(filled));
      if (count === 0) this.#ended = true;
      filled += count;
    }
    return filled;
  }
}
