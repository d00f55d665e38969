import type { ElementArray } from '../batch/element.js';
import type { Rows } from './range.js';

/** Whole-numbered labels below it, nearly all there are, are counted by place. */
const SMALL = 256;

/** Adds each label to the count of its class, or to the one behind the last class where it is none of them. */
export function countLabels(values: ElementArray, rows: Rows, classes: readonly string[], labels: number[]): void {
  const placeOf = new Map(classes.map((label, index) => [label, index]));
  const add = (label: string, count: number): void => {
    const place = placeOf.get(label) ?? classes.length;
    labels[place] = (labels[place] ?? 0) + count;
  };
  if (values instanceof BigInt64Array || values instanceof BigUint64Array) countWide(values, rows, add);
  else countEach(values as readonly (string | number)[], rows, add);
}

function countWide(values: BigInt64Array | BigUint64Array, { length, picks }: Rows, add: (label: string, count: number) => void): void {
  const words = new Int32Array(values.buffer, values.byteOffset, values.length * 2);
  const small = new Uint32Array(SMALL);
  for (let index = 0; index < length; index++) {
    const row = picks === undefined ? index : (picks[index] as number);
    const low = words[2 * row] as number;
    if (words[2 * row + 1] === 0 && low >= 0 && low < SMALL) small[low] = (small[low] as number) + 1;
    else add(String(values[row]), 1);
  }
  for (const [label, count] of small.entries()) if (count > 0) add(String(label), count);
}

function countEach(values: readonly (string | number)[], { length, picks }: Rows, add: (label: string, count: number) => void): void {
  const counts = new Map<string | number, number>();
  for (let index = 0; index < length; index++) {
    const value = values[picks === undefined ? index : (picks[index] as number)] ?? '';
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  for (const [value, count] of counts) add(String(value), count);
}
