import type { FileHandle } from 'node:fs/promises';

/** A line of a journal file as it stands. */
export interface Line {
  /** Counts from 1. */
  readonly number: number;
  /** Without its newline. Emptied where it is longer than MAX_LINE_BYTES. */
  readonly bytes: Buffer;
  /** False where the file ends before a newline. */
  readonly terminated: boolean;
}

/** Longer lines are none of ours: our own are a few KB. They are read over in bounded memory. */
export const MAX_LINE_BYTES = 64 * 1024 * 1024;
const NEWLINE = 0x0a;

/** The lines of an open file from its start; the caller closes it. */
export async function* readLines(file: FileHandle): AsyncGenerator<Line, void, undefined> {
  const piece = Buffer.allocUnsafe(256 * 1024);
  let parts: Buffer[] = [];
  let held = 0;
  let number = 0;
  const hold = (part: Buffer): void => {
    held += part.length;
    if (held > MAX_LINE_BYTES) parts = [];
    else parts.push(Buffer.from(part));
  };
  const take = (terminated: boolean): Line => {
    const line = { number: ++number, bytes: Buffer.concat(parts), terminated };
    parts = [];
    held = 0;
    return line;
  };
  for (let position = 0; ;) {
    const { bytesRead } = await file.read(piece, 0, piece.length, position);
    if (bytesRead === 0) break;
    position += bytesRead;
    let from = 0;
    for (let to = piece.indexOf(NEWLINE); to !== -1 && to < bytesRead; to = piece.indexOf(NEWLINE, from)) {
      hold(piece.subarray(from, to));
      from = to + 1;
      yield take(true);
    }
    hold(piece.subarray(from, bytesRead));
  }
  if (held > 0) yield take(false);
}
