import { makeData, type Data } from 'apache-arrow';
import type { ElementArray, ElementType } from '../../batch/element.js';
import { resultType } from './output-schema.js';

/** The rows of an output batch: for each the record it came from, and its row in the result columns (negative: rejected, written as null). */
export interface OutputRows {
  readonly records: Int32Array;
  readonly slots: Int32Array;
}

/** A result as a column of the output, null where a row was rejected. */
export function resultColumn(type: ElementType, values: ElementArray, { slots }: OutputRows): Data {
  const { nullCount, nullBitmap } = nullsOf(slots);
  if (Array.isArray(values)) return textColumn(slots.length, nullBitmap, nullCount, (row) => values[slots[row] ?? -1] ?? null);
  const data = type === 'bool' ? packed(values, slots) : taken(values, slots, nullCount === 0);
  return makeData({ type: resultType(type), length: slots.length, nullCount, nullBitmap, data } as never);
}

/** A column of text, null where it gives null. */
export function textKept(length: number, text: (row: number) => string | null): Data {
  const texts = Array.from({ length }, (_, row) => text(row));
  const { nullCount, nullBitmap } = nullsOf(texts.map((value) => (value === null ? -1 : 0)));
  return textColumn(length, nullBitmap, nullCount, (row) => texts[row] ?? null);
}

function textColumn(length: number, nullBitmap: Uint8Array | null, nullCount: number, text: (row: number) => string | null): Data {
  const valueOffsets = new Int32Array(length + 1);
  let bytes = Buffer.allocUnsafe(Math.max(64, 16 * length));
  let end = 0;
  for (let row = 0; row < length; row++) {
    const value = text(row) ?? '';
    // UTF-8 takes at most three bytes for each UTF-16 unit.
    if (end + 3 * value.length > bytes.length) bytes = Buffer.concat([bytes], 2 * bytes.length + 3 * value.length);
    end += bytes.write(value, end);
    valueOffsets[row + 1] = end;
  }
  return makeData({ type: resultType('string'), length, nullCount, nullBitmap, valueOffsets, data: bytes.subarray(0, end) } as never);
}

function nullsOf(slots: ArrayLike<number>): { readonly nullCount: number; readonly nullBitmap: Uint8Array | null } {
  let nullCount = 0;
  for (let row = 0; row < slots.length; row++) if ((slots[row] as number) < 0) nullCount++;
  if (nullCount === 0) return { nullCount, nullBitmap: null };
  const nullBitmap = new Uint8Array(Math.ceil(slots.length / 64) * 8);
  for (let row = 0; row < slots.length; row++) {
    if ((slots[row] as number) >= 0) nullBitmap[row >> 3] = (nullBitmap[row >> 3] as number) | (1 << (row & 7));
  }
  return { nullCount, nullBitmap };
}

function taken(values: Exclude<ElementArray, string[]>, slots: Int32Array, whole: boolean): ArrayBufferView {
  const length = slots.length;
  if (whole && length > 0 && slots[0] === 0 && slots[length - 1] === length - 1) return values.subarray(0, length); // they rise: nothing is left out
  const kind = values.constructor as new (length: number) => Float32Array;
  const column = new kind(length);
  const from = values as Float32Array;
  for (let row = 0; row < length; row++) {
    const slot = slots[row] as number;
    if (slot >= 0) column[row] = from[slot] as number;
  }
  return column;
}

function packed(values: Exclude<ElementArray, string[]>, slots: Int32Array): Uint8Array {
  const bits = new Uint8Array(Math.ceil(slots.length / 64) * 8);
  for (let row = 0; row < slots.length; row++) {
    const slot = slots[row] as number;
    if (slot >= 0 && values[slot] !== 0) bits[row >> 3] = (bits[row >> 3] as number) | (1 << (row & 7));
  }
  return bits;
}
