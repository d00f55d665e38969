import { close, write } from 'node:fs';
import { promisify } from 'node:util';
import type { ScorelineError } from '../errors/errors.js';
import { OutputDigest } from './digest.js';
import { outputFailure } from './failure.js';
import type { Sink } from './sink.js';
import { writeAll, type ByteWriter } from '../files/write-all.js';

const closeOf = promisify(close);

/**
 * A sink over an open descriptor that never says "try later": /dev/null, /dev/full, a terminal, or stdout where the shell has sent it to a file. Node's
 * own stdout does not check how much of a write such a file took; this does.
 *
 * @param keepOpen the descriptor is not ours to close: stdout.
 * @param hashed false: nobody will ask for a digest.
 */
export function openDeviceSink(descriptor: number, name: string, keepOpen: boolean, hashed = true): Sink {
  return new DeviceSink(descriptor, name, keepOpen, hashed);
}

class DeviceSink implements Sink {
  readonly name: string;
  readonly path = undefined;
  readonly visible = true;
  bytes = 0;
  readonly #descriptor: number;
  readonly #keepOpen: boolean;
  readonly #digest: OutputDigest;
  readonly #writer: ByteWriter;
  #failure: ScorelineError | undefined;
  #open = true;
  #busy: Promise<void> = Promise.resolve();

  constructor(descriptor: number, name: string, keepOpen: boolean, hashed: boolean) {
    this.#descriptor = descriptor;
    this.name = name;
    this.#keepOpen = keepOpen;
    this.#digest = new OutputDigest(hashed);
    this.#writer = { write: (bytes, offset, length) => writeSome(descriptor, bytes, offset, length) };
  }

  digest(): string {
    return this.#digest.hex();
  }

  write(bytes: Uint8Array): Promise<void> {
    return this.#attempt(() =>
      writeAll(this.#writer, bytes, (taken) => {
        this.#digest.update(taken);
        this.bytes += taken.length;
      }),
    );
  }

  finish(): Promise<void> {
    return this.#attempt(() => this.#close());
  }

  async reveal(): Promise<void> {}

  async abort(): Promise<void> {
    // The descriptor must not be closed, and its number given to another file, under a write that is under way.
    await this.#busy;
    await this.#close().catch(() => undefined);
  }

  async #close(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    if (!this.#keepOpen) await closeOf(this.#descriptor);
  }

  async #attempt(act: () => Promise<void>): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    const attempt = act();
    this.#busy = attempt.catch(() => undefined);
    try {
      await attempt;
    } catch (error) {
      this.#failure = outputFailure(error, { name: this.name, action: 'write', bytes: this.bytes });
      throw this.#failure;
    }
  }
}

function writeSome(descriptor: number, bytes: Uint8Array, offset: number, length: number): Promise<{ bytesWritten: number }> {
  return new Promise((resolve, reject) => {
    write(descriptor, bytes, offset, length, null, (error, bytesWritten) => (error === null ? resolve({ bytesWritten }) : reject(error)));
  });
}
