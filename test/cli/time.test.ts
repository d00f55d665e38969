import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { momentOf, parseTime, type TimePoint } from '#src/cli/time.js';

const NOW = new Date('2026-11-22T10:20:30Z');
const zone = process.env['TZ'];
beforeEach(() => {
  process.env['TZ'] = 'Europe/Berlin';
});
afterEach(() => {
  if (zone === undefined) delete process.env['TZ'];
  else process.env['TZ'] = zone;
});

const at = (text: string, edge: 'start' | 'end' = 'start', utc = false): string =>
  new Date(momentOf(parseTime(text) as TimePoint, { now: NOW, utc, edge })).toISOString();

describe('a time on the command line', () => {
  it.each([
    ['2026-11-01T06:00Z', '2026-11-01T06:00:00.000Z'],
    ['2026-11-01 06:00:30.5+01:30', '2026-11-01T04:30:30.500Z'],
    ['2026-11-01T06:00-0500', '2026-11-01T11:00:00.000Z'],
    ['2026-11-01T06:00', '2026-11-01T05:00:00.000Z'],
    ['2026-07-01T06:00', '2026-07-01T04:00:00.000Z'],
    ['2026-11-01', '2026-10-31T23:00:00.000Z'],
    ['today', '2026-11-21T23:00:00.000Z'],
    ['yesterday', '2026-11-20T23:00:00.000Z'],
  ])('%s is local unless it says otherwise: %s', (text, expected) => {
    expect(at(text)).toBe(expected);
  });

  it('is of UTC where that is asked for', () => {
    expect([at('2026-11-01T06:00', 'start', true), at('today', 'start', true)]).toEqual(['2026-11-01T06:00:00.000Z', '2026-11-22T00:00:00.000Z']);
  });

  it('is the whole day for a date at the end of a span, also where the clocks change', () => {
    expect(at('2026-10-25', 'end')).toBe('2026-10-25T22:59:59.999Z');
    expect(at('2026-03-29', 'start')).toBe('2026-03-28T23:00:00.000Z');
    expect(at('2026-03-29T06:00')).toBe('2026-03-29T04:00:00.000Z');
    expect(at('today', 'end', true)).toBe('2026-11-22T23:59:59.999Z');
  });

  it.each([
    '',
    '2026-02-29',
    '2026-13-01',
    '2026-00-10',
    '2026-11-00',
    '2026-11-01T24:00',
    '2026-11-01T06:60',
    '2026-11-01T6:00',
    '26-11-01',
    'soon',
    'constructor',
  ])("'%s' is none", (text) => {
    expect(parseTime(text)).toBeUndefined();
  });
});
