import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Batch, type KeptColumn } from '#src/batch/batch.js';
import type { ResultColumn } from '#src/batch/result.js';
import { textWriter } from '#src/batch/text.js';
import { openCsvEncoder } from '#src/format/csv/encode.js';
import { openQuoter } from '#src/format/csv/quote.js';
import type { CsvDialect } from '#src/format/csv/setup.js';
import { allStrings, COMMA } from './harness.js';

interface Table {
  readonly dialect: CsvDialect;
  readonly copyRaw: boolean;
  readonly rejectedRows: 'drop' | 'blank';
  /** Raw cells by record; absent where undefined. */
  readonly cells: readonly (readonly (string | undefined)[])[];
  /** Kept columns of the source, in output order. */
  readonly kept: readonly number[];
  readonly rejected: readonly boolean[];
  readonly results: readonly ResultColumn[];
}

/** The encoder's promise in its plainest form: cells as strings, joined. */
function reference({ dialect, copyRaw, rejectedRows, cells, kept, rejected, results }: Table): string {
  const quote = openQuoter(dialect);
  let text = '';
  let row = 0;
  cells.forEach((record, index) => {
    if (rejected[index] === true && rejectedRows === 'drop') return;
    const raw = kept.map((column) => (copyRaw ? (record[column] ?? '') : quote(record[column] ?? '')));
    const scores = results.map(({ field, values }) => (rejected[index] === true ? '' : quote(textWriter(field.type)(values, row))));
    const line = [...raw, ...scores].join(dialect.delimiter);
    text += `${line === '' ? dialect.quote + dialect.quote : line}\n`;
    if (rejected[index] !== true) row++;
  });
  return text;
}

/** The batch that a decoder would make of the table: cells side by side in one buffer, absent ones as empty ranges. */
function batchOf({ cells, kept, rejected, dialect }: Table): Batch {
  const batch = new Batch(allStrings([]));
  batch.reset(cells.length);
  const width = cells[0]?.length ?? 0;
  const from = Array.from({ length: width }, () => new Uint32Array(cells.length));
  const to = Array.from({ length: width }, () => new Uint32Array(cells.length));
  let text = Buffer.alloc(0);
  cells.forEach((record, index) => {
    record.forEach((cell, column) => {
      if (cell === undefined) return;
      if (column > 0) text = Buffer.concat([text, Buffer.from(dialect.delimiter)]);
      from[column]![index] = text.length;
      text = Buffer.concat([text, Buffer.from(cell)]);
      to[column]![index] = text.length;
    });
    text = Buffer.concat([text, Buffer.from('\n')]);
    if (rejected[index] === true)
      batch.reject({ row: index, line: index, byte: 0, code: 'not-a-number', column: null, message: '', value: null, record: '' });
    else batch.accept();
  });
  batch.kept = kept.map((column): KeptColumn => ({
    name: String(column),
    text: (record) => cells[record]?.[column] ?? null,
    native: { format: 'csv', bytes: text, from: from[column]!, to: to[column]! },
  }));
  return batch;
}

const label = fc.oneof(
  fc.constantFrom('yes', 'no', '', 'a,b', 'say "x"', 'ü', '日本', ' x', 'a;b', '1.5'),
  fc.string({ unit: 'grapheme', maxLength: 70 }),
);
const values = {
  float32: fc.float().map((value) => Math.fround(value)),
  float64: fc.double(),
  float16: fc.integer({ min: 0, max: 0xffff }),
  int64: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  uint64: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  int32: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  uint32: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  int8: fc.integer({ min: -128, max: 127 }),
  bool: fc.integer({ min: 0, max: 1 }),
  string: label,
} as const;
const ARRAYS = {
  float32: Float32Array,
  float64: Float64Array,
  float16: Uint16Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int8: Int8Array,
  bool: Uint8Array,
} as const;

/** A column of `rows` values; one more than needed, as buffers that are used again are longer. */
function column(type: keyof typeof values, rows: number): fc.Arbitrary<ResultColumn> {
  return fc.array(values[type] as fc.Arbitrary<never>, { minLength: rows + 1, maxLength: rows + 1 }).map((list) => ({
    field: { name: type, type },
    values: type === 'string' ? list : (ARRAYS[type].from as (list: readonly never[]) => ResultColumn['values'])(list),
  }));
}

