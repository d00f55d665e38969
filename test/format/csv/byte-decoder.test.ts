import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Batch } from '#src/batch/batch.js';
import type { ElementType } from '#src/batch/element.js';
import type { Layout, MissingRule } from '#src/batch/layout.js';
import { DecimalReader } from '#src/format/csv/decimal.js';
import type { CsvDecoderSetup } from '#src/format/csv/setup.js';
import { randomOf } from '../../../tools/fuzz/mutate.mjs';
import { openBothDecoders } from './both.js';
import { bytesOf, COMMA } from './harness.js';

const TYPES: readonly ElementType[] = ['float16', 'float32', 'float64', 'int8', 'int32', 'int64', 'uint64', 'bool', 'string'];

const digits = (least: number, most: number) => fc.string({ unit: fc.integer({ min: 0, max: 9 }).map(String), minLength: least, maxLength: most });
const sign = fc.constantFrom('', '', '-', '+');
const exponent = fc.oneof(
  { weight: 3, arbitrary: fc.constant('') },
  fc.tuple(fc.constantFrom('e', 'E'), sign, digits(0, 3)).map((parts) => parts.join('')),
);
const decimal = fc.tuple(sign, digits(0, 12), fc.constantFrom('', '.', ','), digits(0, 14), exponent).map((parts) => parts.join(''));
const double = fc.double().map(String);
const word = fc.constantFrom(
  '',
  '',
  ' ',
  'NA',
  'nan',
  'null',
  'inf',
  '-Infinity',
  'true',
  'FALSE',
  '-999',
  '-999.0',
  '1_000',
  '0x1F',
  '3.0',
  '-0',
  '9007199254740993',
  '.',
  '-',
  'é',
);
const padded = fc
  .tuple(fc.constantFrom('', '', '', ' ', '\t'), fc.oneof(decimal, double, word), fc.constantFrom('', '', '', ' '))
  .map((parts) => parts.join(''));
const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
const cell = fc.oneof(
  { weight: 6, arbitrary: padded },
  { weight: 2, arbitrary: padded.map(quoted) },
  fc.string({ unit: fc.constantFrom(',', '"', '\n', '\r', 'a', '1', ' '), maxLength: 4 }).map(quoted),
  fc.string({ unit: fc.constantFrom(',', '"', '\n', '\r', 'a', '1', ' '), maxLength: 4 }),
);
const rule: fc.Arbitrary<MissingRule> = fc.constantFrom({ kind: 'nan' }, { kind: 'empty' }, { kind: 'reject' }, { kind: 'value', text: '1' });

function layoutFor(
  types: readonly ElementType[],
  rules: readonly MissingRule[],
  kept: readonly number[],
  nulls: readonly (readonly string[] | undefined)[] = [],
): Layout {
  const fits = (type: ElementType, onMissing: MissingRule): MissingRule => {
    if (onMissing.kind === 'nan') return type.startsWith('float') ? onMissing : { kind: 'reject' };
    return onMissing.kind === 'empty' && type !== 'string' ? { kind: 'reject' } : onMissing;
  };
  const doubles = types.map((type, column) => ({ type, column })).filter(({ type }) => type === 'float64');
  return {
    // All doubles in one matrix, every other column in a tensor of its own; the first column feeds one more.
    tensors: [{ type: 'float64', width: Math.max(1, doubles.length) }, { type: 'string', width: 1 }, ...types.map((type) => ({ type, width: 1 }))],
    fields: [
      { name: 'c0', column: 0, tensor: 1, at: 0, type: 'string', onMissing: { kind: 'empty' } },
      ...types.map((type, column) => {
        const at = doubles.findIndex((other) => other.column === column);
        const own = nulls[column] === undefined ? {} : { nulls: nulls[column] };
        return {
          name: `c${column}`,
          column,
          tensor: at >= 0 ? 0 : column + 2,
          at: Math.max(0, at),
          type,
          onMissing: fits(type, rules[column]!),
          ...own,
        };
      }),
    ],
    kept: kept.map((column) => ({ name: `k${column}`, column })),
  };
}

