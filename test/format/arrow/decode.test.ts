import {
  Bool,
  Dictionary,
  Field,
  Float32,
  Float64,
  Int32,
  Int64,
  Schema,
  Table,
  tableToIPC,
  Uint64,
  Uint8,
  Utf8,
  vectorFromArray,
  type DataType,
} from 'apache-arrow';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Batch } from '#src/batch/batch.js';
import type { ElementType } from '#src/batch/element.js';
import type { Layout } from '#src/batch/layout.js';
import { checkArrowBinding } from '#src/format/arrow/binding.js';
import { made, TEXTS } from './fixtures.js';
import { codeOf, decodeWith, field, split } from './support.js';

/** A stream of one batch with columns c0, c1 … of these types. */
function streamOf(...columns: readonly (readonly [type: DataType, values: readonly unknown[]])[]): Uint8Array {
  const schema = new Schema(columns.map(([type], index) => new Field(`c${index}`, type, true)));
  const vectors = Object.fromEntries(columns.map(([type, values], index) => [`c${index}`, vectorFromArray(values as never, type)]));
  return tableToIPC(new Table(schema, vectors), 'stream');
}

/** A layout with one tensor that takes the first `width` columns in order. */
function matrix(type: ElementType, width: number, over: Parameters<typeof field>[2] = {}): Layout {
  return { tensors: [{ type, width }], fields: Array.from({ length: width }, (_, column) => field(column, type, over)), kept: [] };
}

interface Seen {
  readonly values: unknown[];
  readonly slots: number[];
  readonly missing: number[];
  readonly rejects: unknown[];
}

function look(batch: Batch): Seen {
  const { values, width } = batch.tensors[0]!;
  return {
    values: Array.from(values as ArrayLike<unknown>).slice(0, batch.rows * width),
    slots: [...batch.slots.subarray(0, batch.records)],
    missing: [...batch.missing],
    rejects: batch.rejects.map(({ row, code, column, value, record, line, byte }) => ({ row, code, column, value, record, line, byte })),
  };
}

async function read(stream: Uint8Array, layout: Layout, nullValues?: readonly string[]): Promise<Seen> {
  const [seen] = await decodeWith(stream, layout, look, nullValues);
  return seen!;
}

