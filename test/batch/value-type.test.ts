import { describe, expect, test } from 'vitest';
import type { ValueType } from '#src/batch/layout.js';
import { isOfType, orderOf, orderText } from '#src/batch/value-type.js';

describe('a text is of a type', () => {
  test.each<[ValueType, readonly string[], readonly string[]]>([
    ['number', ['1', ' 1.5 ', '-2e3', 'nan', 'inf'], ['', 'one', '0x1F', '1,5']],
    ['integer', ['1', '-7', '3.0', '123456789012345678901234567890'], ['1.5', 'x', 'inf']],
    ['boolean', ['true', 'False', '0', '1'], ['yes', '2']],
    ['date', ['2026-02-28', '2024-02-29', '0001-01-01'], ['2026-02-29', '2026-13-01', '2026-2-8', '2026-02-28T00:00:00Z', ' 2026-02-28']],
    ['datetime', ['2026-02-28T23:59:59Z', '2026-02-28T23:59:59.5', '2026-02-28T23:59:59+05:30'], ['2026-02-28', '2026-02-28 23:59:59', '2026-02-30T00:00:00Z', '2026-02-28T24:00:00Z']],
    ['time', ['00:00:00', '23:59:59.123'], ['24:00:00', '12:00']],
    ['yearmonth', ['2026-06'], ['2026-13', '2026', '2026-06-01']],
    ['duration', ['P1Y2M3DT4H5M6S', 'PT0.5S', 'P2W'], ['P', 'PT', '1D', 'P1S']],
  ])('%s', (type, right, wrong) => {
    expect(right.filter((text) => !isOfType(type, text))).toEqual([]);
    expect(wrong.filter((text) => isOfType(type, text))).toEqual([]);
  }); // prettier-ignore
});

test('dates and times have an order that goes across zones, and its text', () => {
  expect(orderOf('datetime', '2026-01-01T01:00:00+02:00')).toBe(orderOf('datetime', '2025-12-31T23:00:00Z'));
  expect(orderOf('datetime', '2026-01-01T00:00:00')).toBe(Date.UTC(2026, 0, 1));
  expect(orderOf('date', '0099-01-01')!).toBeLessThan(orderOf('date', '0100-01-01')!);
  const texts: readonly (readonly [ValueType, string])[] = [['date', '2026-06-30'], ['yearmonth', '2026-06'], ['time', '18:00:05'], ['datetime', '2026-06-30T18:00:00Z'], ['number', '1.5']]; // prettier-ignore
  for (const [type, text] of texts) expect(orderText(type, orderOf(type, text) ?? 0)).toBe(text);
});
