import { bit, bytesOf, offsets, validity, type Column } from './column.js';
import { strideOf } from './direct-columns.js';
import { childTypes, type ArrowType } from './type.js';

/** The buffers that make a column, apart from its null bitmap. */
export type ColumnParts = Partial<Pick<Column, 'values' | 'valueOffsets' | 'typeIds' | 'children'>>;

/** Makes a column of new buffers that in all else is like another. */
export type BuildColumn = (like: Column, length: number, nulls: Nulls, parts: ColumnParts) => Column;

/** How many values are null; the bitmap is empty where none is. */
export interface Nulls {
  readonly count: number;
  readonly bitmap: Uint8Array;
}

/**
 * The values of a column at the given positions, in that order, as a column of its own; a negative position gives a null. For every type that the
 * library can read; nested types go down to their children. Dictionaries and the data buffers of views are shared, not copied.
 */
export function takeColumn(type: ArrowType, column: Column, positions: Int32Array, build: BuildColumn): Column {
  const length = positions.length;
  const nulls = takeNulls(type, column, positions);
  const make = (parts: ColumnParts): Column => build(column, length, nulls, parts);
  const takeChildren = (positionsOf: (child: number) => Int32Array): readonly Column[] =>
    childTypes(type).flatMap((child, index) => {
      const inner = column.children[index];
      return inner === undefined ? [] : [takeColumn(child, inner, positionsOf(index), build)];
    });
  switch (type.kind) {
    case 'null':
      return make({});
    case 'bool':
      return make({ values: takeBits(bytesOf(column), column.offset, positions) });
    case 'utf8':
    case 'binary':
      return make(takeBytes(column, positions));
    case 'list':
    case 'map': {
      const { inner, starts } = spread(column, positions);
      return make({ valueOffsets: starts, children: takeChildren(() => inner) });
    }
    case 'fixed-list': {
      const inner = new Int32Array(length * type.size);
      for (let row = 0; row < length; row++) {
        const position = positions[row] ?? -1;
        for (let step = 0; step < type.size; step++) inner[row * type.size + step] = position < 0 ? -1 : position * type.size + step;
      }
      return make({ children: takeChildren(() => inner) });
    }
    case 'struct':
      return make({ children: takeChildren(() => positions) });
    case 'union': {
      const typeIds = takeIds(type, column, positions);
      if (!type.dense) return make({ typeIds, children: takeChildren(() => positions) });
      const { inner, valueOffsets } = takeDense(type, column, positions, typeIds);
      return make({ typeIds, valueOffsets, children: takeChildren((child) => Int32Array.from(inner[child] ?? [])) });
    }
    default:
      return make({ values: takeFixed(type, column, positions) });
  }
}

/** Runs of positions that follow each other: with few rejected rows nearly everything moves in long pieces. Negative positions are in none. */
function eachRun(positions: Int32Array, visit: (row: number, position: number, count: number) => void): void {
  for (let row = 0; row < positions.length;) {
    const position = positions[row] as number;
    let count = 1;
    if (position >= 0) {
      while (row + count < positions.length && positions[row + count] === position + count) count++;
      visit(row, position, count);
    }
    row += count;
  }
}

function takeNulls(type: ArrowType, column: Column, positions: Int32Array): Nulls {
  if (type.kind === 'null') return { count: positions.length, bitmap: new Uint8Array(0) };
  if (type.kind === 'union' || (column.nullCount === 0 && !positions.some((position) => position < 0)))
    return { count: 0, bitmap: new Uint8Array(0) };
  const valid = validity(column);
  const bitmap = new Uint8Array(Math.ceil(positions.length / 64) * 8);
  let count = 0;
  for (let row = 0; row < positions.length; row++) {
    const position = positions[row] as number;
    if (position >= 0 && valid(position)) bitmap[row >> 3] = (bitmap[row >> 3] as number) | (1 << (row & 7));
    else count++;
  }
  return count === 0 ? { count, bitmap: new Uint8Array(0) } : { count, bitmap };
}

