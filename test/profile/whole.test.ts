import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NumberSketcher } from '#src/profile/number-sketch.js';
import { Profile, type NumberResult } from '#src/profile/profile.js';
import { wholeIn } from '#src/profile/whole.js';
import { cellOf } from '#src/profile/grid.js';
import { numberSpec } from './support.js';

/** Of values in parts of their own, merged. */
function isWhole(...parts: readonly number[][]): boolean {
  const spec = numberSpec({ bits: 12, cells: 256 });
  const profile = new Profile({ fields: [spec], results: [] });
  for (const part of parts) {
    const sketcher = new NumberSketcher([spec]);
    sketcher.start(part.length);
    sketcher.float64(Float64Array.from(part), part.length);
    profile.merge({ numbers: sketcher.take(), texts: [] });
  }
  return (profile.fields()[0] as NumberResult).whole;
}

describe('whole numbers', () => {
  test('are told by grid and sums, whatever their size, sign and cut', () => {
    const parts = fc.array(fc.array(fc.maxSafeInteger(), { minLength: 1, maxLength: 40 }), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(parts, (values) => {
        expect(isWhole(...values)).toBe(true);
      }),
      { numRuns: 40 },
    );
    expect(isWhole([3, -0, 0, Infinity])).toBe(true);
  });

  test.each<[string, number[]]>([
    ['a half among small ones', [1, 2, 2.5, 3]],
    ['halves that add up to whole numbers, twice', [0.5, 0.5, 0.5, 0.5]],
    ['a fraction where cells are wider than 1', [1e6, 1e6 + 0.1]],
    ['next to nothing', [1, 1e-40]],
    ['nothing at all', []],
  ])('are not told of %s', (_, values) => {
    expect(isWhole(values)).toBe(false);
  });

  test('of a cell are those that fall into it', () => {
    fc.assert(
      fc.property(fc.integer({ min: -100_000, max: 100_000 }), fc.integer({ min: 0, max: 12 }), (value, bits) => {
        const { least, most } = wholeIn(cellOf(value, bits), bits)!;
        expect([cellOf(least, bits), cellOf(most, bits)]).toEqual([cellOf(value, bits), cellOf(value, bits)]);
        expect([cellOf(least - 1, bits), cellOf(most + 1, bits)]).not.toContain(cellOf(value, bits));
      }),
    );
  });
});
