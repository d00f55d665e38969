import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Batch } from '#src/batch/batch.js';
import { allocate, type ElementArray, type ElementType } from '#src/batch/element.js';
import { float16Value } from '#src/batch/float16.js';
import type { Layout } from '#src/batch/layout.js';
import { observe } from '#src/check/observe.js';
import { rangeAt } from '#src/check/range-table.js';

const numbers = {
  float32: fc.oneof(
    fc.constantFrom(NaN, Infinity, -Infinity, -0, 0),
    fc.float().map((value) => Math.fround(value)),
  ),
  float64: fc.oneof(fc.constantFrom(NaN, Infinity, -Infinity), fc.double()),
  float16: fc.integer({ min: 0, max: 0xffff }),
  int64: fc.oneof(fc.bigInt({ min: -3n, max: 3n }), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
  uint64: fc.oneof(fc.bigInt({ min: 0n, max: 3n }), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })),
  int32: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  uint8: fc.integer({ min: 0, max: 255 }),
} as const;
type Kind = keyof typeof numbers;

/** Rows of a matrix of two columns, or of these over and over, and which of them are rejected: when read, or after they were scored. */
const cases = fc.constantFrom(...(Object.keys(numbers) as Kind[])).chain((type) =>
  fc.record({
    type: fc.constant<ElementType>(type),
    width: fc.constantFrom(2, 64),
    rows: fc.array(
      fc.record({
        values: fc.tuple(numbers[type] as fc.Arbitrary<number | bigint>, numbers[type] as fc.Arbitrary<number | bigint>),
        fate: fc.constantFrom('scored', 'scored', 'scored', 'unread', 'failed'),
      }),
      { maxLength: 12 },
    ),
  }),
);

/** The range as its definition reads. */
function rangeOf(values: readonly (number | bigint)[], type: ElementType): { count: number; min: number | bigint; max: number | bigint } {
  const finite = values
    .map((value) => (type === 'float16' ? float16Value(Number(value)) : value))
    .filter((value) => typeof value === 'bigint' || Number.isFinite(value));
  const [first = Infinity] = finite;
  const least = finite.reduce((min, value) => (value < min ? value : min), first);
  const greatest = finite.reduce((max, value) => (value > max ? value : max), finite[0] ?? -Infinity);
  return { count: finite.length, min: least, max: greatest };
}

describe('what is observed', () => {
  test('is what a plain look at the scored rows finds, of every type and whichever rows failed', () => {
    fc.assert(
      fc.property(cases, ({ type, width, rows }) => {
        const field = { tensor: 0, type, onMissing: { kind: 'reject' } } as const;
        const layout: Layout = {
          tensors: [{ type, width }],
          fields: [
            { ...field, name: 'a', column: 0, at: 0 },
            { ...field, name: 'b', column: 1, at: width - 1 },
          ],
          kept: [],
        };
        const batch = new Batch(layout);
        batch.reset(rows.length + 2);
        const tensor = batch.tensors[0]!.values as unknown as (number | bigint)[];
        const failed = new Map<number, string>();
        rows.forEach(({ values, fate }, index) => {
          const code = 'not-a-number';
          if (fate === 'unread') return batch.reject({ row: index, line: 1, byte: 0, code, column: null, message: '', value: null, record: '' });
          if (fate === 'failed') failed.set(batch.rows, 'the runtime threw');
          for (let column = 0; column < width; column++) tensor[batch.rows * width + column] = values[column % 2]!;
          batch.accept();
        });
        const result = allocate(type, batch.rows + 3) as unknown as (number | bigint)[];
        rows.filter(({ fate }) => fate !== 'unread').forEach(({ values }, row) => (result[row] = values[0]));
        batch.rejectRows('runtime-error', failed, () => ({ line: 1, byte: 0, record: '' }));

        const scored = rows.filter(({ fate }) => fate === 'scored').map(({ values }) => values);
        const [a, b] = [0, 1].map((column) => rangeOf(scored.map((values) => values[column]!), type)); // prettier-ignore
        const found = observe(batch, [{ field: { name: 'y', type }, values: result as unknown as ElementArray }], [{ field: { name: 'y', type }, classes: undefined }]); // prettier-ignore
        const same = (range: unknown) => JSON.stringify(range, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value === 0 ? 0 : value)); // prettier-ignore
        expect(same([0, 1].map((index) => rangeAt(found.ranges, index)))).toBe(same([a, b]));
        expect(same(found.results)).toBe(same([{ ...a, nonFinite: scored.length - a!.count, labels: [] }]));
      }),
      { numRuns: 2000 },
    );
  });

  test.each<[string, ElementType, ElementArray, number[]]>([
    ['small', 'int64', BigInt64Array.of(0n, 7n, 7n, 255n, 256n), [1, 2, 0, 0, 2]],
    ['wide', 'int64', BigInt64Array.of(-1n, 2n ** 40n, 2n ** 40n, 2n ** 40n + 7n, 7n), [0, 1, 2, 1, 1]],
    ['unsigned', 'uint64', BigUint64Array.of(2n ** 64n - 1n, 2n ** 40n, 0n, 0n, 0n), [3, 0, 1, 0, 1]],
    ['of 32 bits', 'int32', Int32Array.of(-1, 7, 7, 0, 1), [1, 2, 0, 1, 1]],
    ['text', 'string', ['7', '7', 'x', '-1', ''], [0, 2, 0, 1, 2]],
  ])('labels are counted by class: %s', (_, type, values, expected) => {
    const batch = new Batch({ tensors: [], fields: [], kept: [] });
    batch.reset(5);
    for (let row = 0; row < 5; row++) batch.accept();
    const classes = ['0', '7', String(2n ** 40n), '-1'];
    const field = { name: 'prediction', type };
    expect(observe(batch, [{ field, values }], [{ field, classes }]).results[0]?.labels).toEqual(expected);
  });
});
