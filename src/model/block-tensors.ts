import type { Batch, TensorBuffer } from '../batch/batch.js';
import type { ElementArray } from '../batch/element.js';
import { DefectError } from '../errors/errors.js';
import type { BoundInput } from './bind.js';
import type { TensorData } from './session.js';

/** Rows of a batch's tensors: a run of them, or `picks` in their place. */
export interface RowPick {
  readonly from: number;
  readonly rows: number;
  /** As many as `rows`. */
  readonly picks?: readonly number[];
}

/**
 * The tensors of some rows, in the model's order, padded to `size` rows with the last of them. Views of the batch where nothing has to be moved.
 * Of the batch's types: an input of strings may be coded.
 */
export function blockTensors(batch: Batch, inputs: readonly BoundInput[], rows: RowPick, size: number): TensorData[] {
  return inputs.map(({ width, vector }, index) => {
    const buffer = batch.tensors[index];
    if (buffer === undefined) throw new DefectError(`the batch has no tensor for input ${index}`);
    return { type: buffer.type, dims: vector ? [size] : [size, width], values: valuesOf(buffer, width, rows, size) };
  });
}

function valuesOf({ values }: TensorBuffer, width: number, { from, rows, picks }: RowPick, size: number): ElementArray {
  if (picks === undefined && rows === size)
    return Array.isArray(values) ? values.slice(from * width, (from + size) * width) : values.subarray(from * width, (from + size) * width);
  if (picks === undefined && !Array.isArray(values)) return padNumbers(values, width, { from, rows }, size);
  const rowAt = (index: number): number => {
    const within = Math.min(index, rows - 1);
    return picks?.[within] ?? from + within;
  };
  return Array.isArray(values) ? gatherStrings(values, width, size, rowAt) : gatherNumbers(values, width, size, rowAt);
}

function gatherStrings(values: readonly string[], width: number, size: number, rowAt: (index: number) => number): string[] {
  return Array.from({ length: size * width }, (_, cell) => values[rowAt(Math.floor(cell / width)) * width + (cell % width)] ?? '');
}

type NumberArray = Exclude<ElementArray, string[]>;

/** The last block of a batch: its rows as they are, then copies of the last one, twice as many each time. */
function padNumbers(values: NumberArray, width: number, { from, rows }: RowPick, size: number): NumberArray {
  const padded = emptyLike(values, size * width);
  padded.set(values.subarray(from * width, (from + rows) * width) as never);
  padded.copyWithin(rows * width, (rows - 1) * width, rows * width);
  for (let copies = 1; rows + copies < size; copies *= 2) padded.copyWithin((rows + copies) * width, rows * width, (rows + copies) * width);
  return padded;
}

function gatherNumbers(values: NumberArray, width: number, size: number, rowAt: (index: number) => number): NumberArray {
  const gathered = emptyLike(values, size * width);
  for (let index = 0; index < size; index++) gathered.set(values.subarray(rowAt(index) * width, (rowAt(index) + 1) * width) as never, index * width);
  return gathered;
}

function emptyLike(values: NumberArray, length: number): NumberArray {
  return new (values.constructor as new (length: number) => NumberArray)(length);
}
