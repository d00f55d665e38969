import type { ElementArray, ElementType } from '../../batch/element.js';
import type { Column } from './column.js';
import { directColumn } from './direct-columns.js';
import type { ArrowType } from './type.js';

/**
 * The rows of an output batch: for each the record it came from, and its row in the result columns (negative: rejected, written as null). Both undefined
 * where row, record and result row are one number for all.
 */
export interface OutputRows {
  readonly length: number;
  readonly records: Int32Array | undefined;
  readonly slots: Int32Array | undefined;
}

/** The Arrow type of a result. */
export function resultArrowType(type: ElementType): ArrowType {
  if (type === 'bool') return { kind: 'bool' };
  if (type === 'string') return { kind: 'utf8', large: false };
  const bits = Number(/\d+$/.exec(type)?.[0]) as 16 | 32 | 64;
  return type.startsWith('float') ? { kind: 'float', bits } : { kind: 'int', bits, signed: !type.startsWith('u') };
}

/** A result as a column of the output, null where a row was rejected. */
export function resultColumn(type: ElementType, values: ElementArray, { length, slots }: OutputRows): Column {
  const nulls = slots === undefined ? NO_NULLS : nullsOf(slots);
  if (Array.isArray(values)) return textColumn(length, nulls, (row) => values[slots === undefined ? row : (slots[row] ?? -1)] ?? null);
  if (type === 'bool') return directColumn(length, nulls.nullCount, { nullBitmap: nulls.nullBitmap, values: packed(values, length, slots) });
  const whole = slots === undefined || (nulls.nullCount === 0 && isWhole(slots));
  return directColumn(length, nulls.nullCount, { nullBitmap: nulls.nullBitmap, values: whole ? values.subarray(0, length) : taken(values, slots) });
}

/** A column of text, null where it gives null. */
export function textKept(length: number, text: (row: number) => string | null): Column {
  const texts = Array.from({ length }, (_, row) => text(row));
  return textColumn(length, nullsOf(texts.map((value) => (value === null ? -1 : 0))), (row) => texts[row] ?? null);
}

function textColumn(length: number, { nullCount, nullBitmap }: Nulls, text: (row: number) => string | null): Column {
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
  return directColumn(length, nullCount, { nullBitmap, valueOffsets, values: bytes.subarray(0, end) });
}

interface Nulls {
  readonly nullCount: number;
  readonly nullBitmap: Uint8Array | undefined;
}

const NO_NULLS: Nulls = { nullCount: 0, nullBitmap: undefined };

function nullsOf(slots: ArrayLike<number>): Nulls {
  let nullCount = 0;
  for (let row = 0; row < slots.length; row++) if ((slots[row] as number) < 0) nullCount++;
  if (nullCount === 0) return NO_NULLS;
  const nullBitmap = new Uint8Array(Math.ceil(slots.length / 64) * 8);
  for (let row = 0; row < slots.length; row++) {
    if ((slots[row] as number) >= 0) nullBitmap[row >> 3] = (nullBitmap[row >> 3] as number) | (1 << (row & 7));
  }
  return { nullCount, nullBitmap };
}

/** They rise: where first and last are their own places, nothing is left out. */
function isWhole(slots: Int32Array): boolean {
  return slots.length > 0 && slots[0] === 0 && slots[slots.length - 1] === slots.length - 1;
}

function taken(values: Exclude<ElementArray, string[]>, slots: Int32Array): ArrayBufferView {
  const length = slots.length;
  const kind = values.constructor as new (length: number) => Float32Array;
  const column = new kind(length);
  const from = values as Float32Array;
  for (let row = 0; row < length; row++) {
    const slot = slots[row] as number;
    if (slot >= 0) column[row] = from[slot] as number;
  }
  return column;
}

function packed(values: Exclude<ElementArray, string[]>, length: number, slots: Int32Array | undefined): Uint8Array {
  const bits = new Uint8Array(Math.ceil(length / 64) * 8);
  for (let row = 0; row < length; row++) {
    const slot = slots === undefined ? row : (slots[row] as number);
    if (slot >= 0 && values[slot] !== 0) bits[row >> 3] = (bits[row >> 3] as number) | (1 << (row & 7));
  }
  return bits;
}
