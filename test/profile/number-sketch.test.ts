import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cellOf, cellOfWhole, foldCells } from '#src/profile/grid.js';
import { openMachine } from '#src/profile/code-machine.js';
import type { Rows } from '#src/profile/gather.js';
import { NumberSketcher, type Float32Column } from '#src/profile/number-sketch.js';
import { Profile, type NumberResult } from '#src/profile/profile.js';
import { ScriptMachine } from '#src/profile/script-machine.js';
import { numberSpec } from './support.js';
import { exactMoments } from './rational.js';

const floats = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: -4000, max: 4000 }).map((value) => Math.fround(value / 97)) },
  { weight: 2, arbitrary: fc.float({ noNaN: true, noDefaultInfinity: true }) },
  { weight: 1, arbitrary: fc.constantFrom(0, -0, 2 ** -149, -(2 ** -140), 2 ** -126, -(2 ** -126), Math.fround(3.4e38), Math.fround(-3.4e38)) },
);
/** Some cells allowed, so that both grids that are kept and grids that get coarser are tried. */
const specs = fc.record({ bits: fc.integer({ min: 0, max: 12 }), cells: fc.constantFrom(1, 3, 8, 256, 4096) });

/** A column of its own, of all rows. */
function columnOf(values: readonly number[]): Float32Column {
  return { values: Float32Array.from(values), width: 1, rows: firstRows(values.length), at: 0 };
}

function firstRows(rows: number): Rows {
  return { length: rows, picks: undefined };
}

type Chunks = readonly (readonly number[])[];

function profileOf(chunks: Chunks, spec: { bits: number; cells: number }, workers = 1, open = openMachine): Profile {
  const profile = new Profile({ fields: [numberSpec(spec)], results: [] });
  const sketchers = Array.from({ length: workers }, () => new NumberSketcher([numberSpec(spec)], open()));
  chunks.forEach((chunk, index) => {
    const sketcher = sketchers[index % workers]!;
    sketcher.start(chunk.length);
    const present = chunk.filter((value) => !Number.isNaN(value));
    const greatest = present.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    sketcher.float32(columnOf(chunk), present.length, greatest);
    profile.merge({ numbers: sketcher.take(), texts: [] });
  });
  return profile;
}

/** Cuts values at the given places, and puts the parts in another order. */
function cut(values: readonly number[], places: readonly number[], order: readonly number[]): number[][] {
  const at = [0, ...places.map((place) => place % (values.length + 1)).sort((a, b) => a - b), values.length];
  const parts = at.slice(1).map((end, index) => values.slice(at[index], end));
  return parts.map((part, index) => ({ part, key: order[index] ?? 0 })).sort((a, b) => a.key - b.key).map(({ part }) => part); // prettier-ignore
}

/** The finest grid allowed on which the values have few enough cells, by its definition. */
function finestGrid(values: readonly number[], spec: { bits: number; cells: number }): { bits: number; cells: [number, number][] } {
  for (let bits = spec.bits; ; bits--) {
    const counts = new Map<number, number>();
    for (const value of values) counts.set(cellOf(value, bits), (counts.get(cellOf(value, bits)) ?? 0) + 1);
    if (counts.size <= spec.cells || bits === 0) return { bits, cells: [...counts].sort(([a], [b]) => a - b) };
  }
}

function numbersOf(profile: Profile): NumberResult {
  return profile.fields()[0] as NumberResult;
}

