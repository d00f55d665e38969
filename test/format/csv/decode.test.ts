import { stringify } from 'csv-stringify/sync';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Batch } from '#src/batch/batch.js';
import type { ElementType } from '#src/batch/element.js';
import type { Layout, MissingRule } from '#src/batch/layout.js';
import { openBothDecoders } from './both.js';
import { bytesOf, COMMA, readCsv, uncut } from './harness.js';

interface Column {
  readonly name: string;
  readonly column: number;
  readonly type: ElementType;
  readonly onMissing?: MissingRule;
  readonly nulls?: readonly string[];
}

/** Each column into a tensor of its own. */
function layoutOf(columns: readonly Column[], kept: Layout['kept'] = []): Layout {
  return {
    tensors: columns.map(({ type }) => ({ type, width: 1 })),
    fields: columns.map(({ onMissing = { kind: 'reject' }, ...field }, tensor) => ({ ...field, tensor, at: 0, onMissing })),
    kept,
  };
}

async function decode(
  text: string | Uint8Array,
  columns: number,
  layout: Layout,
  { nullValues, limit = 1000, most }: { nullValues?: string[]; limit?: number; most?: number } = {},
) {
  const decoder = await openBothDecoders({ format: 'csv', dialect: COMMA, columns, recordLimitBytes: limit, nullValues }, layout);
  const batch = new Batch(layout);
  decoder.decode({ index: 0, bytes: typeof text === 'string' ? bytesOf(text) : text, offset: 100 }, batch, most);
  const values = batch.tensors.map((tensor) => Array.from(tensor.values as ArrayLike<unknown>).slice(0, batch.rows));
  return { batch, decoder, values, slots: [...batch.slots.subarray(0, batch.records)] };
}

describe('cells become typed rows', () => {
  test('numbers, texts and bools, with what is missing counted', async () => {
    const layout = layoutOf([
      { name: 'c', column: 2, type: 'string', onMissing: { kind: 'empty' } },
      { name: 'a', column: 0, type: 'float32', onMissing: { kind: 'nan' } },
      { name: 'b', column: 1, type: 'bool' },
    ]);
    const { batch, values } = await decode('1.5,true,"x,""y"""\nNA,0,\n', 3, layout);
    expect(values).toEqual([['x,"y"', ''], [1.5, NaN], [1, 0]]); // prettier-ignore
    expect(batch).toMatchObject({ records: 2, rows: 2, lines: 2, rejects: [] });
    expect([...batch.missing]).toEqual([1, 1, 0]);
  });

  test('given null values replace the defaults', async () => {
    const layout = layoutOf([{ name: 'a', column: 0, type: 'string', onMissing: { kind: 'empty' } }]);
    const { values, batch } = await decode('?\nNA\n', 1, layout, { nullValues: ['?'] });
    expect(values).toEqual([['', 'NA']]);
    expect([...batch.missing]).toEqual([1]);
  });

  test("a column's own null values come on top of the defaults, or of those that are given, in that column alone", async () => {
    const nan = { kind: 'nan' } as const;
    const layout = layoutOf([
      { name: 'a', column: 0, type: 'float32', onMissing: nan, nulls: ['-999', 'none'] },
      { name: 'b', column: 1, type: 'float32', onMissing: nan },
      { name: 'c', column: 2, type: 'string', onMissing: { kind: 'empty' }, nulls: ['?'] },
    ]);
    const text = '-999,-999,?\n-999.0,1,NA\nNone,2,x\nNA,3,-999\n';
    const plain = await decode(text, 3, layout);
    expect(plain.values).toEqual([[NaN, NaN, NaN, NaN], [-999, 1, 2, 3], ['', 'NA', 'x', '-999']]); // prettier-ignore
    expect([...plain.batch.missing]).toEqual([4, 0, 1]);
    const given = await decode(text, 3, layout, { nullValues: ['3', 'NA'] });
    expect(given.values).toEqual([[NaN, NaN, NaN, NaN], [-999, 1, 2, NaN], ['', '', 'x', '-999']]); // prettier-ignore
    expect([...given.batch.missing]).toEqual([4, 1, 2]);
  });

  test('equal categories are one string, and too many stay right', async () => {
    const layout = layoutOf([{ name: 'a', column: 0, type: 'string', onMissing: { kind: 'empty' } }]);
    const texts = Array.from({ length: 10_000 }, (_, at) => `v${at % 6000}`);
    expect((await decode(`${texts.join('\n')}\n`, 1, layout)).values).toEqual([texts]);
  });

  test('a row count at most', async () => {
    const layout = layoutOf([{ name: 'a', column: 0, type: 'int32' }]);
    expect(await decode('1\n2\n3\n', 1, layout, { most: 2 })).toMatchObject({ values: [[1, 2]], batch: { records: 2, lines: 2 } });
  });

  test('a chunk of blank lines is an empty batch', async () => {
    const layout = layoutOf([{ name: 'a', column: 0, type: 'int32' }]);
    expect((await decode('\n\r\n', 2, layout)).batch).toMatchObject({ records: 0, rows: 0, lines: 2 });
  });
});

