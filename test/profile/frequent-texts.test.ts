import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FrequentTexts, type FrequentTextsSnapshot } from '#src/profile/frequent-texts.js';
import { TextCounts } from '#src/profile/text-counts.js';
import { TextRowsList, type TextRows } from '#src/profile/text-rows.js';

function rowsOf(texts: readonly string[]): TextRows {
  const list = new TextRowsList();
  for (const text of texts) list.push(text);
  return list.take();
}

/** The rows cut where `cuts` say, and now and then by way of a snapshot. */
function countInParts(texts: readonly string[], cuts: readonly number[], most?: number): FrequentTexts {
  let counts = new FrequentTexts(most);
  let from = 0;
  for (const [index, to] of [...cuts.map((cut) => Math.min(cut, texts.length)).sort((a, b) => a - b), texts.length].entries()) {
    counts.add(rowsOf(texts.slice(from, to)));
    from = to;
    if (index % 3 === 1) counts = FrequentTexts.restore(JSON.parse(JSON.stringify(counts.snapshot())) as FrequentTextsSnapshot, most);
  }
  return counts;
}

function exactly(texts: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return counts;
}

describe('counts of frequent texts', () => {
  test('are those of a count by hand within the bound that is told, wherever the rows were cut, and exact while there are few', () => {
    const texts = fc.array(fc.oneof({ weight: 2, arbitrary: fc.constantFrom('a', 'b', 'c') }, fc.string({ maxLength: 2 })), { maxLength: 120 });
    fc.assert(
      fc.property(texts, fc.integer({ min: 1, max: 30 }), fc.array(fc.nat(120), { maxLength: 12 }), (values, most, cuts) => {
        const truth = exactly(values);
        const whole = countInParts(values, [], most).result();
        expect(countInParts(values, cuts, most).result()).toEqual(whole);
        expect(whole.rows).toBe(values.length);
        expect(whole.isExact).toBe(truth.size <= most);
        if (whole.isExact) expect([whole.error, whole.distinct, new Map(whole.counts)]).toEqual([0, truth.size, truth]);
        expect(whole.error).toBeLessThanOrEqual((2 * values.length) / (most + 1));
        const counted = new Map(whole.counts);
        expect(counted.size).toBeLessThanOrEqual(most);
        for (const [text, rows] of truth) {
          expect(counted.get(text) ?? 0).toBeLessThanOrEqual(rows);
          expect((counted.get(text) ?? 0) + whole.error).toBeGreaterThanOrEqual(rows);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('find the most frequent among 60,000 distinct ones, and say how far off they may be', () => {
    const values = Array.from({ length: 60_000 }, (_, row) => `rare ${(row * 7919) % 60_000}`);
    const frequent = [['late', 900], ['early', 400], ['spread', 650]] as const; // prettier-ignore
    values.splice(0, 0, ...Array.from({ length: 400 }, () => 'early'));
    for (let row = 0; row < 650; row++) values.splice(row * 90, 0, 'spread');
    values.push(...Array.from({ length: 900 }, () => 'late'));
    const { counts, error, distinct, isExact } = countInParts(values, [1, 7000, 7001, 30_000]).result();
    expect(isExact).toBe(false);
    expect(counts.slice(0, 3).map(([text]) => text)).toEqual(['late', 'spread', 'early']);
    for (const [text, rows] of frequent) {
      const found = new Map(counts).get(text) ?? 0;
      expect([found <= rows, found + error >= rows]).toEqual([true, true]);
    }
    expect(error).toBeLessThanOrEqual(values.length / 5000);
    expect(Math.abs(distinct / 60_003 - 1)).toBeLessThan(0.025); // three standard errors
  });

  test('take a bounded part of memory and of a checkpoint, however long the texts', () => {
    const values = Array.from({ length: 60 }, (_, row) => `${row} `.padEnd(100_000, 'x'));
    const counts = countInParts([...values, ...values.slice(0, 5), ...values.slice(0, 5)], [40]);
    expect(counts.result()).toMatchObject({ isExact: false, rows: 70 });
    expect(JSON.stringify(counts.snapshot()).length).toBeLessThan(2_100_000);
  });
});

test('texts that are known are counted exactly, whatever else there is, and over snapshots', () => {
  const known = ['red', 'green', 'never'];
  const others = Array.from({ length: 12_000 }, (_, index) => `other ${index}`);
  let counts = new TextCounts(known);
  counts.add({ known: Uint32Array.of(1, 5, 0), others: rowsOf(others) });
  counts = TextCounts.restore(known, JSON.parse(JSON.stringify(counts.snapshot())) as ReturnType<TextCounts['snapshot']>);
  counts.add({ known: Uint32Array.of(2, 0, 0), others: rowsOf([]) });
  const { total, isExact, distinct, counts: listed } = counts.result();
  expect({ total, isExact }).toEqual({ total: 12_008, isExact: false });
  expect(listed.slice(0, 2)).toEqual([['green', 5], ['red', 3]]); // prettier-ignore
  expect(listed.some(([text]) => text === 'never')).toBe(false);
  expect(Math.abs(distinct / 12_002 - 1)).toBeLessThan(0.025);
});
