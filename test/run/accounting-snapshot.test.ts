import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RowReject } from '#src/batch/reject.js';
import type { Layout } from '#src/batch/layout.js';
import { emptyObservation, type ObservedResult } from '#src/check/observe.js';
import { Accounting } from '#src/run/accounting.js';
import type { ChunkResult } from '#src/run/protocol.js';
import { Warnings } from '#src/run/warnings.js';

const LAYOUT: Layout = {
  tensors: [
    { type: 'float64', width: 2 },
    { type: 'int64', width: 1 },
    { type: 'string', width: 1 },
  ],
  fields: (['float64', 'float64', 'int64', 'string'] as const).map((type, column) => ({
    name: ['a', '__proto__', 'c', 'd'][column] ?? '',
    column,
    tensor: [0, 0, 1, 2][column] ?? 0,
    at: column === 1 ? 1 : 0,
    type,
    onMissing: { kind: 'reject' } as const,
  })),
  kept: [],
};
const RESULTS: readonly ObservedResult[] = [
  { field: { name: 'prediction', type: 'string' }, classes: ['yes', 'no'] },
  { field: { name: 'probability_yes', type: 'float64' }, classes: undefined },
  { field: { name: 'code', type: 'uint64' }, classes: undefined },
];

const count = fc.integer({ min: 0, max: 1e6 });
const number = fc.double({ noNaN: true, noDefaultInfinity: true });
const wide = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n });
const range = <T extends number | bigint>(value: fc.Arbitrary<T>) =>
  fc.oneof(fc.constant({ count: 0, min: Infinity, max: -Infinity }), fc.record({ count: fc.integer({ min: 1, max: 1e6 }), min: value, max: value }));

const reject: fc.Arbitrary<RowReject> = fc.record({
  row: fc.nat(5),
  line: fc.oneof(fc.constant(null), fc.nat(9)),
  byte: fc.nat(999),
  code: fc.constantFrom('not-a-number', 'ragged-row', 'runtime-error'),
  column: fc.constantFrom(null, 'a', '__proto__', 'null'),
  message: fc.constantFrom('found text, expected a number'),
  value: fc.oneof(fc.constant(null), fc.string({ unit: 'binary' })),
  record: fc.string({ unit: 'binary' }),
});

/** What a worker may say of a chunk; where it stands in the input follows from those before it. */
const chunk = fc.record({
  rejects: fc.array(reject, { maxLength: 4 }),
  counts: fc.array(count, { minLength: 7, maxLength: 7 }),
  missing: fc.array(count, { minLength: 4, maxLength: 4 }),
  doubles: fc.array(range(number), { minLength: 3, maxLength: 3 }),
  wides: fc.array(range(wide), { minLength: 2, maxLength: 2 }),
  labels: fc.array(count, { minLength: 3, maxLength: 3 }),
  declined: fc.boolean(),
});

type MadeChunk = typeof chunk extends fc.Arbitrary<infer T> ? T : never;

function resultOf(made: MadeChunk, chunkOffset: number): ChunkResult {
  const [records = 0, scored = 0, rows = 0, lines = 0, contradictions = 0, nonFinite = 0, byFallback = 0] = made.counts;
  const observation = emptyObservation(LAYOUT, RESULTS);
  observation.missing.set(made.missing);
  made.doubles.slice(0, 2).forEach((found, field) => {
    observation.ranges.count[field] = found.count;
    observation.ranges.min[field] = found.min;
    observation.ranges.max[field] = found.max;
  });
  Object.assign(observation.ranges.wide.get(2) ?? {}, made.wides[0]);
  observation.results[0]?.labels.splice(0, 3, ...made.labels);
  Object.assign(observation.results[1] ?? {}, made.doubles[2], { nonFinite });
  Object.assign(observation.results[2] ?? {}, made.wides[1]);
  return {
    encoded: { bytes: new Uint8Array(0), rows },
    chunkBuffer: new ArrayBuffer(0),
    chunkOffset,
    chunkBytes: 1000,
    records,
    scored,
    lines,
    rejects: made.rejects,
    byFallback,
    observation,
    contradictions,
    checkedBlocks: nonFinite,
    declined: made.declined,
    seconds: { decode: 1, check: 1, score: 1, encode: 1 },
  };
}

/** All that anything reads of the accounts, but for the time that was spent. */
const seen = (accounting: Accounting) => Object.fromEntries(Object.entries(accounting).filter(([name]) => name !== 'seconds'));

describe('accounts that go on from a snapshot', () => {
  test('are those of a run that was never interrupted, wherever it was, and as often as it was', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ made: chunk, interrupted: fc.boolean() }), { minLength: 1, maxLength: 12 }),
        fc.nat(50),
        (chunks, headLines) => {
          const whole = new Accounting(LAYOUT, RESULTS, headLines);
          let resumed = new Accounting(LAYOUT, RESULTS, headLines);
          chunks.forEach(({ made, interrupted }, index) => {
            const expected = whole.add(resultOf(made, 40 + index * 1000));
            expect(resumed.add(resultOf(made, 40 + index * 1000))).toEqual(expected);
            if (!interrupted) return;
            const kept = JSON.stringify(resumed.snapshot());
            resumed = new Accounting(LAYOUT, RESULTS, 0);
            resumed.restore(JSON.parse(kept) as ReturnType<Accounting['snapshot']>);
          });
          expect(resumed.figures()).toEqual(whole.figures());
          expect(resumed.snapshot()).toEqual(whole.snapshot());
          expect(seen(resumed)).toEqual(seen(whole));
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('warnings that go on from a snapshot', () => {
  test('keep what the other run warned of, and count once what both found', () => {
    const first = new Warnings(undefined);
    first.add('journal-head', 'the head could not be written');
    first.addCounted('odd', 3, 'odd things');
    first.add('once', 'only the first run');
    const second = new Warnings(undefined);
    second.add('early', 'before the checkpoint was read');
    second.inherit(JSON.parse(JSON.stringify(first.snapshot())) as ReturnType<Warnings['snapshot']>);
    second.add('journal-head', 'the head could not be written');
    second.addCounted('odd', 7, 'odd things');
    second.add('early', 'before the checkpoint was read');
    expect(second.list()).toEqual([
      { code: 'early', message: 'before the checkpoint was read', count: 2 },
      { code: 'journal-head', message: 'the head could not be written', count: 1 },
      { code: 'odd', message: '7 odd things', count: 7 },
      { code: 'once', message: 'only the first run', count: 1 },
    ]);
  });
});
