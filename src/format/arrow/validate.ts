import { dictionaryPieces, indices, offsets, demand, validity, type Column } from './column.js';
import type { Where } from './faults.js';
import { bitsOf, childTypes, type ArrowType } from './type.js';

/**
 * Proves that a column's buffers hold what its length says: nothing is too short, offsets rise and end inside their values, dictionary indices
 * point into the dictionary, union ids are known. The library reads what is missing as zero or undefined. Costs one pass over offsets
 * and indices. Throws InputError (`arrow-corrupt`) naming the column.
 */
export function validateColumn(type: ArrowType, column: Column, name: string, where: Where): void {
  const { length } = column;
  const need = (holds: boolean, message: string): void => demand(holds, where, name, message);
  if (type.kind !== 'null' && type.kind !== 'union' && column.nullCount > 0) {
    need((column.nullBitmap?.length ?? 0) * 8 >= column.offset + length, `the null bitmap is too short for ${length} values`);
  }
  const width = bitsOf(type);
  if (width !== undefined) need(8 * (column.values?.byteLength ?? 0) >= width * length, `the values are too short for ${length} of them`);
  switch (type.kind) {
    case 'utf8':
    case 'binary':
      validateOffsets(column, column.values?.byteLength ?? 0, need);
      return;
    case 'utf8-view':
    case 'binary-view':
      validateViews(column, need);
      return;
    case 'dictionary':
      validateIndices(column, need);
      // Shared by all batches until it changes: validated where it is loaded.
      return;
    case 'list':
    case 'map':
      validateOffsets(column, column.children[0]?.length ?? 0, need);
      break;
    case 'fixed-list':
      need((column.children[0]?.length ?? 0) >= type.size * length, `the list's values are too short for ${length} lists of ${type.size}`);
      break;
    case 'struct':
      need(column.children.every((child) => child.length >= length), `a field of the struct is too short for ${length} values`); // prettier-ignore
      break;
    case 'union':
      validateUnion(type, column, need);
      break;
    default:
  }
  for (const [index, child] of childTypes(type).entries()) {
    const inner = column.children[index];
    need(inner !== undefined, 'a nested column is missing');
    if (inner !== undefined) validateColumn(child, inner, name, where);
  }
}

type Need = (holds: boolean, message: string) => void;

function validateOffsets(column: Column, end: number, need: Need): void {
  const { length } = column;
  if (length === 0) return;
  need((column.valueOffsets?.length ?? 0) > length, `the offsets are too short for ${length} values`);
  const at = offsets(column);
  let last = at(0);
  let rising = last >= 0;
  for (let index = 1; index <= length; index++) {
    const next = at(index);
    rising &&= next >= last;
    last = next;
  }
  need(rising && last <= end, `the offsets do not rise from 0 to ${end} at most`);
}

function validateViews(column: Column, need: Need): void {
  const values = column.values ?? new Uint8Array(0);
  const views = new DataView(values.buffer, values.byteOffset, values.byteLength);
  const valid = validity(column);
  for (let index = 0; index < column.length; index++) {
    if (!valid(index)) continue;
    const length = views.getInt32(16 * index, true);
    need(length >= 0, 'a value of negative length');
    if (length <= 12) continue;
    const from = views.getInt32(16 * index + 12, true);
    const buffer = column.variadicBuffers[views.getInt32(16 * index + 8, true)];
    need(buffer !== undefined && from >= 0 && from + length <= buffer.length, 'a value lies outside its data buffer');
  }
}

function validateIndices(column: Column, need: Need): void {
  const { length } = dictionaryPieces(column);
  const valid = validity(column);
  const at = indices(column);
  for (let index = 0; index < column.length; index++) {
    const value = at(index);
    if ((value < 0 || value >= length) && valid(index)) need(false, `index ${value} into a dictionary of ${length} values`);
  }
}

function validateUnion(type: ArrowType & { kind: 'union' }, column: Column, need: Need): void {
  const ids = column.typeIds;
  need((ids?.length ?? 0) >= column.length, `the type ids are too short for ${column.length} values`);
  if (type.dense) need((column.valueOffsets?.length ?? 0) >= column.length, `the offsets are too short for ${column.length} values`);
  const at = offsets(column);
  for (let index = 0; index < column.length; index++) {
    const child = column.children[type.ids.indexOf(ids?.[index] ?? -1)];
    const position = type.dense ? at(index) : index;
    need(child !== undefined && position >= 0 && position < child.length, 'a value of a union that none of its fields holds');
  }
}
