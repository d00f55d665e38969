import type { Readable } from 'node:stream';
import { ScorelineError, UsageError } from '../errors/errors.js';
import { readError, type Origin } from './origin.js';

/** Pulls from a Node stream by its async iterator, which honours backpressure; closing destroys the stream. */
export function openStreamOrigin(stream: Readable, name: string): Origin {
  if (stream.destroyed || stream.readableEnded) {
    const state = stream.readableEnded ? 'read to its end' : 'closed';
    throw new UsageError('stream-used', `found a stream that is already ${state}, expected one with its bytes still to come`, {
      place: { file: name },
      fix: 'Give each run a stream of its own.',
    });
  }
  return new StreamOrigin(stream, name);
}

class StreamOrigin implements Origin {
  readonly name: string;
  readonly size = undefined;
  readonly isPipe = true;
  readonly #stream: Readable;
  readonly #pieces: AsyncIterator<unknown>;
  #rest: Uint8Array = new Uint8Array(0);
  #ended = false;
  /** The wait for the next piece, which may be left and taken up again: the piece must not be lost. */
  #arriving: Promise<void> | undefined;

  constructor(stream: Readable, name: string) {
    this.name = name;
    this.#stream = stream;
    this.#pieces = stream[Symbol.asyncIterator]() as AsyncIterator<unknown>;
  }

  async pull(into: Uint8Array): Promise<number> {
    await this.arrival();
    const count = Math.min(into.length, this.#rest.length);
    into.set(this.#rest.subarray(0, count));
    this.#rest = this.#rest.subarray(count);
    return count;
  }

  arrival(): Promise<void> {
    return (this.#arriving ??= this.#arrive().finally(() => (this.#arriving = undefined)));
  }

  close(): Promise<void> {
    // Not `pieces.return()`: it would wait behind a read that may never come back.
    this.#stream.destroy();
    return Promise.resolve();
  }

  async #arrive(): Promise<void> {
    while (this.#rest.length === 0 && !this.#ended) {
      const piece = await nextPiece(this.#pieces, this.name);
      if (piece === undefined) this.#ended = true;
      else this.#rest = piece;
    }
  }
}

async function nextPiece(pieces: AsyncIterator<unknown>, name: string): Promise<Uint8Array | undefined> {
  let step: IteratorResult<unknown>;
  try {
    step = await pieces.next();
  } catch (error) {
    throw error instanceof ScorelineError ? error : readError(name, error);
  }
  if (step.done === true) return undefined;
  if (step.value instanceof Uint8Array) return step.value;
  if (typeof step.value === 'string') return Buffer.from(step.value);
  throw new UsageError('stream-of-objects', `found a stream of ${step.value === null ? 'null' : typeof step.value}s, expected a stream of bytes`, {
    place: { file: name },
    fix: 'Give a stream that is not in object mode.',
  });
}
