/**
 * What some rows hold, column by column: cells with their counts, and terms whose exact sums are those of the values and of their squares. A term is an integer and the exponent
 * of its unit, one after the other. Plain data; its buffers may be transferred.
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

export function buffersOf(delta: NumberDelta): ArrayBuffer[] {
  return Object.values(delta).map((list: Uint8Array | Int32Array | Uint32Array | Float64Array) => list.buffer as ArrayBuffer);
}
