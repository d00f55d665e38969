import type { Growing } from './growing.js';

/**
 * What some rows hold, column by column: cells with their counts, and terms whose exact sums are those of the values and of their squares. A term is an integer and the exponent
 * of its unit, one after the other. Plain data, all in one buffer, which may be transferred.
 */
export interface NumberDelta {
  /** By column: bits of its grid, and how many entries of each list are its own. */
  readonly bits: Uint8Array;
  readonly cellCount: Int32Array;
  readonly valueTerms: Int32Array;
  readonly squareTerms: Int32Array;
  /** Of all columns, one after the other. A cell may stand twice. */
  readonly cells: Int32Array;
  readonly counts: Uint32Array;
  readonly values: Float64Array;
  readonly squares: Float64Array;
}

export type DeltaHeads = Pick<NumberDelta, 'bits' | 'cellCount' | 'valueTerms' | 'squareTerms'>;

interface DeltaLists {
  readonly cells: Growing<Int32Array>;
  readonly counts: Growing<Uint32Array>;
  readonly values: Growing<Float64Array>;
  readonly squares: Growing<Float64Array>;
}

/** A delta of what was written to lists, which then begin anew. One buffer: each that goes to another thread costs some microseconds. */
export function packDelta(heads: DeltaHeads, { cells, counts, values, squares }: DeltaLists): NumberDelta {
  const columns = heads.bits.length;
  const buffer = new ArrayBuffer(8 * (values.length + squares.length) + 4 * (cells.length + counts.length + 3 * columns) + columns);
  let end = 0;
  // the widest first: each stands at a multiple of its width
  const next = (bytes: number): number => (end += bytes) - bytes;
  return {
    values: values.moveTo(new Float64Array(buffer, next(8 * values.length), values.length)),
    squares: squares.moveTo(new Float64Array(buffer, next(8 * squares.length), squares.length)),
    cells: cells.moveTo(new Int32Array(buffer, next(4 * cells.length), cells.length)),
    counts: counts.moveTo(new Uint32Array(buffer, next(4 * counts.length), counts.length)),
    cellCount: copyTo(new Int32Array(buffer, next(4 * columns), columns), heads.cellCount),
    valueTerms: copyTo(new Int32Array(buffer, next(4 * columns), columns), heads.valueTerms),
    squareTerms: copyTo(new Int32Array(buffer, next(4 * columns), columns), heads.squareTerms),
    bits: copyTo(new Uint8Array(buffer, next(columns), columns), heads.bits),
  };
}

function copyTo<T extends Int32Array | Uint8Array>(into: T, from: T): T {
  into.set(from);
  return into;
}

export function bufferOf(delta: NumberDelta): ArrayBuffer {
  return delta.cells.buffer as ArrayBuffer;
}