describe('the sketch of a column of float32', () => {
  test('is the same to the last bit however rows are cut, shared out to workers and merged', () => {
    fc.assert(
      fc.property(fc.array(floats, { maxLength: 60 }), specs, fc.array(fc.nat(100), { maxLength: 6 }), fc.array(fc.nat(100), { maxLength: 7 }), fc.integer({ min: 1, max: 3 }), (values, spec, places, order, workers) => {
        const parts = cut(values, places, order);
        expect(profileOf(parts, spec, workers).snapshot()).toEqual(profileOf([values], spec).snapshot());
      }),
      { numRuns: 300 },
    ); // prettier-ignore
  });

  test('has the counts and the grid of their definition, and moments that are the exact ones, rounded once', () => {
    fc.assert(
      fc.property(fc.array(floats, { maxLength: 60 }), specs, (values, spec) => {
        const { grid, moments, count } = numbersOf(profileOf([values], spec));
        expect(grid).toEqual(finestGrid(values, spec));
        expect(count).toBe(values.length);
        expect(moments).toEqual(exactMoments(values));
      }),
      { numRuns: 300 },
    );
  });

  test('passes over NaN, in both machines', () => {
    const withHoles = fc.array(fc.oneof({ weight: 2, arbitrary: floats }, { weight: 1, arbitrary: fc.constant(NaN) }), { maxLength: 40 });
    const notNaN = (chunk: readonly number[]): number[] => chunk.filter((value) => !Number.isNaN(value));
    fc.assert(
      fc.property(fc.array(withHoles, { maxLength: 4 }), specs, (chunks, spec) => {
        const expected = profileOf(chunks.map(notNaN), spec).snapshot();
        expect(profileOf(chunks, spec).snapshot()).toEqual(expected);
        expect(profileOf(chunks, spec, 1, () => new ScriptMachine()).snapshot()).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });

  test('of some rows of a matrix is that of these rows', () => {
    const picked = fc.array(fc.tuple(floats, floats, fc.boolean()), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(picked, (rows) => {
        const picks = Uint32Array.from(rows.flatMap(([, , isPicked], row) => (isPicked ? [row] : [])));
        const matrix = Float32Array.from(rows.flatMap(([first, second]) => [first, second]));
        const [spec, some] = [numberSpec({ bits: 12, cells: 256 }), { length: picks.length, picks }];
        const sketcher = new NumberSketcher([spec, spec]);
        sketcher.start(rows.length);
        const ends = sketcher.ranges(matrix, 2, some);
        for (const at of [0, 1])
          sketcher.float32({ values: matrix, width: 2, rows: some, at }, picks.length, Math.max(-(ends?.min[at] ?? 0), ends?.max[at] ?? 0));
        const profile = new Profile({ fields: [spec, spec], results: [] });
        profile.merge({ numbers: sketcher.take(), texts: [] });
        for (const at of [0, 1] as const) {
          const values = Array.from(picks, (row) => Math.fround(rows[row]![at]));
          expect((profile.fields()[at] as NumberResult).grid).toEqual(finestGrid(values, spec));
          expect((profile.fields()[at] as NumberResult).moments).toEqual(exactMoments(values));
        }
      }),
      { numRuns: 200 },
    );
  });

  test('is the same with loops in JavaScript, which stand in where WebAssembly cannot be had', () => {
    expect(openMachine()).not.toBeInstanceOf(ScriptMachine);
    expect(openMachine({} as never)).toBeInstanceOf(ScriptMachine);
    const full = function (): never {
      throw new RangeError('Could not allocate memory');
    } as never;
    expect(openMachine({ Module: full, Instance: full })).toBeInstanceOf(ScriptMachine);
    const scripted = (): ScriptMachine => new ScriptMachine();
    fc.assert(
      fc.property(fc.array(fc.array(floats, { maxLength: 40 }), { maxLength: 4 }), specs, (chunks, spec) => {
        expect(profileOf(chunks, spec, 1, scripted).snapshot()).toEqual(profileOf(chunks, spec).snapshot());
      }),
      { numRuns: 200 },
    );
  });

  test.each([
    ['WebAssembly', openMachine],
    ['JavaScript', (): ScriptMachine => new ScriptMachine()],
  ])('finds the bounds of every column of a matrix at once, in %s', (_, open) => {
    const any = fc.oneof({ weight: 30, arbitrary: floats }, { weight: 1, arbitrary: fc.constantFrom(NaN, Infinity, -Infinity) });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 11 }), fc.array(any, { minLength: 1, maxLength: 80 }), (width, all) => {
        const rows = Math.ceil(all.length / width);
        const matrix = Float32Array.from({ length: rows * width }, (_, index) => all[index % all.length]!);
        const sketcher = new NumberSketcher([numberSpec({ bits: 12, cells: 256 })], open());
        sketcher.start(rows);
        sketcher.ranges(new Float32Array(500).fill(-9e37), 4, firstRows(500 / 4)); // what was there before is not seen
        const found = sketcher.ranges(matrix, width, firstRows(rows))!;
        for (let at = 0; at < width; at++) {
          const column = [...matrix].filter((value, index) => index % width === at && !Number.isNaN(value));
          expect(found.count[at]).toBe(column.every(Number.isFinite) ? column.length : -1);
          expect([found.min[at], found.max[at]]).toEqual([Math.min(...column) + 0, Math.max(...column) + 0]);
        }
      }),
      { numRuns: 300 },
    );
  });

  test.each([
    ['WebAssembly', openMachine],
    ['JavaScript', (): ScriptMachine => new ScriptMachine()],
  ])('leaves room to count codes in, in %s: those beyond the last stand there, and no count is left behind', (_, open) => {
    const sketcher = new NumberSketcher([numberSpec({ bits: 12, cells: 256 })], open());
    sketcher.start(4);
    const words = Int32Array.from([2, 0, 0, 0, 2, 9, -1, 0]);
    expect([...sketcher.tally(words, 2, firstRows(4), 0, 4)!]).toEqual([1, 0, 2, 1]);
    expect([...sketcher.tally(words, 2, firstRows(4), 1, 2)!]).toEqual([3, 1]);
    expect(sketcher.tally(words, 2, firstRows(4), 0, 2 ** 21 + 1)).toBeUndefined();
    sketcher.float32(columnOf([0, 1]), 2, 1);
    expect([...sketcher.take().counts]).toEqual([1, 1]);
  });

  test('of a matrix that was looked at for its bounds is that of its columns', () => {
    const [rows, width] = [5000, 3];
    const matrix = Float32Array.from({ length: rows * width }, (_, index) => Math.fround(Math.sin(index) * 2 ** (index % 31)));
    const spec = numberSpec({ bits: 12, cells: 256 });
    const sketcher = new NumberSketcher([spec, spec, spec]);
    sketcher.start(rows);
    const { min, max } = sketcher.ranges(matrix, width, firstRows(rows))!;
    for (let at = 0; at < width; at++) sketcher.float32({ values: matrix, width, rows: firstRows(rows), at }, rows, Math.max(-min[at]!, max[at]!));
    const profile = new Profile({ fields: [spec, spec, spec], results: [] });
    profile.merge({ numbers: sketcher.take(), texts: [] });
    for (let at = 0; at < width; at++) {
      const column = [...matrix].filter((_, index) => index % width === at);
      const found = profile.fields()[at] as NumberResult;
      expect(found.grid).toEqual(finestGrid(column, spec));
      expect(found.moments).toEqual(exactMoments(column));
    }
  });

  test('adds up blocks of many rows exactly, of spans that doubles can and cannot hold', () => {
    const random =
      (seed: number): (() => number) =>
      () =>
        (seed = (seed * 1103515245 + 12345) & 0x7fffffff) / 0x7fffffff;
    for (const spread of [0, 8, 17, 18, 19, 20, 40]) {
      const next = random(spread + 1);
      const values = Array.from({ length: 9000 }, (_, index) => Math.fround((next() - 0.5) * 2 ** -(index % (spread + 1))));
      values.fill(Math.fround(0.999999), 1000, 5500); // as great a sum as there can be
      expect(numbersOf(profileOf([values], { bits: 12, cells: 256 })).moments).toEqual(exactMoments(values));
    }
  });

  test('comes back from its snapshot as it was, and goes on', () => {
    const spec = { bits: 12, cells: 8 };
    const [first, second] = [[1, 2, 3.5, -7, 1e30, 0], [5, 2 ** -140, -3, 9, 11, 13, 17]].map((part) => part.map(Math.fround)) as [number[], number[]]; // prettier-ignore
    const half = JSON.parse(JSON.stringify(profileOf([first], spec).snapshot())) as ReturnType<Profile['snapshot']>;
    const profile = Profile.restore({ fields: [numberSpec(spec)], results: [] }, half);
    const sketcher = new NumberSketcher([numberSpec(spec)]);
    sketcher.start(second.length);
    sketcher.float32(columnOf(second), second.length, 17);
    profile.merge({ numbers: sketcher.take(), texts: [] });
    expect(profile.snapshot()).toEqual(profileOf([[...first, ...second]], spec).snapshot());
  });
});