const dialects = fc.constantFrom<CsvDialect>(
  COMMA,
  { delimiter: ';', quote: "'", escape: "'" },
  { delimiter: '\t', quote: '"', escape: '\\' },
  { delimiter: '.', quote: '"', escape: '"' },
  { delimiter: ',', quote: '1', escape: '1' },
);
const tables = fc
  .record({
    records: fc.integer({ min: 0, max: 9 }),
    width: fc.integer({ min: 0, max: 4 }),
    types: fc.array(fc.constantFrom(...(Object.keys(values) as (keyof typeof values)[])), { maxLength: 4 }),
  })
  .chain(({ records, width, types }) => {
    const cell = fc.oneof(
      fc.constantFrom('', 'a', '"q""q"', '7', 'x'.repeat(49)),
      fc.string({ unit: fc.constantFrom('a', 'é', ' '), maxLength: 60 }),
    );
    // Absent cells are the last ones of a record.
    const record = fc
      .tuple(fc.array(cell, { minLength: width, maxLength: width }), fc.integer({ min: 0, max: 9 }))
      .map(([cells, present]) => cells.map((text, index) => (index < present ? text : undefined)));
    return fc.record<Table>({
      dialect: dialects,
      copyRaw: fc.boolean(),
      rejectedRows: fc.constantFrom('drop', 'blank'),
      cells: fc.array(record, { minLength: records, maxLength: records }),
      kept: fc.shuffledSubarray(Array.from({ length: width }, (_, index) => index)),
      rejected: fc.array(fc.boolean(), { minLength: records, maxLength: records }),
      results: fc.tuple(...types.map((type) => column(type, records))),
    });
  });

function encoderOf({ dialect, copyRaw, kept, rejectedRows, results }: Table) {
  return openCsvEncoder({
    format: 'csv',
    dialect,
    copyRaw,
    kept: kept.map((at) => ({ name: String(at), column: at })),
    results: results.map(({ field }) => field),
    rejectedRows,
  });
}

describe('encoded bytes', () => {
  test('are what plain strings joined together give, whatever the table and the buffer', () => {
    fc.assert(
      fc.property(tables, fc.integer({ min: 0, max: 400 }), (table, bytes) => {
        const batch = batchOf(table);
        const encoder = encoderOf(table);
        const expected = reference(table);
        // Once more with the same encoder: what it has learned of labels changes nothing.
        for (const into of [undefined, new ArrayBuffer(bytes)])
          expect(Buffer.from(encoder.encode(batch, table.results, into).bytes).toString()).toBe(expected);
      }),
      { numRuns: 2000 },
    );
  });

  test('of labels stay the same after the buffer they were first written into is used again', () => {
    const results: ResultColumn[] = [{ field: { name: 'label', type: 'string' }, values: ['first, quoted', 'second'] }];
    const table: Table = { dialect: COMMA, copyRaw: true, rejectedRows: 'drop', cells: [[], []], kept: [], rejected: [false, false], results };
    const encoder = encoderOf(table);
    const { bytes } = encoder.encode(batchOf(table), results);
    bytes.fill(0x7e);
    expect(Buffer.from(encoder.encode(batchOf(table), results, bytes.buffer as ArrayBuffer).bytes).toString()).toBe('"first, quoted"\nsecond\n');
  });

  test('of more distinct labels than are remembered', () => {
    const texts = Array.from({ length: 3000 }, (_, index) => (index % 3 === 0 ? `label ${index}` : `"${index % 1500}", é`));
    const results: ResultColumn[] = [{ field: { name: 'label', type: 'string' }, values: texts }];
    const table: Table = {
      dialect: COMMA,
      copyRaw: true,
      rejectedRows: 'drop',
      cells: texts.map(() => []),
      kept: [],
      rejected: texts.map(() => false),
      results,
    };
    expect(Buffer.from(encoderOf(table).encode(batchOf(table), results).bytes).toString()).toBe(reference(table));
  });
});
