import { Data, RecordBatchReader, type DataType, type RecordBatch, type Schema, type Vector } from 'apache-arrow';
import type { Column } from './column.js';
import { corrupt, type Where } from './faults.js';
import type { BuildColumn } from './take.js';

export { Data };

/** The library's own vectors by dictionary id. */
export type Dictionaries = ReadonlyMap<number, Vector>;

/** The columns of a record batch as this room reads them. */
export function columnsOf(batch: RecordBatch): readonly Column[] {
  return batch.data.children;
}

/** The library's Data behind a column; a column is nothing else. */
export function dataOf(column: Column): Data {
  if (column instanceof Data) return column as Data;
  throw new TypeError('a column that the library did not make');
}

/** The values of a dictionary, in pieces: it grows by deltas. */
export function piecesOf(dictionary: Vector): readonly Column[] {
  return dictionary.data;
}

/** A column of the same library type as another, with its dictionary, from new buffers. */
export const buildData: BuildColumn = (like, length, nulls, parts) => {
  const { type, dictionary, variadicBuffers } = dataOf(like);
  const buffers = [parts.valueOffsets, parts.values, nulls.bitmap, parts.typeIds];
  return new Data(type, 0, length, nulls.count, buffers as never, (parts.children ?? []).map(dataOf), dictionary, variadicBuffers);
};

/** A direct column as the library's Data. */
export function asData(type: DataType, { length, nullCount, nullBitmap, values, valueOffsets }: Column): Data {
  return new Data(type, 0, length, nullCount, [valueOffsets, values, nullBitmap, undefined] as never);
}

/** Decodes a schema message. Throws InputError (`arrow-corrupt`). */
export function loadSchema(schema: Uint8Array): Schema {
  return loading({ byte: 0 }, () => RecordBatchReader.from([schema]).open().schema);
}

/**
 * Decodes dictionary messages, in order. Throws InputError (`arrow-corrupt`). The messages must have passed checkBatchHead.
 */
export function loadDictionaries(schema: Uint8Array, messages: readonly Uint8Array[], where: Where): Dictionaries {
  return loading(where, () => {
    const reader = RecordBatchReader.from([schema, ...messages]).open();
    // Without a record batch the reader goes through all dictionaries and gives an empty placeholder.
    reader.next();
    return reader.dictionaries;
  });
}

/** Decodes one record batch message against dictionaries that were decoded before. Throws InputError (`arrow-corrupt`). */
export function loadBatch(schema: Uint8Array, dictionaries: Dictionaries, message: Uint8Array, where: Where): RecordBatch {
  return loading(where, () => {
    const reader = RecordBatchReader.from([schema, message]).open();
    for (const [id, vector] of dictionaries) reader.dictionaries.set(id, vector);
    const { value } = reader.next() as IteratorResult<RecordBatch, undefined>;
    if (value === undefined) throw new TypeError('no record batch in the message');
    return value;
  });
}

function loading<Result>(where: Where, load: () => Result): Result {
  try {
    return load();
  } catch (error) {
    throw corrupt(where, error instanceof Error ? error.message : String(error), error);
  }
}
