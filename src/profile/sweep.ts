/**
 * The loops over a column's values and cells. All addresses are in bytes, of one memory; entries of lists and counts have four bytes. A raw cell is sign, exponent
 * and first mantissa bits as they stand in the float32. Counts of all raw cells are zero between columns.
 */
export interface SweepLoops {
  /**
   * Counts the float32 values at `at`, `at + stride`, ... below `end` by raw cell, lists the cells that were met first at `touched`, and adds up values and squares. Gives
   * the end of that list. `floor`: values whose magnitude bits, less one, are below it are counted but not added up: their bits are listed at `small`, and the end of that list
   * is left in `OUT.small`, as are the sums. `anchor` is 1.5 * 2^52 units of the cut: adding and taking it rounds a square to these. Every square of a float32 is exact in
   * a double, and so are the sums, as long as the caller's span holds: see number-sketch.ts. No value may be NaN or infinite. Room in both lists: an entry a value, and one.
   */
  sweep: Sweep;
  /** The same, passing over NaN. */
  sweepPresent: Sweep;
  /** How many of the float32 values at `at`, `at + stride`, ... below `end` are not NaN. */
  present(at: number, end: number, stride: number): number;
  /** Turns the raw cells of a list into cells of grid.ts, in place, moves their counts to the list `taken`, and leaves zeros. Of a grid of b bits `sign` is 2^(8+b) and `normal` 2^b. */
  drain(from: number, end: number, counts: number, taken: number, sign: number, normal: number): number;
  /** Turns raw cells and their counts into those of the next coarser grid; gives the end of the list. `taken`: room for as many entries. */
  fold(from: number, end: number, counts: number, taken: number): number;
  /**
   * Widens the bounds of the columns of a matrix of float32 by its rows from `at` to below `end`, each `stride` bytes long. Three lists at `bounds`, each `span` bytes long: a multiple of
   * 16, which is at least the stride. Least values, greatest values, greatest magnitude bits; NaN is in the last alone. Entries beyond the columns hold anything.
   */
  bounds(at: number, end: number, stride: number, bounds: number, span: number): number;
  /** Counts the 32-bit words at `at`, `at + stride`, ... below `end`: each is the place of its count, and those from `last` on are counted there. */
  tally(at: number, end: number, stride: number, counts: number, last: number): number;
  /** How many raw cells of a list are zero, of either sign, or nearer to it than the least normal. */
  zeros(from: number, end: number, sign: number, normal: number): number;
}

type Sweep = (
  at: number,
  end: number,
  stride: number,
  counts: number,
  shift: number,
  touched: number,
  small: number,
  floor: number,
  anchor: number,
) => number;

/** Where a sweep leaves its results. */
export const OUT = { sum: 0, high: 8, low: 16, small: 24 } as const;
/** Bits of the float32 infinity; those of a greater magnitude are NaN. */
export const INFINITY_BITS = 0x7f800000;
/** The first address that is free. */
export const AFTER_OUT = 32;

/** Loops and the memory that they work on. Growing it leaves what is in it, and makes buffers taken before useless. */
export interface SweepMachine {
  readonly loops: SweepLoops;
  buffer(): ArrayBuffer;
  grow(bytes: number): void;
}
