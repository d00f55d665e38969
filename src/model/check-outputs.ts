import { isFloat, type ElementArray, type ElementType } from '../batch/element.js';
import { float16Value } from '../batch/float16.js';
import type { TensorData } from './session.js';

/** Two results of one row that do not agree. */
export interface Disagreement {
  /** Index of the output. */
  readonly output: number;
  readonly column: number;
  /** The row within its block. */
  readonly row: number;
  readonly found: string;
  readonly expected: string;
}

/**
 * How far two results of one row may lie apart: relative to the larger of them, and to the column's typical size. A row that kept its place went
 * through the very same instructions both times; one that moved may have met a kernel's other path (the rest of a block), whose rounding can be magnified
 * where large values cancel.
 */
const TOLERANCE = { kept: { relative: 1e-5, typical: 1e-6 }, moved: { relative: 1e-3, typical: 1e-4 } };
/** A half has eleven bits: a moved one may be off by several units of the last. */
const HALF_RELATIVE = 1e-2;
/** Labels may tip over with the last bit of what they are decided by: this share of moved ones may differ where no number tells more. */
const MOVED_LABELS = 0.01;

/**
 * Compares the results of rows in two blocks of one size: `sources[position]` is the row of `expected` that stands at that position of `found`;
 * negative ones are not compared. Gives the first disagreement. Both sides must have the same shapes.
 */
export function findDisagreement(expected: readonly TensorData[], found: readonly TensorData[], sources: Int32Array): Disagreement | undefined {
  const numbers = expected.some(({ type }) => isFloat(type));
  for (const [output, tensor] of expected.entries()) {
    const other = found[output];
    if (other === undefined) continue;
    const disagreement = isFloat(tensor.type) ? compareFloats(tensor, other, sources) : compareLabels(tensor, other, sources, numbers);
    if (disagreement !== undefined) return { output, ...disagreement };
  }
  return undefined;
}

function compareFloats(expected: TensorData, found: TensorData, sources: Int32Array): Omit<Disagreement, 'output'> | undefined {
  const width = expected.dims[1] ?? 1;
  const typical: (number | undefined)[] = [];
  for (let position = 0; position < sources.length; position++) {
    const row = sources[position] ?? -1;
    if (row < 0) continue;
    const moved = row !== position;
    const allowed = moved ? TOLERANCE.moved : TOLERANCE.kept;
    const relative = moved && expected.type === 'float16' ? HALF_RELATIVE : allowed.relative;
    for (let column = 0; column < width; column++) {
      const a = numberAt(expected, row * width + column);
      const b = numberAt(found, position * width + column);
      if (a === b || (a !== a && b !== b)) continue;
      const difference = Math.abs(a - b); // NaN or infinite where one of them is no finite number: never within bounds
      if (difference <= Number.MAX_VALUE && difference <= relative * Math.max(Math.abs(a), Math.abs(b))) continue;
      typical[column] ??= typicalSize(expected, column, width);
      if (difference <= Number.MAX_VALUE && difference <= allowed.typical * (typical[column] ?? 0)) continue;
      return { column, row, found: String(b), expected: String(a) };
    }
  }
  return undefined;
}

function compareLabels(expected: TensorData, found: TensorData, sources: Int32Array, numbers: boolean): Omit<Disagreement, 'output'> | undefined {
  const width = expected.dims[1] ?? 1;
  let [moved, differing] = [0, 0];
  let first: Omit<Disagreement, 'output'> | undefined;
  for (let position = 0; position < sources.length; position++) {
    const row = sources[position] ?? -1;
    if (row < 0) continue;
    const kept = row === position;
    if (!kept && numbers) continue; // where there are numbers, they tell
    for (let column = 0; column < width; column++) {
      const a = expected.values[row * width + column];
      const b = found.values[position * width + column];
      if (!kept) moved++;
      if (a === b) continue;
      const disagreement = { column, row, found: String(b), expected: String(a) };
      if (kept) return disagreement;
      first ??= disagreement;
      differing++;
    }
  }
  return differing > moved * MOVED_LABELS ? first : undefined;
}

/** The median size of a column's finite values: what counts as small in it. */
function typicalSize(tensor: TensorData, column: number, width: number): number {
  const sizes: number[] = [];
  for (let cell = column; cell < tensor.values.length; cell += width) {
    const size = Math.abs(numberAt(tensor, cell));
    if (size <= Number.MAX_VALUE) sizes.push(size);
  }
  sizes.sort((a, b) => a - b);
  return sizes[Math.floor(sizes.length / 2)] ?? 0;
}

function numberAt({ type, values }: { readonly type: ElementType; readonly values: ElementArray }, cell: number): number {
  const value = Number(values[cell]);
  return type === 'float16' ? float16Value(value) : value;
}