describe('rejects', () => {
  const numbers = layoutOf([
    { name: 'b', column: 1, type: 'int64' },
    { name: 'a', column: 0, type: 'float64', onMissing: { kind: 'nan' } },
  ]);

  test('name the first field at fault in the order of the source', async () => {
    const { batch, values, slots } = await decode('1,2\nx,y\n\n3,4.5\n5,6\n', 2, numbers);
    expect(values).toEqual([[2n, 6n], [1, 5]]); // prettier-ignore
    expect(slots).toEqual([0, -1, -1, 1]);
    expect(batch.rejects).toEqual([
      { row: 1, line: 1, byte: 4, code: 'not-a-number', column: 'a', message: 'found text of 1 character, expected a number (float64)', value: 'x', record: 'x,y' },
      { row: 2, line: 3, byte: 9, code: 'not-an-integer', column: 'b', message: 'found a number with a fraction, expected a whole number (int64)', value: '4.5', record: '3,4.5' },
    ]); // prettier-ignore
  });

  test('a rejected record counts no missing values', async () => {
    expect([...(await decode(',x\n,1\n', 2, numbers)).batch.missing]).toEqual([0, 1]);
  });

  test('records of another width', async () => {
    expect((await decode('1\n1,2,3\n1,2\n', 2, numbers)).batch.rejects).toMatchObject([
      { code: 'ragged-row', column: null, value: null, message: 'found 1 field, expected 2' },
      { code: 'ragged-row', message: 'found 3 fields, expected 2' },
    ]);
  });

  test('records that break the grammar', async () => {
    const { batch } = await decode(`1"2,3\n"1"2,3\n4,5\n6,"7\n${'8'.repeat(30)},9\n1,2`, 2, numbers, { limit: 20 });
    expect(batch.rejects.map(({ row, code }) => [row, code])).toEqual([[0, 'bad-quote'], [1, 'bad-quote'], [3, 'unclosed-quote'], [4, 'record-too-long']]); // prettier-ignore
    expect(batch.rejects[3]?.record).toBe('8'.repeat(20));
    expect(batch.rows).toBe(2);
  });

  test('only the records with bytes that are not UTF-8', async () => {
    const bytes = Buffer.from('1,2\n3,4\n5,6\n');
    bytes[6] = 0xff;
    const { batch } = await decode(bytes, 2, numbers);
    expect(batch.rejects).toMatchObject([{ row: 1, code: 'invalid-utf8', record: '3,\uFFFD' }]);
    expect(batch.rows).toBe(2);
  });
});

