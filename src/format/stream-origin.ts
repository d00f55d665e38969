import type { Readable } from 'node:stream';
import { ScorelineError, UsageError } from '../errors/errors.js';
import { readError, type Origin } from './origin.js';

/** Pulls from a Node stream by its async iterator, which honours backpressure; closing destroys the stream. */
export function openStreamOrigin(stream: Readable, name: string): Origin {
  if (stream.destroyed || stream.readableEnded) {
    const state = stream.readableEnded ? 'read to its end' : 'closed';
    throw new UsageError('stream-used', `found a stream that is already ${state}, expected one with its bytes still to come`, {
      place: { file: name },
    });
  }
  const pieces = stream[Symbol.asyncIterator]() as AsyncIterator<unknown>;
  let rest: Uint8Array = new Uint8Array(0);
  return {
    name,
    size: undefined,
    isPipe: true,
    async pull(into) {
      while (rest.length === 0) {
        const piece = await nextPiece(pieces, name);
        if (piece === undefined) return 0;
        rest = piece;
      }
      const count = Math.min(into.length, rest.length);
      into.set(rest.subarray(0, count));
      rest = rest.subarray(count);
      return count;
    },
    close() {
      // Not `pieces.return()`: it would wait behind a read that may never come back.
      stream.destroy();
      return Promise.resolve();
    },
  };
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
