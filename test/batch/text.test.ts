import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { float16Bits, float16Value } from '#src/batch/float16.js';
import { float32Text, float64Text } from '#src/batch/text.js';

describe('floats as text', () => {
  test('float32 reads back to the same value, and no shorter text does', () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const text = float32Text(value);
        if (!Object.is(Math.fround(Number(text)), value)) return false;
        const digits = text.replace(/e.*$/, '').replace(/[-.]/g, '').replace(/^0+|0+$/g, '').length; // prettier-ignore
        return digits <= 1 || Math.fround(Number(value.toPrecision(digits - 1))) !== value;
      }),
      { numRuns: 20_000 },
    );
    expect([0.1, 16777216, 1e10, 3.4028235e38, 1e-45, -0, 1 / 3].map((value) => float32Text(Math.fround(value)))).toEqual([
      '0.1',
      '16777216',
      '10000000000',
      '3.4028235e+38',
      '1e-45',
      '-0',
      '0.33333334',
    ]);
  });

  test('what is no finite number has one spelling', () => {
    expect([NaN, Infinity, -Infinity].map(float64Text)).toEqual(['NaN', 'inf', '-inf']);
    expect([NaN, Infinity, -Infinity].map(float32Text)).toEqual(['NaN', 'inf', '-inf']);
  });

  test('every half-precision pattern survives the way there and back', () => {
    const lost: number[] = [];
    for (let bits = 0; bits < 0x10000; bits++) {
      const value = float16Value(bits);
      if (!Number.isNaN(value) && float16Bits(value) !== bits) lost.push(bits);
    }
    expect(lost).toEqual([]);
    expect([float16Bits(65519.9), float16Bits(65520), float16Bits(1 + 2 ** -11), float16Bits(1 + 3 * 2 ** -11)]).toEqual([
      0x7bff, 0x7c00, 0x3c00, 0x3c02,
    ]);
  });
});
