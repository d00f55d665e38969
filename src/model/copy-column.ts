import type { ElementArray } from '../batch/element.js';
import type { Block } from './blocks.js';

/** Copies column `column` of a block's rows, `width` values each, to their places in `to`: an array of the same type. */
export function copyColumn(from: ElementArray, width: number, column: number, { at, rows }: Block, to: ElementArray): void {
  if (width === 1 && !Array.isArray(from) && !Array.isArray(to)) to.set(from.subarray(0, rows) as never, at);
  else if (from instanceof Float32Array && to instanceof Float32Array) copyFloat32(from, width, column, rows, to.subarray(at));
  else copyAny(from as unknown as readonly unknown[], width, column, rows, to as unknown as unknown[], at);
}

/** Probabilities, of nearly every model: this loop has to see no other kind of array, or every access in it goes by way of a choice. */
function copyFloat32(from: Float32Array, width: number, column: number, rows: number, to: Float32Array): void {
  for (let row = 0, slot = column; row < rows; row++, slot += width) to[row] = from[slot] as number;
}

function copyAny(from: readonly unknown[], width: number, column: number, rows: number, to: unknown[], at: number): void {
  for (let row = 0, slot = column; row < rows; row++, slot += width) to[at + row] = from[slot];
}