describe('numbers', () => {
  const column = (name: string): number => Object.keys(TEXTS).indexOf(name);
  const NUMBERS = [
    'int8',
    'int16',
    'int32',
    'int64',
    'uint8',
    'uint16',
    'uint32',
    'uint64',
    'float16',
    'float32',
    'float64',
    'decimal32',
    'decimal128',
    'decimal256',
  ];

  it.each(NUMBERS)('of type %s become floats, null becomes NaN', async (name) => {
    const layout = { tensors: [{ type: 'float64', width: 1 }], fields: [field(column(name), 'float64', { at: 0 })], kept: [] } as const;
    const seen = await decodeWith(made('all-types.arrows'), layout, look);
    const expected = TEXTS[name]!.map((text) => (text === null ? NaN : text === 'inf' ? Infinity : Number(text)));
    expect(seen.flatMap(({ values }) => values)).toEqual(expected);
    expect(seen.reduce((sum, { missing }) => sum + missing[0]!, 0)).toBe(expected.filter(Number.isNaN).length);
  });

  it('keep all digits as integers', async () => {
    const big = [2n ** 53n + 1n, -(2n ** 63n), 2n ** 63n - 1n];
    expect((await read(streamOf([new Int64(), big]), matrix('int64', 1))).values).toEqual(big);
    expect((await read(streamOf([new Uint64(), [2n ** 64n - 1n]]), matrix('uint64', 1))).values).toEqual([2n ** 64n - 1n]);
  });

  it('of 64 bits become the nearest double', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n), { minLength: 1 }), async (values) => {
        expect((await read(streamOf([new Int64(), values]), matrix('float64', 1))).values).toEqual(values.map(Number));
        const unsigned = values.map((value) => BigInt.asUintN(64, value));
        expect((await read(streamOf([new Uint64(), unsigned]), matrix('float64', 1))).values).toEqual(unsigned.map(Number));
      }),
      { numRuns: 40 },
    );
  });

  it('stand side by side in a matrix, whichever way each of them takes', async () => {
    const rows = 1300;
    const number = (row: number, column: number): number => row * 8 + column;
    const values = (column: number, every = 1): (number | null)[] =>
      Array.from({ length: rows }, (_, row) => (row % every === 0 ? number(row, column) : null));
    const stream = streamOf(
      [new Float32(), values(0)],
      [new Float64(), values(1)],
      [new Int32(), values(2)],
      [new Float32(), values(3, 2)],
      [new Utf8(), values(4).map(String)],
      [new Int64(), values(5).map((value) => BigInt(value!))],
    );
    const seen = await read(stream, matrix('float32', 6));
    expect(seen.values).toEqual(
      Array.from({ length: rows }, (_, row) => [0, 1, 2, 3, 4, 5].map((c) => (c === 3 && row % 2 === 1 ? NaN : number(row, c)))).flat(),
    );
    expect(seen.missing).toEqual([0, 0, 0, 650, 0, 0]);
  });

  it('of a wide float32 matrix come out as they stand, with NaN, infinities and nulls among them', async () => {
    const value = fc.oneof(
      { weight: 60, arbitrary: fc.constantFrom(1.5, -0, 3e38, -7) },
      { weight: 1, arbitrary: fc.constantFrom(NaN, Infinity, -Infinity, null) },
    );
    const column = fc.array(value, { minLength: 300, maxLength: 300 });
    await fc.assert(
      fc.asyncProperty(fc.array(column, { minLength: 11, maxLength: 11 }), fc.constantFrom('nan', 'reject'), async (columns, kind) => {
        const found = await read(
          streamOf(...columns.map((values) => [new Float32(), values] as const)),
          matrix('float32', 11, { onMissing: { kind } }),
        );
        const rows = Array.from({ length: 300 }, (_, row) => columns.map((values) => values[row] ?? null));
        const isMissing = (own: number | null): boolean => own === null || Number.isNaN(own);
        const scored = kind === 'nan' ? rows : rows.filter((row) => !row.some(isMissing));
        expect(found.values).toEqual(scored.flat().map((own) => (own === null ? NaN : Math.fround(own))));
        expect(found.missing).toEqual(columns.map((values) => (kind === 'nan' ? values.filter(isMissing).length : 0)));
        expect(found.rejects.length).toBe(rows.length - scored.length);
      }),
      { numRuns: 20 },
    );
  });
});

describe('missing values', () => {
  const stream = streamOf([new Float64(), [1, NaN, null, 4]]);

  it('are NaN in a float input, null or NaN', async () => {
    expect(await read(stream, matrix('float32', 1))).toMatchObject({ values: [1, NaN, NaN, 4], missing: [2], rejects: [] });
  });

  it('are what the contract says of a column, whichever way its neighbours take', async () => {
    const columns = Array.from({ length: 5 }, (_, at) => [new Float32(), [1, -999, at]] as const);
    const { fields, ...rest } = matrix('float32', 5);
    const seen = await read(streamOf(...columns), { ...rest, fields: fields.map((field, at) => (at === 1 ? { ...field, nulls: ['-999'] } : field)) });
    expect(seen.values).toEqual([1, 1, 1, 1, 1, -999, NaN, -999, -999, -999, 0, 1, 2, 3, 4]);
    expect(seen.missing).toEqual([0, 1, 0, 0, 0]);
  }); // prettier-ignore

  it('take the value that the contract gives', async () => {
    const layout = matrix('float32', 1, { onMissing: { kind: 'value', text: '-7' } });
    expect(await read(stream, layout)).toMatchObject({ values: [1, -7, -7, 4], missing: [2] });
  });

  it('reject the row where they may not be', async () => {
    const seen = await read(stream, matrix('float32', 1, { onMissing: { kind: 'reject' } }));
    expect(seen).toMatchObject({ values: [1, 4], slots: [0, -1, -1, 1], missing: [0] });
    expect(seen.rejects).toEqual([
      { row: 1, code: 'missing-value', column: 'c0', value: 'NaN', record: '{"c0":"NaN"}', line: null, byte: 0 },
      { row: 2, code: 'missing-value', column: 'c0', value: null, record: '{"c0":null}', line: null, byte: 0 },
    ]);
  });

  it('count in scored rows only', async () => {
    const two = streamOf([new Float64(), [NaN, NaN, 3]], [new Utf8(), ['1', 'x', '3']]);
    expect(await read(two, matrix('float64', 2))).toMatchObject({ values: [NaN, 1, 3, 3], missing: [1, 0], slots: [0, -1, 1] });
  });

  it('in a column of nulls only are all missing', async () => {
    const layout = {
      tensors: [{ type: 'float32', width: 1 }],
      fields: [field(Object.keys(TEXTS).indexOf('null'), 'float32', { at: 0 })],
      kept: [],
    } as const;
    const seen = await decodeWith(made('all-types.arrows'), layout, look);
    expect(seen.reduce((sum, { missing }) => sum + missing[0]!, 0)).toBe(40);
  });
});

