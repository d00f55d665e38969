import { describe, expect, test } from 'vitest';
import { gapDays, warnOfAge } from '#src/contract/age.js';
import { isIsoTime, timeMs } from '#src/contract/shapes.js';

const codesAt = (now: string, dates: Parameters<typeof warnOfAge>[0]): string[] => {
  const codes: string[] = [];
  warnOfAge(dates, Date.parse(now), { add: (code) => codes.push(code) });
  return codes;
};

describe('the age of a contract', () => {
  test('it holds to the end of its last day, in UTC', () => {
    expect(codesAt('2026-06-30T23:59:59.999Z', { expires: '2026-06-30' })).toEqual([]);
    expect(codesAt('2026-07-01T00:00:00.000Z', { expires: '2026-06-30' })).toEqual(['contract-expired']);
  });

  test('or to an instant', () => {
    expect(codesAt('2026-06-30T11:59:59Z', { expires: '2026-06-30T12:00Z' })).toEqual([]);
    expect(codesAt('2026-06-30T12:00:00Z', { expires: '2026-06-30T12:00Z' })).toEqual(['contract-expired']);
  });

  test('training data that ended more than a year ago is told, unless somebody has said how long it holds', () => {
    expect(codesAt('2026-12-31T00:00:00Z', { trainedThrough: '2025-12-31' })).toEqual([]);
    expect(codesAt('2027-01-02T00:00:00Z', { trainedThrough: '2025-12-31' })).toEqual(['data-gap']);
    expect(codesAt('2027-01-02T00:00:00Z', { trainedThrough: '2025-12-31', expires: '2027-06-30' })).toEqual([]);
  });

  test('training data that ends on a day that has not begun anywhere is told', () => {
    expect(codesAt('2026-06-29T12:00:00Z', { trainedThrough: '2026-06-30' })).toEqual([]);
    expect(codesAt('2026-06-28T12:00:00Z', { trainedThrough: '2026-06-30', expires: '2027-01-01' })).toEqual(['training-ahead']);
  });

  test('the gap is counted from the end of the last day', () => {
    expect(gapDays('2026-01-01', Date.parse('2026-01-03T12:00:00Z'))).toBe(1.5);
    expect(gapDays('2026-01-01T12:00:00Z', Date.parse('2026-01-01T00:00:00Z'))).toBe(-0.5);
  });
});

describe('dates', () => {
  test.each(['2026-01-01', '2024-02-29', '2026-06-30T18:00Z', '2026-06-30T18:00:01.5Z', '2026-06-30T18:00+02:00', '0001-01-01'])(
    '%s is one',
    (text) => {
      expect(isIsoTime(text)).toBe(true);
      expect(timeMs(text, 'end')).not.toBeNaN();
    },
  );

  test.each(['2026-02-29', '2026-13-01', '2026-1-1', '2026-06-30T24:00Z', '2026-06-30T18:00', '2026-06-30T18:00+25:00', 'yesterday', ''])(
    '%s is none',
    (text) => {
      expect(isIsoTime(text)).toBe(false);
    },
  );
});