describe('the byte decoder and csv-parse agree', () => {
  test('on any table, in every way of reading it', async () => {
    const shape = fc.integer({ min: 1, max: 5 }).chain((width) =>
      fc.record({
        types: fc.array(fc.constantFrom(...TYPES), { minLength: width, maxLength: width }),
        rules: fc.array(rule, { minLength: width, maxLength: width }),
        nulls: fc.array(fc.constantFrom(undefined, undefined, ['-999'], ['NA', '1']), { minLength: width, maxLength: width }),
        kept: fc.subarray(Array.from({ length: width }, (_, column) => column)),
        rows: fc.array(
          fc.oneof({ weight: 5, arbitrary: fc.array(cell, { minLength: width, maxLength: width }) }, fc.array(cell, { maxLength: width + 2 })),
          { maxLength: 12 },
        ),
        newline: fc.constantFrom('\n', '\r\n', '\r'),
        ended: fc.boolean(),
      }),
    );
    const how = fc.record({
      trim: fc.boolean(),
      decimal: fc.constantFrom('.' as const, ',' as const),
      ragged: fc.constantFrom('reject' as const, 'fill' as const),
      nullValues: fc.constantFrom(undefined, undefined, ['-999'], ['NA', '1']),
      recordLimitBytes: fc.constantFrom(1000, 1000, 20),
      most: fc.constantFrom(undefined, undefined, 3),
      quote: fc.constantFrom('"', '"', ''),
    });
    await fc.assert(
      fc.asyncProperty(shape, how, async ({ types, rules, nulls, kept, rows, newline, ended }, { most, quote, ...options }) => {
        const layout = layoutFor(types, rules, kept, nulls);
        const dialect = { ...COMMA, quote, escape: quote };
        const decoder = await openBothDecoders({ format: 'csv', dialect, columns: types.length, ...options }, layout);
        expect(decoder.declines).toBe(false);
        const batch = new Batch(layout);
        const bytes = bytesOf(rows.map((row) => row.join(',')).join(newline) + (ended ? newline : ''));
        // Twice: the second time what was interned is found.
        for (let time = 0; time < 2; time++) decoder.decode({ index: 0, bytes, offset: 0 }, batch, most);
      }),
      { numRuns: 1000 },
    );
  });

  const real = [
    { name: 'adult', file: 'adult/adult.csv' },
    { name: 'california', file: 'california/california.csv' },
    { name: 'diamonds', file: 'diamonds/diamonds.csv' },
  ];

  test.each(real)('on $name with bytes changed, lost and added', async ({ file }) => {
    const text = readFileSync(`fixtures/${file}`);
    const start = text.indexOf(10) + 1;
    const names = text
      .subarray(0, start - 1)
      .toString()
      .trim()
      .split(',');
    const sample = text.subarray(start, text.lastIndexOf(10, Math.min(text.length, start + 6000)) + 1);
    const isNumber = sample.subarray(0, sample.indexOf(10)).toString().split(',').map((value) => Number.isFinite(Number(value))); // prettier-ignore
    const types = names.map((_, column): ElementType =>
      isNumber[column] !== true ? 'string' : column % 3 === 0 ? 'int64' : column % 3 === 1 ? 'float32' : 'float64',
    );
    const layout = layoutFor(types, names.map(() => ({ kind: 'nan' })), [0, names.length - 1]); // prettier-ignore
    const setup: CsvDecoderSetup = { format: 'csv', dialect: COMMA, columns: names.length, recordLimitBytes: 500, nullValues: undefined };
    const change = fc.record({
      at: fc.nat(sample.length - 1),
      kind: fc.constantFrom('set', 'drop', 'add'),
      byte: fc.constantFrom(...Buffer.from('",\n\r 0.e-a'), 0xff),
    });
    const decoder = await openBothDecoders(setup, layout);
    const batch = new Batch(layout);
    fc.assert(
      fc.property(fc.array(change, { maxLength: 8 }), fc.boolean(), (changes, crlf) => {
        let bytes: number[] = [...sample];
        for (const { at, kind, byte } of changes) bytes.splice(at, kind === 'add' ? 0 : 1, ...(kind === 'drop' ? [] : [byte]));
        if (crlf) bytes = bytes.flatMap((byte) => (byte === 10 ? [13, 10] : [byte]));
        decoder.decode({ index: 0, bytes: Uint8Array.from(bytes), offset: 0 }, batch);
      }),
      { numRuns: 150 },
    );
  });

  test('a file of 5,000 columns', async () => {
    const columns = 5000;
    const layout: Layout = {
      tensors: [{ type: 'float32', width: columns }],
      fields: Array.from({ length: columns }, (_, column) => ({
        name: `c${column}`,
        column,
        tensor: 0,
        at: columns - 1 - column,
        type: 'float32',
        onMissing: { kind: 'nan' },
      })),
      kept: [{ name: 'c4999', column: 4999 }],
    };
    const row = (first: number): string => Array.from({ length: columns }, (_, column) => ((first + column) / 7).toFixed(column % 12)).join(',');
    const decoder = await openBothDecoders({ format: 'csv', dialect: COMMA, columns, recordLimitBytes: 1 << 20, nullValues: undefined }, layout);
    const batch = new Batch(layout);
    decoder.decode({ index: 0, bytes: bytesOf(`${row(1)}\n${row(-9)}\n1,2\n${row(3)}`), offset: 0 }, batch);
    expect(batch).toMatchObject({ records: 4, rows: 3 });
  });

  test('escapes of another kind are left to csv-parse', async () => {
    const dialect = { ...COMMA, escape: '\\' };
    const decoder = await openBothDecoders(
      { format: 'csv', dialect, columns: 1, recordLimitBytes: 100, nullValues: undefined },
      layoutFor(['string'], [{ kind: 'empty' }], [0]),
    );
    expect(decoder.declines).toBe(true);
  });

  test.each([
    ['-', '"', '5--3\n1-2\n', [1, 2]],
    ['e', '"', '1234567890e3e4\n1e2\n', [1, 2]],
    ['1', '"', '213\n41512\n', [2, 3]],
    [',', '.', '1.5,2\n1,2\n', [1, 2]],
    [',', '-', '-5,2\n-5-,2\n', [5, 2]],
    [',', ' ', '5 ,2\n 5 ,2\n', [5, 2]],
  ])('a delimiter %j or a quote %j is no part of a number', async (delimiter, quote, text, row) => {
    const field = (at: number) => ({ name: `c${at}`, column: at, tensor: 0, at, type: 'float32' as const, onMissing: { kind: 'nan' as const } });
    const layout: Layout = { tensors: [{ type: 'float32', width: 2 }], fields: [field(0), field(1)], kept: [] };
    const dialect = { delimiter, quote, escape: quote };
    const decoder = await openBothDecoders({ format: 'csv', dialect, columns: 2, recordLimitBytes: 100, nullValues: undefined }, layout);
    const batch = new Batch(layout);
    decoder.decode({ index: 0, bytes: bytesOf(text), offset: 0 }, batch);
    expect([...(batch.tensors[0]?.values.slice(0, 2 * batch.rows) ?? [])]).toEqual(row);
    expect(batch.rejects).toHaveLength(1);
  });
});

