import type { Facts } from './facts.js';

/**
 * One element of a row, followed from an input. As far as it has been followed its value is `factor * x + shift` of the input's value x; what is known of it since
 * stands in the other keys. Undefined in the place of a cell: made of several, or in a way that is not followed.
 */
export interface Cell {
  readonly facts: Facts;
  readonly factor: number;
  readonly shift: number;
  /** What the last steps were, where the next may complete them: a centre taken away, or a factor of a column's own. */
  readonly step?: 'centred' | 'scaled';
  /** It says only whether the element is one of these texts; undefined within: whether it is missing (NaN). */
  readonly flag?: readonly (string | undefined)[];
  /** Texts that an imputer before has taken for missing. */
  readonly markers?: readonly string[];
}

/** What is known of a tensor: `shape` behind the first dimension, which counts rows, and a cell for each element of a row, in row-major order. */
export interface Columns {
  readonly shape: readonly number[];
  readonly cells: readonly (Cell | undefined)[];
  /** The shape is only what the operators nearest to an input show; there may be more columns behind. */
  readonly open?: boolean;
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, dim) => product * dim, 1);
}

/** The same shape, each cell made anew. */
export function mapCells({ shape, cells, open }: Columns, change: (cell: Cell, at: number) => Cell | undefined): Columns {
  const changed = cells.map((cell, at) => (cell === undefined ? undefined : change(cell, at)));
  return open === true ? { shape, cells: changed, open } : { shape, cells: changed };
}

/** The same shape, nothing known of what stands in it. */
export function unknownCells(columns: Columns): Columns {
  return mapCells(columns, () => undefined);
}

/** Is the value still the input's own? */
export function isPlain({ factor, shift, flag }: Cell): boolean {
  return factor === 1 && shift === 0 && flag === undefined;
}

/** The input's value behind a value of the cell. */
export function inputValue({ factor, shift }: Cell, value: number): number {
  return (value - shift) / factor;
}

/** A place in a row (`[1, ...shape]` to the right) and the place of a constant's values that meets it, by the rules of broadcasting. */
export interface Met {
  readonly shape: readonly number[];
  readonly cellAt: Int32Array;
  readonly valueAt: Int32Array;
}

/**
 * How a row's shape and a constant's dims meet; undefined where they do not fit, the constant has a value for each row, or more than `most` elements come of it.
 */
export function broadcast(shape: readonly number[], dims: readonly number[], most: number): Met | undefined {
  if (dims.length > shape.length + 1 || (dims.length === shape.length + 1 && dims[0] !== 1)) return undefined;
  const own = dims.length > shape.length ? dims.slice(1) : [...new Array<number>(shape.length - dims.length).fill(1), ...dims];
  const met = shape.map((dim, axis) => (dim === 1 ? (own[axis] ?? 1) : dim));
  if (met.some((dim, axis) => own[axis] !== dim && own[axis] !== 1)) return undefined;
  const size = sizeOf(met);
  if (!(size <= most)) return undefined;
  return { shape: met, cellAt: places(met, shape, size), valueAt: places(met, own, size) };
}

function places(met: readonly number[], own: readonly number[], size: number): Int32Array {
  const found = new Int32Array(size);
  for (let axis = met.length - 1, step = 1, below = 1; axis >= 0; axis--) {
    const [dim, mine] = [met[axis] ?? 1, own[axis] ?? 1];
    if (mine !== 1) for (let at = 0; at < size; at++) found[at] = (found[at] ?? 0) + (Math.floor(at / below) % dim) * step;
    below *= dim;
    step *= mine;
  }
  return found;
}