function takeBits(bits: Uint8Array, offset: number, positions: Int32Array): Uint8Array {
  const taken = new Uint8Array(Math.ceil(positions.length / 64) * 8);
  for (let row = 0; row < positions.length; row++) {
    const position = positions[row] as number;
    if (position >= 0 && bit(bits, offset + position) === 1) taken[row >> 3] = (taken[row >> 3] as number) | (1 << (row & 7));
  }
  return taken;
}

/** Values of one width, whatever they mean. */
function takeFixed(type: ArrowType, column: Column, positions: Int32Array): ArrayBufferView {
  // Any typed array: only whole elements are moved, so that which one it is does not matter.
  const values = (column.values ?? new Uint8Array(0)) as Uint8Array;
  const stride = strideOf(type, values);
  const kind = values.constructor as new (length: number) => Uint8Array;
  const taken = new kind(positions.length * stride);
  eachRun(positions, (row, position, count) => taken.set(values.subarray(position * stride, (position + count) * stride), row * stride));
  return taken;
}

function takeBytes(column: Column, positions: Int32Array): { values: Uint8Array; valueOffsets: Int32Array | BigInt64Array } {
  const at = offsets(column);
  const bytes = bytesOf(column);
  const ends = endsOf(column, positions);
  const values = new Uint8Array(ends[positions.length] ?? 0);
  eachRun(positions, (row, position, count) => values.set(bytes.subarray(at(position), at(position + count)), ends[row]));
  return { values, valueOffsets: sameOffsets(column, ends) };
}

/** Positions in the child of all items of the lists at the given positions, and where each list starts among them. */
function spread(column: Column, positions: Int32Array): { inner: Int32Array; starts: Int32Array | BigInt64Array } {
  const at = offsets(column);
  const ends = endsOf(column, positions);
  const inner = new Int32Array(ends[positions.length] ?? 0);
  eachRun(positions, (row, position, count) => {
    const first = at(position);
    const items = at(position + count) - first;
    for (let item = 0, into = ends[row] ?? 0; item < items; item++, into++) inner[into] = first + item;
  });
  return { inner, starts: sameOffsets(column, ends) };
}

/** Where each taken value ends: lengths summed up, none for a null position. */
function endsOf(column: Column, positions: Int32Array): Float64Array {
  const at = offsets(column);
  const ends = new Float64Array(positions.length + 1);
  for (let row = 0; row < positions.length; row++) {
    const position = positions[row] as number;
    ends[row + 1] = (ends[row] as number) + (position < 0 ? 0 : at(position + 1) - at(position));
  }
  return ends;
}

/** Offsets of the width that the column's own have. */
function sameOffsets(column: Column, ends: Float64Array): Int32Array | BigInt64Array {
  return column.valueOffsets instanceof BigInt64Array ? BigInt64Array.from(ends, BigInt) : Int32Array.from(ends);
}

/** Positions in each child of the values of a dense union, and where each value stands among them. */
function takeDense(
  type: ArrowType & { kind: 'union' },
  column: Column,
  positions: Int32Array,
  typeIds: Int8Array,
): { readonly inner: readonly (readonly number[])[]; readonly valueOffsets: Int32Array } {
  const at = offsets(column);
  const inner = type.fields.map(() => new Array<number>());
  const valueOffsets = new Int32Array(positions.length);
  for (const [row, position] of positions.entries()) {
    const chosen = inner[type.ids.indexOf(typeIds[row] ?? 0)];
    if (chosen === undefined) continue;
    valueOffsets[row] = chosen.length;
    chosen.push(position < 0 ? -1 : at(position));
  }
  return { inner, valueOffsets };
}

function takeIds(type: ArrowType & { kind: 'union' }, column: Column, positions: Int32Array): Int8Array {
  const first = type.ids[0] ?? 0;
  return Int8Array.from(positions, (position) => (position < 0 ? first : (column.typeIds?.[position] ?? first)));
}
