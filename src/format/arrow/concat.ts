import { bit, bytesOf, offsets, validity, type Column } from './column.js';
import { buildData, Data, dataOf } from './library.js';
import { takeColumn } from './take.js';
import { childTypes, type ArrowType } from './type.js';

type Parts = Partial<Pick<Column, 'values' | 'valueOffsets' | 'typeIds' | 'children' | 'variadicBuffers'>>;

/** Several columns of one type as one, their values one after the other. For every type that the library can read. */
export function concatColumns(type: ArrowType, columns: readonly Column[]): Column {
  const [only] = columns;
  if (only !== undefined && columns.length === 1) return only;
  // Taken whole, a column counts from 0 and its children hold what it needs and no more.
  const compact = columns.map((column) =>
    takeColumn(
      type,
      column,
      Int32Array.from({ length: column.length }, (_, index) => index),
      buildData,
    ),
  );
  return join(type, compact);
}

function join(type: ArrowType, columns: readonly Column[]): Column {
  switch (type.kind) {
    case 'null':
      return build(type, columns, {});
    case 'bool':
      return build(type, columns, { values: joinBits(columns, (column) => (index) => bit(bytesOf(column), column.offset + index) === 1) });
    case 'utf8':
    case 'binary':
      return build(type, columns, {
        values: Buffer.concat(columns.map(bytesOf)),
        valueOffsets: joinOffsets(columns, (column) => bytesOf(column).length),
      });
    case 'utf8-view':
    case 'binary-view':
      return build(type, columns, { values: joinViews(columns), variadicBuffers: columns.flatMap(({ variadicBuffers }) => variadicBuffers) });
    case 'list':
    case 'map':
      return build(type, columns, {
        valueOffsets: joinOffsets(columns, ({ children: [child] }) => child?.length ?? 0),
        children: joinChildren(type, columns),
      });
    case 'fixed-list':
    case 'struct':
      return build(type, columns, { children: joinChildren(type, columns) });
    case 'union': {
      const typeIds = Int8Array.from(columns.flatMap((column) => [...(column.typeIds ?? [])].slice(0, column.length)));
      const children = joinChildren(type, columns);
      return build(type, columns, type.dense ? { typeIds, children, valueOffsets: joinDenseOffsets(type, columns) } : { typeIds, children });
    }
    default:
      return build(type, columns, { values: joinValues(columns) });
  }
}

function joinChildren(type: ArrowType, columns: readonly Column[]): readonly Column[] {
  return childTypes(type).map((child, index) => join(child, columns.flatMap((column) => column.children[index] ?? []))); // prettier-ignore
}

/** Values of one width, as the library's elements. */
function joinValues(columns: readonly Column[]): ArrayBufferView {
  const arrays = columns.map((column) => (column.values ?? new Uint8Array(0)) as Uint8Array);
  const kind = (arrays[0] ?? new Uint8Array(0)).constructor as new (length: number) => Uint8Array;
  const joined = new kind(arrays.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const array of arrays) {
    joined.set(array, at);
    at += array.length;
  }
  return joined;
}

function joinBits(columns: readonly Column[], open: (column: Column) => (index: number) => boolean): Uint8Array {
  const bits = new Uint8Array(Math.ceil(lengthOf(columns) / 64) * 8);
  let at = 0;
  for (const column of columns) {
    const read = open(column);
    for (let index = 0; index < column.length; index++, at++) if (read(index)) bits[at >> 3] = (bits[at >> 3] ?? 0) | (1 << (at & 7));
  }
  return bits;
}

function joinOffsets(columns: readonly Column[], sizeOf: (column: Column) => number): Int32Array | BigInt64Array {
  const joined = [0];
  let base = 0;
  for (const column of columns) {
    const at = offsets(column);
    for (let index = 1; index <= column.length; index++) joined.push(base + at(index));
    base += sizeOf(column);
  }
  return columns[0]?.valueOffsets instanceof BigInt64Array ? BigInt64Array.from(joined, BigInt) : Int32Array.from(joined);
}

function joinDenseOffsets(type: ArrowType & { kind: 'union' }, columns: readonly Column[]): Int32Array {
  const bases = type.fields.map(() => 0);
  return Int32Array.from(
    columns.flatMap((column) => {
      const at = offsets(column);
      const shifted = Array.from({ length: column.length }, (_, index) => at(index) + (bases[type.ids.indexOf(column.typeIds?.[index] ?? 0)] ?? 0));
      for (const [child, { length }] of column.children.entries()) bases[child] = (bases[child] ?? 0) + length;
      return shifted;
    }),
  );
}

/** Views name their data buffer by its number: those of later columns move up. */
function joinViews(columns: readonly Column[]): Uint8Array {
  let base = 0;
  return Buffer.concat(
    columns.map((column) => {
      const views = Buffer.from(bytesOf(column).subarray(0, 16 * column.length));
      for (let at = 0; at < views.length; at += 16) if (views.readInt32LE(at) > 12) views.writeInt32LE(views.readInt32LE(at + 8) + base, at + 8);
      base += column.variadicBuffers.length;
      return views;
    }),
  );
}

function lengthOf(columns: readonly Column[]): number {
  return columns.reduce((sum, { length }) => sum + length, 0);
}

/** A column of the library's type that the last of the columns has: its dictionary, which only grows, holds those of the others. */
function build(type: ArrowType, columns: readonly Column[], parts: Parts): Column {
  const last = columns[columns.length - 1];
  if (last === undefined) throw new TypeError('no columns to put together');
  const { type: libraryType, dictionary, variadicBuffers } = dataOf(last);
  const length = lengthOf(columns);
  const nullCount = type.kind === 'null' ? length : columns.reduce((sum, column) => sum + column.nullCount, 0);
  const nulls = type.kind === 'null' || type.kind === 'union' || nullCount === 0 ? new Uint8Array(0) : joinBits(columns, validity);
  const buffers = [parts.valueOffsets, parts.values, nulls, parts.typeIds];
  const children = (parts.children ?? []).map(dataOf);
  return new Data(libraryType, 0, length, nullCount, buffers as never, children, dictionary, parts.variadicBuffers ?? variadicBuffers);
}
