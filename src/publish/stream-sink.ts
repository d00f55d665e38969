import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { InterruptedError, type ScorelineError } from '../errors/errors.js';
import { OutputDigest } from './digest.js';
import { outputFailure, type Attempt } from './failure.js';
import type { Sink } from './sink.js';

export interface StreamSinkOptions {
  /** stdout: is flushed at the end but neither ended nor destroyed, the process may have more to say on it. */
  readonly keepOpen?: boolean;
  /** A stream of the library's user may hand the very buffer on (PassThrough does) and say that it is written: it gets a copy of its own. */
  readonly handsOn?: boolean;
  /** False: nobody will ask for a digest. */
  readonly hashed?: boolean;
}

/**
 * A sink over a Writable: stdout, a FIFO, or a stream of the library's user. Each write waits until the stream has taken it, which is the back-pressure.
 * A reader that goes away is InterruptedError `pipe-closed`.
 */
export function openStreamSink(stream: Writable, name: string, options: StreamSinkOptions = {}): Sink {
  return new StreamSink(stream, name, options);
}

class StreamSink implements Sink {
  readonly name: string;
  readonly path = undefined;
  readonly visible = true;
  bytes = 0;
  readonly #stream: Writable;
  readonly #keepOpen: boolean;
  readonly #handsOn: boolean;
  readonly #digest: OutputDigest;
  #failure: ScorelineError | undefined;
  #ended = false;
  /** Ends the write under way, which a reader that stopped reading may hold for ever. */
  #interrupt: ((error: Error) => void) | undefined;

  constructor(stream: Writable, name: string, { keepOpen = false, handsOn = false, hashed = true }: StreamSinkOptions) {
    this.#stream = stream;
    this.name = name;
    this.#keepOpen = keepOpen;
    this.#handsOn = handsOn;
    this.#digest = new OutputDigest(hashed);
    // Errors come back through each write's own callback; without a listener the event would end the process as well.
    stream.on('error', this.#onError);
  }

  digest(): string {
    return this.#digest.hex();
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (bytes.length === 0) return;
    await this.#attempt('write', () => this.#push(bytes));
    this.#digest.update(bytes);
    this.bytes += bytes.length;
  }

  async finish(): Promise<void> {
    if (!this.#keepOpen) {
      await this.#attempt('write', async () => {
        const done = finished(this.#stream, { readable: false, cleanup: true });
        this.#stream.end();
        await Promise.race([done, this.#interruption()]);
      });
    }
    this.#ended = true;
    this.#stream.off('error', this.#onError);
  }

  async reveal(): Promise<void> {}

  abort(cause?: Error): Promise<void> {
    if (this.#ended) return Promise.resolve();
    this.#ended = true;
    const error = cause ?? new InterruptedError('interrupted', `writing '${this.name}' was given up`);
    this.#failure ??= outputFailure(error, { name: this.name, action: 'write', bytes: this.bytes });
    this.#interrupt?.(error);
    // The listener stays: a write that is still under way may fail after us.
    if (!this.#keepOpen) this.#stream.destroy(error);
    return Promise.resolve();
  }

  readonly #onError = (error: Error): void => {
    this.#failure ??= outputFailure(error, { name: this.name, action: 'write', bytes: this.bytes });
    this.#interrupt?.(error);
  };

  #push(bytes: Uint8Array): Promise<void> {
    const taken = new Promise<void>((resolve, reject) => {
      this.#stream.write(this.#handsOn ? Buffer.from(bytes) : bytes, (error) => (error ? reject(error) : resolve()));
    });
    return Promise.race([taken, this.#interruption()]);
  }

  #interruption(): Promise<never> {
    return new Promise<never>((_, reject) => {
      this.#interrupt = reject;
    });
  }

  async #attempt(action: Attempt['action'], act: () => Promise<void>): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    try {
      await act();
    } catch (error) {
      this.#failure ??= outputFailure(error, { name: this.name, action, bytes: this.bytes });
      throw this.#failure;
    } finally {
      this.#interrupt = undefined;
    }
  }
}