describe('the sketches of other numbers', () => {
  const sketch = (fill: (sketcher: NumberSketcher) => void): NumberResult => {
    const sketcher = new NumberSketcher([numberSpec({ bits: 12, cells: 64 })]);
    sketcher.start(0);
    fill(sketcher);
    const profile = new Profile({ fields: [numberSpec({ bits: 12, cells: 64 })], results: [] });
    profile.merge({ numbers: sketcher.take(), texts: [] });
    return numbersOf(profile);
  };

  test('doubles: cells and moments are exact over all exponents', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e150, max: 1e150 }), fc.double({ noNaN: true, min: -5, max: 5 })), { maxLength: 40 }), (values) => {
        const found = sketch((sketcher) => sketcher.float64(Float64Array.from(values), values.length));
        expect(found.moments).toEqual(exactMoments(values));
        expect(found.grid).toEqual(finestGrid(values, { bits: 12, cells: 64 }));
      }),
      { numRuns: 200 },
    ); // prettier-ignore
  });

  test('whole numbers of 64 bits: no digit is lost', () => {
    fc.assert(
      fc.property(fc.array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }), { maxLength: 20 }), (values) => {
        const found = sketch((sketcher) => sketcher.wide(values));
        expect(found.moments).toEqual(exactMoments(values));
        expect(found.count).toBe(values.length);
      }),
    );
    const edge = 2n ** 60n - 1n; // its nearest double is 2^60, in the next cell
    expect(cellOfWhole(edge, 12)).toBe(cellOf(2 ** 60, 12) - 1);
  });

  test('a grid folds into each coarser one as if it had been counted there', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: true }), { maxLength: 50 }), fc.nat(12), fc.nat(12), (values, one, other) => {
        const [from, to] = [Math.max(one, other), Math.min(one, other)];
        const { cells } = finestGrid(values, { bits: from, cells: Infinity });
        expect(foldCells(cells, from, to)).toEqual(finestGrid(values, { bits: to, cells: Infinity }).cells);
      }),
    );
  });

  test('no values have no moments', () => {
    expect(sketch((sketcher) => sketcher.float64(new Float64Array(0), 0))).toEqual({
      rows: 0,
      count: 0,
      grid: { bits: 12, cells: [] },
      moments: undefined,
      whole: false,
    });
  });
});
