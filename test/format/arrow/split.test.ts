import { Field, Int32, RecordBatch, Schema, Struct, makeData, tableToIPC, Table, vectorFromArray } from 'apache-arrow';
import { describe, expect, it } from 'vitest';
import { openArrowSplitter } from '#src/format/arrow/split.js';
import { made, TEXTS, textRows } from './fixtures.js';
import { cells, codeOf, memorySource, split } from './support.js';

/** An Arrow stream of int32 columns of these names, without rows. */
function named(...names: string[]): Uint8Array {
  const schema = new Schema(names.map((name) => new Field(name, new Int32(), true)));
  return tableToIPC(new Table(schema), 'stream');
}

describe('a source at any stride', () => {
  it.each([1, 2, 3, 7, Infinity])('gives the same cells, %d bytes at a time', async (stride) => {
    for (const name of ['all-types.arrows', 'all-types.arrow']) {
      expect(await cells(made(name), { stride })).toEqual(textRows());
      expect(await cells(made(name), { stride, pipe: true })).toEqual(textRows());
    }
  });
});

describe('the schema', () => {
  it('names columns and types', async () => {
    const { schema } = await split(made('all-types.arrow'));
    expect(schema.format).toBe('arrow');
    expect(Object.fromEntries(schema.columns.map(({ name, type }) => [name, type]))).toMatchObject({
      int8: 'int8',
      uint64: 'uint64',
      float16: 'float16',
      utf8: 'utf8',
      large_utf8: 'large_utf8',
      utf8_view: 'utf8_view',
      fixed_binary: 'fixed_size_binary[5]',
      decimal128: 'decimal128(38, 3)',
      date32: 'date32',
      time_us: 'time64[us]',
      timestamp_ns: 'timestamp[ns]',
      zoned_ms: 'timestamp[ms, Europe/Vienna]',
      duration_s: 'duration[s]',
      interval: 'interval[month_day_nano]',
      null: 'null',
      list: 'list<int64>',
      fixed_list: 'fixed_size_list<int16>[3]',
      struct: 'struct<a: int16, b: utf8, c: list<bool>>',
      map: 'map<utf8, int32>',
      dense_union: 'dense_union<i: int32, s: utf8>',
      dictionary_int8: 'dictionary<utf8>',
      dictionary_in_dictionary: 'dictionary<struct<k: dictionary<utf8>, n: int64>>',
    });
    expect(schema.columns.map(({ name }) => name)).toEqual(Object.keys(TEXTS));
  });

  it('is refused with two columns of one name', async () => {
    await expect(split(named('a', 'b', 'a'))).rejects.toMatchObject({ code: 'duplicate-column', place: { column: 'a' } });
  });

  it('is refused with a column without a name', async () => {
    await expect(split(named('a', ''))).rejects.toMatchObject({ code: 'empty-column-name' });
  });

  it('is refused from a big-endian machine', async () => {
    const bytes = named('a').slice();
    const view = new DataView(bytes.buffer);
    // Message table -> header -> vtable of the schema: its first field is the endianness.
    const root = 8 + view.getUint32(8, true);
    const vtable = root - view.getInt32(root, true);
    const headerField = root + view.getUint16(vtable + 8, true);
    const schema = headerField + view.getUint32(headerField, true);
    const schemaVtable = schema - view.getInt32(schema, true);
    const endianness = view.getUint16(schemaVtable + 4, true);
    // The writer leaves out the default (little): point the field at a byte pair of the table that holds 1.
    if (endianness === 0) {
      const fields = view.getUint16(schemaVtable + 6, true);
      const distance = view.getUint32(schema + fields, true);
      expect(distance % 65536).not.toBe(0);
      view.setUint16(schemaVtable + 4, fields, true);
    } else {
      view.setInt16(schema + endianness, 1, true);
    }
    expect(await codeOf(split(bytes))).toBe('arrow-big-endian');
  });

  it('may come alone', async () => {
    expect(await cells(named('a', 'b'))).toEqual([]);
  });
});

it('chunks count from 0, own their buffers, and take given-back ones', async () => {
  const splitter = await openArrowSplitter(memorySource(made('all-types.arrows')), 'arrows', 1);
  const seen: ArrayBufferLike[] = [];
  const indices: number[] = [];
  for await (const chunk of splitter.chunks()) {
    expect(chunk.bytes.byteOffset).toBe(0);
    expect(Buffer.from(made('all-types.arrows').subarray(chunk.offset, chunk.offset + 4)).readInt32LE()).toBe(-1);
    seen.push(chunk.bytes.buffer);
    indices.push(chunk.index);
    splitter.recycle(chunk.bytes.buffer as ArrayBuffer);
  }
  expect(indices).toEqual(indices.map((_, index) => index));
  expect(new Set(seen).size).toBeLessThan(seen.length);
});

it('columns bind by position in the source, whatever slices its writer wrote', async () => {
  const column = vectorFromArray(['a', null, 'ccc', 'd', ''], undefined as never);
  const sliced = new Table({ c: column, n: vectorFromArray([1, 2, null, 4, 5], new Int32()) }).slice(1, 4);
  expect(await cells(tableToIPC(sliced, 'stream'))).toEqual([[null, '2'], ['ccc', null], ['d', '4']]); // prettier-ignore
});

it('a record batch without columns still has its rows', async () => {
  const schema = new Schema([]);
  const batch = new RecordBatch(schema, makeData({ type: new Struct([]), length: 3, nullCount: 0, children: [] }));
  expect(await cells(tableToIPC(new Table([batch]), 'stream'))).toEqual([[], [], []]);
});
