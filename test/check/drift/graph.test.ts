import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { driftFromGraph, type SeenColumn } from '#src/check/drift/graph.js';

const FIXTURES = join(import.meta.dirname, '../../../fixtures');

/** Figures of a column of numbers, as a profile gives them. */
function numbers(name: string, values: readonly number[]): SeenColumn & { mean: number; deviation: number; quantiles: { p25: number; p50: number; p75: number } } {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  return { name, kind: 'number', count: values.length, mean, deviation, quantiles: { p25: at(0.25), p50: at(0.5), p75: at(0.75) } };
} // prettier-ignore

const run = (...columns: SeenColumn[]) => ({ rows: Math.max(...columns.map(({ count }) => count)), columns });
const column = (found: ReturnType<typeof driftFromGraph>, name: string) => found.columns.find((each) => each.column === name);

describe('a mean against that of the scaler', () => {
  const known = [{ column: 'x', mean: 10, deviation: 2 }];
  const seen = (mean: number, count: number, deviation = 2): SeenColumn => ({ name: 'x', kind: 'number', count, mean, deviation });

  test('half a deviation away is drift', () => {
    const found = driftFromGraph(run(seen(11, 1000)), known);
    expect(found).toMatchObject({ against: 'graph', alpha: 0.01, rows: { baseline: 0, run: 1000 }, drifted: 1, psi: null, scores: [] });
    expect(column(found, 'x')).toMatchObject({
      mean: { baseline: 10, run: 11, standardised: 0.5 },
      verdict: 'drift',
      because: ['mean'],
      unseen: null,
    });
    expect(driftFromGraph(run(seen(9, 1000)), known).drifted).toBe(1);
  });

  test('a small effect is none, in ten million rows', () => {
    expect(driftFromGraph(run(seen(10.39, 1e7)), known).drifted).toBe(0);
    expect(driftFromGraph(run(seen(10.41, 1e7)), known).drifted).toBe(1);
  });

  test('of a few rows nothing is said, and of some more only what is sure', () => {
    expect(column(driftFromGraph(run(seen(1000, 29)), known), 'x')?.verdict).toBe('too-few-rows');
    expect(column(driftFromGraph(run(seen(11, 40)), known), 'x')?.verdict).toBe('same');
    expect(column(driftFromGraph(run(seen(13, 40)), known), 'x')?.verdict).toBe('drift');
    expect(column(driftFromGraph(run(seen(11, 40, 0)), known), 'x')?.verdict).toBe('drift'); // one value only, which is not the usual one
  });

  test('without a fitted deviation it is measured by that of the run', () => {
    expect(column(driftFromGraph(run(seen(11, 1000, 4)), [{ column: 'x', mean: 10 }]), 'x')?.mean).toEqual({
      baseline: 10,
      run: 11,
      standardised: 0.25,
    });
  });

  test('a scaler of quartiles fits skewed data whose mean is far from its centre', () => {
    const skewed = numbers(
      'x',
      Array.from({ length: 5000 }, (_, at) => Math.exp((at % 100) / 15)),
    );
    const { p25, p50, p75 } = skewed.quantiles;
    const robust = [{ column: 'x', mean: p50, deviation: p75 - p25 }];
    expect(Math.abs(skewed.mean - p50) / (p75 - p25)).toBeGreaterThan(0.3);
    expect(driftFromGraph(run(skewed), robust).drifted).toBe(0);
    expect(
      driftFromGraph(
        run(
          numbers(
            'x',
            Array.from({ length: 5000 }, (_, at) => 2 * Math.exp((at % 100) / 15)),
          ),
        ),
        robust,
      ).drifted,
    ).toBe(1);
  });
});

describe('values that the encoders do not know', () => {
  const known = [{ column: 'c', categories: ['a', 'b'] }];
  const seen = (unseen: number | undefined, count: number): SeenColumn => ({
    name: 'c',
    kind: 'text',
    count,
    ...(unseen === undefined ? {} : { unseen }),
  });
  test.each<[unseen: number, count: number, string]>([
    [0, 1000, 'same'],
    [10, 1000, 'same'], // 1%
    [14, 1000, 'same'], // a little more, by chance
    [40, 1000, 'drift'],
    [1000, 1000, 'drift'],
    [1, 30, 'same'],
    [6, 30, 'drift'],
    [29, 29, 'too-few-rows'],
    [101_000, 10_000_000, 'drift'], // of ten million a little more than 1% is no chance
    [0, 0, 'too-few-rows'],
  ])('%i of %i: %s', (unseen, count, verdict) => {
    expect(column(driftFromGraph(run(seen(unseen, count)), known), 'c')).toMatchObject({ verdict, because: verdict === 'drift' ? ['unseen'] : [] });
  });

  test('that were not counted say nothing', () => {
    expect(driftFromGraph(run(seen(undefined, 1000)), known).columns).toEqual([]);
  });
});

test('columns of which the graph knows nothing, or the run, are left out', () => {
  const found = driftFromGraph(run(numbers('x', [1, 2]), numbers('z', [1])), [undefined, { column: 'x' }, { column: 'gone', mean: 1 }, { column: 'z', mean: 1, deviation: 1 }]);
  expect(found.columns.map((each) => each.column)).toEqual(['z']);
}); // prettier-ignore

test('over 200 random halves of real data, one taken for the training, there is hardly a false alarm', () => {
  const [head = '', ...lines] = readFileSync(join(FIXTURES, 'california/california.csv'), 'utf8').trim().split('\n');
  const names = head.split(',').slice(0, 8);
  const rows = lines.map((line) => line.split(',').slice(0, 8).map(Number)).filter((row) => row.every(Number.isFinite));
  expect(rows.length).toBeGreaterThan(1000);
  let state = 1;
  const random = (): number => (state = (state * 48271) % 2147483647) / 2147483647;
  let alarms = 0;
  for (let round = 0; round < 200; round++) {
    const sides = rows.map(() => random() < 0.5);
    const half = (side: boolean) => names.map((name, at) => numbers(name, rows.filter((_, row) => sides[row] === side).map((row) => row[at] ?? 0)));
    const known = half(true).map(({ name, mean, deviation }) => ({ column: name, mean, deviation }));
    const found = driftFromGraph(run(...half(false)), known);
    expect(found.columns).toHaveLength(8);
    alarms += found.drifted > 0 ? 1 : 0;
  }
  expect(alarms).toBeLessThanOrEqual(2); // alpha is 1% of the runs
}); // prettier-ignore