describe('a decimal read from bytes is the nearest double', () => {
  const read = (text: string): { value: number | undefined; end: number } => {
    const reader = new DecimalReader('.'.charCodeAt(0));
    const value = reader.read(bytesOf(`${text},`), 0);
    return { value, end: reader.end };
  };
  /** How many of the texts were read; each of those must be what Number makes of it. */
  const taken = (texts: readonly string[]): number => {
    let count = 0;
    for (const text of texts) {
      const { value, end } = read(text);
      if (value === undefined) continue;
      count++;
      if (!Object.is(value, Number(text)) || end !== text.length)
        expect({ text, value, end }).toEqual({ text, value: Number(text), end: text.length });
    }
    return count;
  };
  test('as repr writes doubles, and with more and fewer digits', () => {
    const random = randomOf(1);
    const values = Array.from({ length: 40_000 }, () => (random() - 0.5) * 10 ** Math.floor(random() * 20 - 4));
    // Of 17 digits nearly all are decided by double arithmetic; what is not goes by its text.
    for (const texts of [
      values.map(String),
      values.map((value) => value.toPrecision(17)),
      values.map((value) => value.toExponential(15)),
      values.map((value) => value.toPrecision(16)),
    ]) {
      expect(taken(texts)).toBeGreaterThan(0.97 * texts.length);
    }
    expect(taken(values.map((value) => value.toExponential(17)))).toBeGreaterThan(0.9 * values.length);
    expect(taken(values.map((value) => value.toFixed(18)))).toBeGreaterThan(0);
  });

  test('also half way between two doubles, and next to it', () => {
    const random = randomOf(2);
    const ties: string[] = [];
    for (let round = 0; round < 20_000; round++) {
      // Odd multiples of half a unit in the last place of numbers beyond 2^53 are whole numbers of 16 to 18 digits.
      const power = 53 + Math.floor(random() * 6);
      const unit = 2 ** (power - 52);
      const near = BigInt(Math.floor((1 + random()) * 2 ** 52)) * BigInt(unit) + BigInt(unit / 2);
      for (const offset of [-1n, 0n, 1n])
        ties.push(`${near + offset}`, `${(near + offset) / 1000n}.${String((near + offset) % 1000n).padStart(3, '0')}`);
    }
    // Ties and their neighbours of 18 digits are beyond double arithmetic; whole numbers are not.
    expect(taken(ties)).toBeGreaterThan(0.4 * ties.length);
  });

  test.each([
    '0',
    '-0',
    '.5',
    '5.',
    '+7',
    '0.1',
    '1e22',
    '1e-22',
    '123456789012345678',
    '0.000000000000000000',
    '1.00000000000000000000000',
    '100000000000000000000',
  ])('%s', (text) => {
    expect(read(text)).toEqual({ value: Number(text), end: text.length });
  });

  test.each(['', '.', '-', '-.', 'e5', '1e', '1e+', 'x', '1e23', '1e-23', '1234567890123456789', '1e1234567890'])('leaves %j to others', (text) => {
    expect(read(text).value).toBeUndefined();
  });

  test('with a decimal comma', () => {
    expect(new DecimalReader(44).read(bytesOf('1,5;'), 0)).toBe(1.5);
  });
});
