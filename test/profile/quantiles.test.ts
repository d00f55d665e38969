import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cellOf } from '#src/profile/grid.js';
import { countBetween, histogramEdges, MOST_BINS } from '#src/profile/histogram.js';
import { quantilesAt, quantilesOf, type Bounds } from '#src/profile/quantiles.js';

function gridOf(values: readonly number[], bits: number): { bits: number; cells: [number, number][] } {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(cellOf(value, bits), (counts.get(cellOf(value, bits)) ?? 0) + 1);
  return { bits, cells: [...counts].sort(([a], [b]) => a - b) };
}

const quantileOf = (grid: Parameters<typeof quantilesAt>[0], q: number, bounds?: Bounds, whole?: boolean): number | undefined =>
  quantilesAt(grid, [q], bounds, whole)?.[0];

const numbers = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e30, max: 1e30 }).map((value) => (Math.abs(value) < 1e-30 ? 0 : value)), { minLength: 1, maxLength: 80 }); // prettier-ignore

const wholes = fc.array(fc.oneof(fc.integer({ min: -40, max: 40 }), fc.integer({ min: -100_000, max: 100_000 })), { minLength: 1, maxLength: 80 });

describe('quantiles from cells', () => {
  test('are nearer to the value of their rank than a cell is wide', () => {
    fc.assert(
      fc.property(numbers, fc.integer({ min: 0, max: 12 }), fc.double({ min: 0, max: 1, noNaN: true }), (values, bits, q) => {
        const sorted = values.toSorted((a, b) => a - b);
        const exact = sorted[Math.max(1, Math.ceil(q * values.length)) - 1]!;
        const found = quantileOf(gridOf(values, bits), q, { min: sorted[0]!, max: sorted.at(-1)! })!;
        expect(Math.abs(found - exact)).toBeLessThanOrEqual(Math.abs(exact) * 2 ** -bits * (1 + 1e-12));
      }),
      { numRuns: 500 },
    );
  });

  test('are whole numbers where the values are', () => {
    const years = [...Array<number>(60).fill(2011), ...Array<number>(40).fill(2012)];
    expect([0.01, 0.5, 0.7].map((q) => quantileOf(gridOf(years, 12), q))).toEqual([2011, 2011, 2012]);
  });

  test('of whole numbers are whole on any grid, within the bounds, and exact where a cell has room for one alone', () => {
    fc.assert(
      fc.property(wholes, fc.integer({ min: 0, max: 12 }), fc.double({ min: 0, max: 1, noNaN: true }), (values, bits, q) => {
        const sorted = values.toSorted((a, b) => a - b);
        const exact = sorted[Math.max(1, Math.ceil(q * values.length)) - 1]!;
        const found = quantileOf(gridOf(values, bits), q, { min: sorted[0]!, max: sorted.at(-1)! }, true)!;
        expect(Number.isInteger(found)).toBe(true);
        expect(found).toBeGreaterThanOrEqual(sorted[0]!);
        expect(found).toBeLessThanOrEqual(sorted.at(-1)!);
        expect(Math.abs(found - exact)).toBeLessThanOrEqual(Math.abs(exact) < 2 ** (bits + 1) ? 0 : Math.abs(exact) * 2 ** -bits);
      }),
      { numRuns: 500 },
    );
  });

  test('there are none of no values, and infinite ones of infinities', () => {
    expect(quantileOf({ bits: 3, cells: [] }, 0.5)).toBeUndefined();
    expect(quantileOf(gridOf([-Infinity, 1, Infinity], 5), 1)).toBe(Infinity);
    expect(quantilesOf(gridOf([-Infinity, 1, Infinity], 5))).toMatchObject({ p01: '-inf', p99: 'inf' });
  });
});

describe('a histogram', () => {
  test('has at most 30 bars over all values, whose counts add up', () => {
    fc.assert(
      fc.property(numbers, fc.integer({ min: 0, max: 12 }), (values, bits) => {
        const bounds = { min: Math.min(...values), max: Math.max(...values) };
        const edges = histogramEdges(gridOf(values, bits), bounds);
        const counts = countBetween(gridOf(values, bits), edges);
        expect(edges.length).toBeGreaterThanOrEqual(2);
        expect(edges.length - 1).toBeLessThanOrEqual(MOST_BINS);
        expect(edges).toEqual(edges.toSorted((a, b) => a - b));
        expect([edges[0], edges.at(-1)].map((edge) => edge! + 0)).toEqual([bounds.min + 0, bounds.max + 0]);
        expect(counts.reduce((sum, count) => sum + count, 0)).toBe(values.length);
        expect(counts.every((count) => count >= 0)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test('of whole numbers has bars with room for equally many of them, but for the last on either side, and counts each value where it is', () => {
    fc.assert(
      fc.property(wholes, (values) => {
        const bounds = { min: Math.min(...values), max: Math.max(...values) };
        if (bounds.min === bounds.max) return;
        const edges = histogramEdges(gridOf(values, 17), bounds, true);
        expect(edges.length - 1).toBeLessThanOrEqual(MOST_BINS);
        expect(edges.every((edge) => Math.abs(edge % 1) === 0.5)).toBe(true);
        expect(new Set(edges.slice(2, -1).map((edge, at) => edge - edges[at + 1]!)).size).toBeLessThanOrEqual(1);
        const counts = edges.slice(1).map((to, at) => values.filter((value) => value > edges[at]! && value < to).length);
        expect(countBetween(gridOf(values, 17), edges, true)).toEqual(counts);
        expect(counts.reduce((sum, count) => sum + count, 0)).toBe(values.length);
      }),
      { numRuns: 300 },
    );
  });

  test('of whole numbers with nothing far out has full bars at its ends, too', () => {
    const ages = Array.from({ length: 74 }, (_, index) => 17 + index);
    const edges = histogramEdges(gridOf(ages, 12), { min: 17, max: 90 }, true);
    expect([edges[0], edges[1], edges.at(-1)]).toEqual([14.5, 19.5, 94.5]);
    expect(histogramEdges(gridOf([0, 1, 1], 12), { min: 0, max: 1 }, true)).toEqual([-0.5, 0.5, 1.5]);
  });

  test('is not flattened by one value far away', () => {
    const values = [...Array.from({ length: 1000 }, (_, index) => index / 100), 1e9];
    const counts = countBetween(gridOf(values, 12), histogramEdges(gridOf(values, 12), { min: 0, max: 1e9 }));
    expect(counts.filter((count) => count > 0).length).toBeGreaterThan(15);
  });
});