describe('values that the model cannot take', () => {
  it('reject their row: too large, with a fraction, no number', async () => {
    const layout: Layout = {
      tensors: [{ type: 'float32', width: 1 }, { type: 'int32', width: 1 }, { type: 'float64', width: 1 }],
      fields: [field(0, 'float32', { at: 0 }), field(1, 'int32', { at: 0, tensor: 1 }), field(2, 'float64', { at: 0, tensor: 2 })],
      kept: [],
    }; // prettier-ignore
    const stream = streamOf(
      [new Float64(), [1e39, 2, 3, 4, 5, 6]],
      [new Float64(), [1, 2.5, 3, 2 ** 31, 5, 6]],
      [new Utf8(), ['1', '2', 'three', ' 4 ', ' 5e0 ', '0x6']],
    );
    const seen = await read(stream, layout);
    expect(seen.values).toEqual([5]);
    expect(seen.rejects).toMatchObject([
      { row: 0, code: 'out-of-range', column: 'c0', value: '1e+39', record: '{"c0":1e+39,"c1":1,"c2":"1"}' },
      { row: 1, code: 'not-an-integer', column: 'c1', value: '2.5' },
      { row: 2, code: 'not-a-number', column: 'c2', value: 'three' },
      { row: 3, code: 'out-of-range', column: 'c1', value: '2147483648' },
      { row: 5, code: 'not-a-number', column: 'c2', value: '0x6' },
    ]);
  });

  it('close the tensors up, wherever they stand', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.option(fc.integer({ min: 0, max: 9 }), { nil: undefined, freq: 2 }), { minLength: 1, maxLength: 1200 }),
        async (cells) => {
          const numbers = cells.map((_, row) => row);
          const stream = streamOf([new Float32(), numbers], [new Utf8(), cells.map((cell) => (cell === undefined ? 'bad' : String(cell)))]);
          const seen = await read(stream, matrix('float32', 2));
          expect(seen.values).toEqual(numbers.flatMap((row) => (cells[row] === undefined ? [] : [row, cells[row]])));
          expect(seen.rejects).toHaveLength(cells.filter((cell) => cell === undefined).length);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('in text that is no UTF-8 reject their row', async () => {
    const stream = streamOf([new Utf8(), ['fine', 'bXd', 'é']]).slice();
    stream[Buffer.from(stream).indexOf('bXd') + 1] = 0xff;
    expect((await read(stream, matrix('string', 1))).rejects).toMatchObject([{ row: 1, code: 'invalid-utf8', column: 'c0' }]);
  });
});

describe('strings', () => {
  it('come from text, numbers and booleans', async () => {
    const stream = streamOf(
      [new Utf8(), ['a', '', null]],
      [new Int64(), [2n ** 53n + 1n, 0n, -1n]],
      [new Bool(), [true, false, null]],
      [new Float32(), [0.1, NaN, 3]],
    );
    expect(await read(stream, matrix('string', 4))).toMatchObject({
      values: ['a', '9007199254740993', 'true', '0.1', '', '0', 'false', '', '', '-1', '', '3'],
      missing: [2, 0, 1, 1],
    });
  });

  it.each(['utf8', 'large_utf8', 'utf8_view', 'dictionary_int8', 'dictionary_uint64', 'dictionary_int16'])('come whole from %s', async (name) => {
    const layout = {
      tensors: [{ type: 'string', width: 1 }],
      fields: [field(Object.keys(TEXTS).indexOf(name), 'string', { at: 0 })],
      kept: [],
    } as const;
    const seen = await decodeWith(made('all-types.arrows'), layout, look);
    expect(seen.flatMap(({ values }) => values)).toEqual(TEXTS[name]!.map((text) => text ?? ''));
  });

  it('of a dictionary feed numbers by the grammar of cells', async () => {
    const categories = new Dictionary(new Utf8(), new Int32());
    const seen = await read(streamOf([categories, ['1.5', ' 2', 'NA', null, 'x']]), matrix('float32', 1));
    expect(seen).toMatchObject({ values: [1.5, 2, NaN, NaN], missing: [2], rejects: [{ row: 4, code: 'not-a-number', value: 'x' }] });
  });

  it('mean missing as the user says', async () => {
    const seen = await read(streamOf([new Utf8(), ['-999', 'NA', '']]), matrix('string', 1), ['-999']);
    expect(seen).toMatchObject({ values: ['', 'NA', ''], missing: [2] });
  });
});

it('booleans come from bool, 0 and 1, and text', async () => {
  const stream = streamOf([new Bool(), [true, false, true]], [new Uint8(), [0, 1, 2]], [new Utf8(), ['TRUE', '0', '1']]);
  expect(await read(stream, matrix('bool', 3))).toMatchObject({
    values: [1, 0, 1, 0, 1, 0],
    rejects: [{ row: 2, code: 'not-a-boolean', column: 'c1', value: '2' }],
  });
});

it('takes the first records only where told', async () => {
  const { setup, chunks } = await split(streamOf([new Float32(), [1, 2, 3]]));
  const { openArrowDecoder } = await import('#src/format/arrow/decode.js');
  const { Batch: TypedBatch } = await import('#src/batch/batch.js');
  const layout = matrix('float32', 1);
  const batch = new TypedBatch(layout);
  (await openArrowDecoder(setup, layout)).decode(chunks[0]!, batch, 2);
  expect(look(batch)).toMatchObject({ values: [1, 2], slots: [0, 1] });
});

describe('the binding', () => {
  const bind = async (name: string, type: ElementType): Promise<void> => {
    const { schema } = await split(made('all-types.arrows'));
    checkArrowBinding(schema, { tensors: [{ type, width: 1 }], fields: [field(Object.keys(TEXTS).indexOf(name), type, { at: 0 })], kept: [] });
  };
  const NO_SCALAR = /^(date|time|zoned|duration|interval)|binary|list|struct|map|union|dictionary_in_dictionary/;
  const REFUSED = Object.keys(TEXTS).filter((name) => NO_SCALAR.test(name));

  it.each(REFUSED)('of a %s column is refused before row one', async (name) => {
    for (const type of ['float32', 'int64', 'string', 'bool'] as const) {
      await expect(bind(name, type)).rejects.toMatchObject({ code: 'column-type', place: { column: name }, details: { expected: type } });
    }
  });

  it.each(Object.keys(TEXTS).filter((name) => !REFUSED.includes(name)))('of a %s column is taken', async (name) => {
    for (const type of ['float32', 'float16', 'int64', 'string', 'bool'] as const) expect(await codeOf(bind(name, type))).toBe('whole');
  });
});
