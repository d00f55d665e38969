import { Field, makeData, RecordBatch, Schema, Struct } from 'apache-arrow';
import { describe, expect, it } from 'vitest';
import { checkBatchHead } from '#src/format/arrow/batch-header.js';
import { jsonReader } from '#src/format/arrow/cell-text.js';
import type { Column } from '#src/format/arrow/column.js';
import { writeDirectBatch } from '#src/format/arrow/direct-batch.js';
import { buildDirect, directColumns, isDirect } from '#src/format/arrow/direct-columns.js';
import { buildData, columnsOf, dataOf, loadBatch, loadDictionaries } from '#src/format/arrow/library.js';
import { openMessage } from '#src/format/arrow/message.js';
import { MessageWriter } from '#src/format/arrow/message-writer.js';
import { OpenedSchema } from '#src/format/arrow/source-schema.js';
import { takeColumn } from '#src/format/arrow/take.js';
import type { ArrowField } from '#src/format/arrow/type.js';
import { made } from './fixtures.js';
import { split } from './support.js';

const WHERE = { byte: 0 };
const { setup, chunks } = await split(made('all-types.arrows'));
const { fields } = new OpenedSchema(setup.schema);
const dictionaries = loadDictionaries(setup.schema, chunks[0]!.context!.messages, WHERE);
const batches = chunks.map(({ bytes }) => columnsOf(loadBatch(setup.schema, dictionaries, bytes, WHERE)));
const direct = fields.map((field, index) => ({ name: field.name, field, columns: batches.map((batch) => batch[index]!) })).filter(({ field }) => isDirect(field.type)); // prettier-ignore

/** A message of these columns, as the library writes it. */
function libraryMessage(columns: readonly Column[]): Uint8Array {
  const children = columns.map(dataOf);
  const schema = new Schema(children.map(({ type }, index) => new Field(`c${index}`, type, true)));
  const { length } = children[0]!;
  const data = makeData({ type: new Struct(schema.fields), length, nullCount: 0, children });
  return new MessageWriter().batchMessage(new RecordBatch(schema, data));
}

function read(bytes: Uint8Array, own: readonly ArrowField[]): readonly Column[] {
  const message = openMessage(bytes, WHERE);
  return directColumns(own, message, checkBatchHead(message, WHERE), WHERE);
}

/** Positions with gaps, and with nulls between. */
const positions = (length: number): Int32Array => Int32Array.from({ length }, (_, row) => (row % 5 === 3 ? -1 : row)).filter((_, row) => row % 7 > 1);

it('most types are direct, and none that is nested or has a dictionary', () => {
  expect(direct.length).toBeGreaterThan(30);
  expect(direct.filter(({ name }) => /dictionary|list|struct|union|map|view|null$/.test(name))).toEqual([]);
});

describe.each(direct)('$name', ({ field, columns }) => {
  it('is read as the library reads it', () => {
    for (const column of columns) {
      const [own] = read(libraryMessage([column]), [field]);
      const expected = jsonReader(field.type, column);
      const found = jsonReader(field.type, own!);
      for (let row = 0; row < column.length; row++) expect(found(row)).toBe(expected(row));
    }
  });

  it('is written as the library writes it', () => {
    for (const column of columns.filter(({ length }) => length > 0)) {
      const message = libraryMessage([column, column]);
      const own = read(message, [field, field]);
      const dirty = new Uint8Array(message.length + 100).fill(255);
      expect(Buffer.compare(writeDirectBatch([field.type, field.type], own, column.length, dirty.buffer), message)).toBe(0);
    }
  });

  it('is taken apart as the library takes it', () => {
    for (const column of columns.filter(({ length }) => length > 10)) {
      const rows = positions(column.length);
      const [own] = read(libraryMessage([column]), [field]);
      const taken = takeColumn(field.type, own!, rows, buildDirect);
      const message = libraryMessage([takeColumn(field.type, column, rows, buildData)]);
      expect(Buffer.compare(writeDirectBatch([field.type], [taken], rows.length), message)).toBe(0);
    }
  });
});

it('a record batch of too few buffers is damage', () => {
  const { columns, field } = direct[0]!;
  const message = openMessage(libraryMessage([columns[0]!]), WHERE);
  const head = checkBatchHead(message, WHERE);
  const short = { ...head, nodeWords: head.nodeWords, bufferWords: head.bufferWords.slice(0, 2) };
  expect(() => directColumns([field], message, short, WHERE)).toThrow(expect.objectContaining({ code: 'arrow-corrupt' }) as Error);
});
