import type { Batch } from '../batch/batch.js';
import { isFloat, type ElementArray, type ElementType } from '../batch/element.js';
import { float16Value } from '../batch/float16.js';
import type { BoundInput } from './bind.js';
import { blockTensors, type RowPick } from './block-tensors.js';
import type { TensorData } from './session.js';

/** Stands in `CheckRows.sources` for a made-up row. */
export const MADE_UP = -1;

/** Which row of a block stands where in the block that it is compared with. */
export interface CheckRows {
  /** By position: the block's row (from 0) that is put there, or MADE_UP. */
  readonly sources: Int32Array;
  /** Does the block hold two rows that differ? If not, made-up rows are needed to tell rows apart. */
  readonly distinct: boolean;
}

/** Columns that are looked at for extremes. */
const MAX_COLUMNS = 64;

/**
 * Chooses the rows of a comparison: half of a block's rows are left out, those with the largest and smallest values first, since a maximum, a mean or a
 * condition on any value hangs on them; what stays keeps its place or moves, and one row, far from the others, fills the rest. Deterministic.
 */
export function chooseRows(batch: Batch, inputs: readonly BoundInput[], pick: RowPick, size: number): CheckRows {
  const { rows } = pick;
  const last = rows - 1;
  const differs = (row: number): boolean => !sameRow(batch, inputs, rowOf(pick, row), rowOf(pick, last));
  const distinct = anyRow(rows, differs);
  // the same row everywhere: at every other place, among made-up ones
  if (!distinct) return { sources: Int32Array.from({ length: size }, (_, position) => (position % 2 === 0 ? last : MADE_UP)), distinct };
  const { sums, extremes } = survey(batch, inputs, pick);
  const dropped = dropRows(extremes, rows);
  const kept = Array.from({ length: rows }, (_, row) => row).filter((row) => dropped[row] === 0);
  const sources = new Int32Array(size).fill(fillerOf(sums, kept, differs));
  const moved = kept.filter((_, index) => index % 2 === 1);
  const taken = new Uint8Array(size);
  for (const [index, row] of kept.entries()) if (index % 2 === 0) [sources[row], taken[row]] = [row, 1];
  const free = Array.from({ length: size }, (_, position) => position).filter((position) => taken[position] === 0);
  const from = Math.floor(free.length / 2);
  moved.forEach((row, index) => (sources[free[(from + index) % free.length] ?? 0] = row));
  return { sources, distinct };
}

/** The tensors of a choice. Made-up rows are the last row with its numbers shifted by one; its texts stay. */
export function checkTensors(batch: Batch, inputs: readonly BoundInput[], pick: RowPick, { sources }: CheckRows): TensorData[] {
  const size = sources.length;
  const picks = Array.from(sources, (source) => rowOf(pick, source === MADE_UP ? pick.rows - 1 : source));
  const tensors = blockTensors(batch, inputs, { from: pick.from, rows: size, picks }, size);
  for (const [index, { type, dims, values }] of tensors.entries()) {
    if (inputs[index]?.type === 'string' || Array.isArray(values)) continue; // codes of texts are texts
    const width = dims[1] ?? 1;
    for (const [position, source] of sources.entries()) {
      if (source !== MADE_UP) continue;
      for (let cell = position * width; cell < (position + 1) * width; cell++) shift(values, cell, type);
    }
  }
  return tensors;
}

function shift(values: Exclude<ElementArray, string[]>, cell: number, type: ElementType): void {
  const value = values[cell] ?? 0;
  if (typeof value === 'bigint') values[cell] = value + 1n;
  else if (type === 'bool') values[cell] = 1 - value;
  else if (type === 'float16') values[cell] = value === 0x3c00 ? 0x4000 : 0x3c00;
  else values[cell] = Number.isNaN(value) ? 0 : value + 1;
}

/** The tensor row that stands at a place of the block. */
function rowOf({ from, picks }: RowPick, place: number): number {
  return picks?.[place] ?? from + place;
}

/** What a block's numbers say of its rows: where the extremes stand, and the sum of each row. Over at most MAX_COLUMNS columns. */
function survey(batch: Batch, inputs: readonly BoundInput[], pick: RowPick): Survey {
  const { rows } = pick;
  const sums = new Float64Array(rows);
  const [maxima, minima]: [number[], number[]] = [[], []];
  const total = inputs.reduce((count, { type, width }) => count + (type === 'string' ? 0 : width), 0);
  const step = Math.max(1, Math.ceil(total / MAX_COLUMNS));
  inputs.forEach(({ type, width }, index) => {
    const values = batch.tensors[index]?.values ?? [];
    if (type === 'string' || Array.isArray(values)) return;
    for (let column = 0; column < width; column += step) {
      let [max, min, greatest, least] = [0, 0, -Infinity, Infinity];
      for (let row = 0; row < rows; row++) {
        const stored = values[rowOf(pick, row) * width + column] ?? NaN;
        const value = typeof stored === 'bigint' ? Number(stored) : type === 'float16' ? float16Value(stored) : stored;
        if (value > greatest) [max, greatest] = [row, value];
        if (value < least) [min, least] = [row, value];
        if (value - value === 0) sums[row] = (sums[row] ?? 0) + value; // infinities and NaN say nothing
      }
      maxima.push(max);
      minima.push(min);
    }
  });
  return { sums, extremes: [...maxima, ...minima] };
}

interface Survey {
  readonly sums: Float64Array;
  /** Rows of the largest value of each column, then of the smallest. */
  readonly extremes: readonly number[];
}

/** Marks half of the rows: those of extremes, then every other one. */
function dropRows(extremes: readonly number[], rows: number): Uint8Array {
  const dropped = new Uint8Array(rows);
  let left = Math.floor(rows / 2);
  const drop = (row: number): void => {
    if (left === 0 || dropped[row] === 1) return;
    dropped[row] = 1;
    left--;
  };
  extremes.forEach(drop);
  for (let row = 1; row < rows; row += 2) drop(row);
  for (let row = 0; row < rows; row += 2) drop(row);
  return dropped;
}

/** The kept row that is farthest from the mean, and, where one can be had, not the row that pads the block. */
function fillerOf(sums: Float64Array, kept: readonly number[], differs: (row: number) => boolean): number {
  const mean = kept.reduce((total, row) => total + (sums[row] ?? 0), 0) / kept.length;
  const distance = (row: number): number => Math.abs((sums[row] ?? 0) - mean);
  const farthest = (rows: readonly number[]): number | undefined => {
    let best = rows[0];
    for (const row of rows) if (best !== undefined && distance(row) > distance(best)) best = row;
    return best;
  };
  const best = farthest(kept) ?? 0;
  return differs(best) ? best : (farthest(kept.filter(differs)) ?? best);
}

function anyRow(rows: number, test: (row: number) => boolean): boolean {
  for (let row = 0; row < rows; row++) if (test(row)) return true;
  return false;
}

function sameRow(batch: Batch, inputs: readonly BoundInput[], a: number, b: number): boolean {
  return inputs.every(({ type, width }, index) => {
    const values = batch.tensors[index]?.values ?? [];
    for (let column = 0; column < width; column++) {
      const [left, right] = [values[a * width + column], values[b * width + column]];
      if (left !== right && !(isFloat(type) && left !== left && right !== right)) return false;
    }
    return true;
  });
}