describe('kept columns', () => {
  const kept = [{ name: 'z', column: 2 }, { name: 'x', column: 0 }]; // prettier-ignore

  test('are the raw bytes, rejected records included as far as they go', async () => {
    const { batch } = await decode('007,1," a,""b"""\nx,no,z\n1,2\n"y"x,1,2\n', 3, layoutOf([{ name: 'y', column: 1, type: 'int8' }], kept));
    const raw = batch.kept.map(({ native }) =>
      Array.from({ length: 4 }, (_, record) =>
        native.format === 'csv' ? Buffer.from(native.bytes.subarray(native.from[record], native.to[record])).toString() : '',
      ),
    );
    expect(raw).toEqual([['" a,""b"""', 'z', '', ''], ['007', 'x', '1', '']]); // prettier-ignore
    const texts = batch.kept.map((column) => [0, 1, 2, 3].map((record) => column.text(record)));
    expect(texts).toEqual([[' a,"b"', 'z', null, null], ['007', 'x', '1', null]]); // prettier-ignore
  });

  test('locate gives the place of any record of the chunk', async () => {
    const { decoder } = await decode('"a\nb",1\n\nc,2\n', 2, layoutOf([]));
    expect(decoder.locate(1)).toEqual({ line: 3, byte: 9, record: 'c,2' });
  });
});

// Without quotes or line ends in the way; the characters that matter, and some that do not.
const cell = fc.string({ unit: fc.constantFrom(',', ';', '"', "'", '\n', '\r', 'a', 'é', '𝒳', ' ', '\\', '|', '\0', '1'), maxLength: 8 });
const table = fc
  .integer({ min: 1, max: 4 })
  .chain((width) => fc.array(fc.array(cell, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 12 }));
const written = fc.record({
  delimiter: fc.constantFrom(',', ';', '\t', '|'),
  quote: fc.constantFrom('"', "'"),
  escape: fc.constantFrom('same', '\\'),
  newline: fc.constantFrom('\n', '\r\n', '\r'),
  quoted: fc.boolean(),
});

describe('what another writer wrote', () => {
  test('reads back equal, whole and cut', async () => {
    await fc.assert(
      fc.asyncProperty(table, written, fc.integer({ min: 1, max: 200 }), async (rows, { delimiter, quote, escape, newline, quoted }, chunkBytes) => {
        const dialect = { delimiter, quote, escape: escape === 'same' ? quote : escape };
        const names = rows[0]!.map((_, column) => `c${column}`);
        // An empty cell of a one-column file must be quoted, or it is a blank line.
        const text = stringify([names, ...rows], {
          ...dialect,
          record_delimiter: newline,
          quoted,
          quote_record_delimiter: true,
          quoted_empty: names.length === 1,
        });
        const whole = await readCsv(bytesOf(text), { csv: dialect });
        expect(whole.records.map(({ cells }) => cells)).toEqual(rows);
        expect(whole.records.map(({ kept }) => kept)).toEqual(rows);
        expect(whole.records.map(({ rawCells }) => rawCells.join(delimiter))).toEqual(whole.records.map(({ raw }) => raw));
        expect(uncut(await readCsv(bytesOf(text), { csv: dialect, chunkBytes }))).toEqual(uncut(whole));
      }),
      { numRuns: 500 },
    );
  });

  test('byte soup: kept texts are the cells of csv-parse, every record is accounted for', async () => {
    const soup = fc.string({ unit: fc.constantFrom(',', '"', '\n', '\r', 'a', '1', ' ', '\\'), maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(soup, fc.constantFrom('"', '\\'), fc.constantFrom('a\n', 'a,b\n'), async (text, escape, header) => {
        const { records } = await readCsv(bytesOf(header + text), { csv: { escape } });
        for (const { cells, kept, code } of records) expect(code === null ? cells : null).toEqual(code === null ? kept : null);
        expect(records.map(({ row }) => row)).toEqual(records.map((_, at) => at + 1));
      }),
      { numRuns: 1000 },
    );
  });
});
