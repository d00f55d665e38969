import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TextCounts } from '#src/profile/text-counts.js';
import { textHash } from '#src/profile/text-hash.js';

/** The result by its definition: the counts of the texts with the least hashes. */
function reference(texts: readonly string[], most: number): { kept: [string, number][]; isExact: boolean } {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  const byHash = [...counts].sort(([a], [b]) => textHash(a) - textHash(b));
  const kept = byHash.slice(0, most).sort(([a, many], [b, more]) => more - many || (a < b ? -1 : 1));
  return { kept, isExact: counts.size <= most };
}

describe('counts of texts', () => {
  test('are exact up to the most that are kept, then of those with the least hashes, in any order and over snapshots', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 2 }), { maxLength: 80 }), fc.integer({ min: 1, max: 30 }), fc.nat(80), (texts, most, half) => {
        const expected = reference(texts, most);
        const forwards = new TextCounts(most);
        for (const text of texts) forwards.add(text, 1);
        let backwards = new TextCounts(most);
        texts.toReversed().forEach((text, at) => {
          if (at === half) backwards = TextCounts.restore(JSON.parse(JSON.stringify(backwards.snapshot())) as ReturnType<TextCounts['snapshot']>, most); // prettier-ignore
          backwards.add(text, 1);
        });
        expect(forwards.result()).toMatchObject({ total: texts.length, isExact: expected.isExact, counts: expected.kept });
        expect(backwards.result()).toEqual(forwards.result());
      }),
      { numRuns: 300 },
    );
  });

  test('estimate how many distinct texts there are within 4% where there are 200,000', () => {
    const counts = new TextCounts();
    for (let index = 0; index < 200_000; index++) counts.add(`customer ${index * 7919}`, 1);
    const { distinct, isExact, total, counts: kept } = counts.result();
    expect({ isExact, total, kept: kept.length }).toEqual({ isExact: false, total: 200_000, kept: 10_000 });
    expect(Math.abs(distinct / 200_000 - 1)).toBeLessThan(0.04);
  });

  test('values without a known text are counted and no text is named for them', () => {
    const counts = new TextCounts();
    counts.add('a', 2);
    counts.addUnknown(3);
    expect(counts.result()).toEqual({ total: 5, distinct: 1, isExact: false, counts: [['a', 2]] });
  });
});
