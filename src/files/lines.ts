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
const PIECE_BYTES = 256 * 1024;
const NEWLINE = 0x0a;

/** Cuts bytes, as they come, into lines. Copies what it keeps, so that a piece may be used again. */
export class LineCutter {
  #parts: Buffer[] = [];
  #held = 0;
  #number = 0;

  /** The lines that end within this piece. */
  *cut(piece: Buffer): Generator<Line, void, undefined> {
    let from = 0;
    for (let to = piece.indexOf(NEWLINE); to !== -1; to = piece.indexOf(NEWLINE, from)) {
      this.#hold(piece.subarray(from, to));
      from = to + 1;
      yield this.#take(true);
    }
    this.#hold(piece.subarray(from));
  }

  /** What stands behind the last newline; undefined where nothing does. */
  end(): Line | undefined {
    return this.#held > 0 ? this.#take(false) : undefined;
  }

  #hold(part: Buffer): void {
    this.#held += part.length;
    if (this.#held > MAX_LINE_BYTES) this.#parts = [];
    else this.#parts.push(Buffer.from(part));
  }

  #take(terminated: boolean): Line {
    const line = { number: ++this.#number, bytes: Buffer.concat(this.#parts), terminated };
    this.#parts = [];
    this.#held = 0;
    return line;
  }
}

/** The lines of bytes that come in pieces, up to their end. */
export async function* linesOf(pieces: AsyncIterable<Buffer>): AsyncGenerator<Line, void, undefined> {
  const cutter = new LineCutter();
  for await (const piece of pieces) yield* cutter.cut(piece);
  const last = cutter.end();
  if (last !== undefined) yield last;
}

/** The lines of an open file from its start; the caller closes it. */
export function readLines(file: FileHandle): AsyncGenerator<Line, void, undefined> {
  return linesOf(readPieces(file));
}

/** The bytes of an open file from a position to its end, through one buffer: a piece is valid until the next is asked for. */
export async function* readPieces(file: FileHandle, from = 0): AsyncGenerator<Buffer, void, undefined> {
  const piece = Buffer.allocUnsafe(PIECE_BYTES);
  for (let position = from; ;) {
    const { bytesRead } = await file.read(piece, 0, piece.length, position);
    if (bytesRead === 0) return;
    position += bytesRead;
    yield piece.subarray(0, bytesRead);
  }
}
