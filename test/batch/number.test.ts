import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { float64Text } from '#src/batch/text.js';
import { isBlank, parseBoolean, parseInteger, parseNumber } from '#src/batch/number.js';

describe('the number grammar', () => {
  test.each([
    ['1', 1], ['-1', -1], ['+1', 1], ['.5', 0.5], ['5.', 5], [' 7\t', 7], ['1e3', 1000], ['1E-3', 0.001], ['-0', -0], ['007', 7],
    ['nan', NaN], ['NaN', NaN], ['inf', Infinity], ['-Infinity', -Infinity], ['+INF', Infinity], ['1e400', Infinity], ['9007199254740993', 9007199254740992],
  ])('%j is %d', (text, value) => expect(parseNumber(text)).toBe(value)); // prettier-ignore

  test.each([
    '',
    ' ',
    '\t',
    '0x1F',
    '1_000',
    '1,000',
    '1 000',
    '1e',
    'e5',
    '.',
    '+',
    '--1',
    '1.2.3',
    '1e5.5',
    'one',
    'infinit',
    '١',
    '1\n',
    '\u00a01',
    '0b1',
    '1n',
  ])('%j is no number', (text) => expect(parseNumber(text)).toBeUndefined());

  test('blanks are never 0', () => {
    for (const text of ['', ' ', '\t \t'])
      expect([isBlank(text), parseNumber(text), parseInteger(text), parseBoolean(text)]).toEqual([true, undefined, undefined, undefined]);
  });

  test('every double reads back from its own text', () => {
    fc.assert(
      fc.property(fc.double(), (value) => Object.is(parseNumber(float64Text(value)), value)),
      { numRuns: 2000 },
    );
    expect(parseNumber('1.7976931348623157e308')).toBe(Number.MAX_VALUE);
  });
});

describe('no cell takes long', () => {
  test.each([
    '1'.repeat(1e6) + 'x',
    '0'.repeat(1e6) + '1',
    '1.' + '0'.repeat(1e6),
    '1.' + '0'.repeat(1e6) + '1',
    ' '.repeat(1e6) + 'x',
    '1'.repeat(1e6),
    '9'.repeat(1e6) + 'e-5',
  ])('%#', (text) => {
    const begun = performance.now();
    parseNumber(text);
    parseInteger(text);
    expect(performance.now() - begun).toBeLessThan(2000); // a quadratic reading takes an hour
  });
});

describe('whole numbers are exact', () => {
  test.each([
    ['3', 3n], ['3.0', 3n], ['3.', 3n], ['-3.000', -3n], ['1e3', 1000n], ['1.5e1', 15n], ['1500e-2', 15n], ['9007199254740993', 9007199254740993n],
    ['9007199254740993.0', 9007199254740993n], ['-9223372036854775808', -(2n ** 63n)], ['0e99999', 0n], ['0.000', 0n], ['-0', 0n],
    ['3.5', 'fraction'], ['1e-1', 'fraction'], ['1e-400', 'fraction'], ['15e-2', 'fraction'], ['1e400', 'huge'], ['nan', undefined], ['inf', undefined], ['0x10', undefined],
  ])('%j is %s', (text, value) => expect(parseInteger(text)).toBe(value)); // prettier-ignore

  test('any notation of a whole number gives that number', () => {
    fc.assert(
      fc.property(fc.bigInt(-(2n ** 80n), 2n ** 80n), fc.nat(6), fc.nat(6), (value, zeros, shift) => {
        const scaled = value * 10n ** BigInt(shift);
        return (
          parseInteger(`${scaled}${zeros === 0 ? '' : `.${'0'.repeat(zeros)}`}`) === scaled &&
          parseInteger(`${value}e${shift}`) === scaled &&
          parseInteger(`${scaled}e-${shift}`) === value
        );
      }),
    );
    expect(parseInteger('18446744073709551615')).toBe(2n ** 64n - 1n);
  });
});
