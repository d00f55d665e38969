import { describe, expect, test } from 'vitest';
import { INTEGER_BYTES, writeInteger, writeWide } from '#src/batch/digits.js';
import { float16Bits, float16Value } from '#src/batch/float16.js';
import { FLOAT32_BYTES, writeFloat32 } from '#src/batch/float32-bytes.js';
import { FLOAT64_BYTES, writeFloat64 } from '#src/batch/float64-bytes.js';
import { float32Text, float64Text, textWriter } from '#src/batch/text.js';
import { edgesOfFloat32, edgesOfFloat64, randomFloat32, randomFloat64 } from '../../tools/proof/patterns.mjs';
import { judgeFloat32, judgeFloat64 } from '../../tools/proof/shortest.mjs';

const AT = 3;
const out = Buffer.alloc(64);

/** What a writer writes in the middle of a buffer, within the room that it asks for. */
function written(write: (value: number, into: Uint8Array, at: number) => number, value: number, most: number): string {
  out.fill('~');
  const end = write(value, out, AT);
  expect.soft(end - AT).toBeLessThanOrEqual(most);
  expect.soft(out.toString('latin1', 0, AT) + out.toString('latin1', AT + most)).toBe('~'.repeat(64 - most));
  return out.toString('latin1', AT, end);
}

function float32Of(bits: number): number {
  return new Float32Array(Uint32Array.of(bits).buffer)[0]!;
}

describe('float32', () => {
  test('every edge, and 60,000 patterns by chance: the shortest text that reads back, the nearest of them', () => {
    const wrong: string[] = [];
    for (const patterns of [edgesOfFloat32(), randomFloat32(60_000, 20)]) {
      for (const bits of patterns) {
        const value = float32Of(bits);
        const text = float32Text(value);
        const complaint = judgeFloat32(value, text);
        if (complaint !== undefined) wrong.push(`${bits.toString(16)} is written ${text}: ${complaint}`);
      }
    }
    expect(wrong).toEqual([]);
  }, 120_000);

  test.each([
    [0.1, '0.1'],
    [1 / 3, '0.33333334'],
    [16777216, '16777216'],
    [-16777220, '-16777220'],
    [999999.94, '999999.94'],
    [0.99999994, '0.99999994'],
    [1e9, '1000000000'],
    [1e10, '10000000000'],
    [1e20, '100000000000000000000'],
    [1e21, '1e+21'],
    [1e-6, '0.000001'],
    [1e-7, '1e-7'],
    [-1.5e-7, '-1.5e-7'],
    [3.4028235e38, '3.4028235e+38'],
    [1.17549435e-38, '1.1754944e-38'],
    [1e-45, '1e-45'],
    [9.8e-45, '1e-44'],
    [0, '0'],
    [-0, '-0'],
    [NaN, 'NaN'],
    [Infinity, 'inf'],
    [-Infinity, '-inf'],
  ])('%d is %s', (value, text) => {
    expect(written(writeFloat32, Math.fround(value), FLOAT32_BYTES)).toBe(text);
  });

  test('of two nearest ones the one away from zero', () => {
    expect([2097152.25, -2097152.25, 2097152.75].map(float32Text)).toEqual(['2097152.3', '-2097152.3', '2097152.8']);
  });

  test('above a power of two the interval reaches further than below it', () => {
    // toPrecision(8) of these reads back to the float below; eight digits do exist.
    expect([2 ** -96, 2 ** 87, 2 ** 90].map(float32Text)).toEqual(['1.2621775e-29', '1.5474251e+26', '1.2379401e+27']);
  });

  test('nothing is touched outside the bytes asked for', () => {
    for (const bits of randomFloat32(2000, 3)) written(writeFloat32, float32Of(bits), FLOAT32_BYTES);
    for (let power = -45; power < 39; power++) written(writeFloat32, Math.fround(-1.2345678 * 10 ** power), FLOAT32_BYTES);
    expect(written(writeFloat32, Math.fround(-1.2345678e20), FLOAT32_BYTES)).toBe('-123456780000000000000');
  });
});

describe('float64', () => {
  test('every edge, and 30,000 doubles by chance: the shortest text that reads back', () => {
    const wrong: string[] = [];
    const text = (value: number): string => out.toString('latin1', 0, writeFloat64(value, out, 0));
    for (const values of [edgesOfFloat64(), randomFloat64(30_000, 20)]) {
      for (const value of values) {
        const complaint = judgeFloat64(value, text(value)) ?? (text(value) === float64Text(value) ? undefined : 'float64Text differs');
        if (complaint !== undefined) wrong.push(`${value} is written ${text(value)}: ${complaint}`);
      }
    }
    expect(wrong).toEqual([]);
  }, 120_000);

  test.each([
    [0.1 + 0.2, '0.30000000000000004'],
    [-0.000001234567890123456, '-0.000001234567890123456'],
    [123456.789, '123456.789'],
    [-1234567.5, '-1234567.5'],
    [999999999999.999, '999999999999.999'],
    [1e15, '1000000000000000'],
    [5e-324, '5e-324'],
    [-0, '-0'],
    [NaN, 'NaN'],
    [Infinity, 'inf'],
    [-Infinity, '-inf'],
  ])('%d is %s', (value, text) => {
    expect(written(writeFloat64, value, FLOAT64_BYTES)).toBe(text);
  });
});

describe('the judge of floats', () => {
  test.each([
    [2 ** -96, '1.26217745e-29', '1.2621775e-29 is shorter'],
    [0.1, '0.10', 'another notation than 0.1'],
    [0.1, '0.10000001', 'reads back to another value'],
    [0.1, '1e-1', 'another notation than 0.1'],
    [-0.5, '0.5', 'another sign'],
    [1e-45, '2e-45', '1e-45 is as short, and nearer'],
    [NaN, 'nan', 'expected NaN'],
  ])('finds the fault of %d as %s', (value, text, complaint) => {
    expect(judgeFloat32(Math.fround(value), text)).toBe(complaint);
  });

  test('finds what is too long for a double', () => {
    expect([judgeFloat64(0.3, '0.30000000000000004'), judgeFloat64(0.1 + 0.2, '0.3')]).toEqual([
      'reads back to another value',
      'reads back to another value',
    ]);
    expect(judgeFloat64(1 / 3, '0.33333333333333331')).toBe('another notation than 0.3333333333333333');
  });
});

describe('integers', () => {
  test('up to 53 bits, at every number of digits', () => {
    const values = [0, 2 ** 31 - 1, 2 ** 31, 2 ** 53, 1e9, 999999999, 1234567890123456];
    for (let power = 0; power < 16; power++) values.push(10 ** power - 1, 10 ** power, 10 ** power + 1);
    for (const value of values.flatMap((value) => [value, -value])) {
      expect(written(writeInteger, value, INTEGER_BYTES)).toBe(String(value));
    }
  });

  test.each([
    0n,
    -1n,
    2n ** 31n,
    -(2n ** 31n),
    2n ** 32n,
    2n ** 53n,
    -(2n ** 53n) - 1n,
    2n ** 53n + 1n,
    2n ** 63n - 1n,
    -(2n ** 63n),
    2n ** 64n - 1n,
  ])('%s of 64 bits, from its words', (value) => {
    const high = Number(value >> 32n);
    const low = Number(BigInt.asIntN(32, value));
    expect(written((_, into, at) => writeWide(high, low, into, at), 0, INTEGER_BYTES)).toBe(String(value));
  });
});

describe('values by type', () => {
  test('have one spelling', () => {
    const text = (type: Parameters<typeof textWriter>[0], values: Parameters<ReturnType<typeof textWriter>>[0]) => textWriter(type)(values, 0);
    expect([
      text('bool', Uint8Array.of(2)),
      text('int64', BigInt64Array.of(-9007199254740993n)),
      text('float16', Uint16Array.of(0x3555)),
      text('float32', Float32Array.of(0.1)),
      text('float64', Float64Array.of(NaN)),
      text('string', ['a,b']),
    ]).toEqual(['true', '-9007199254740993', '0.33325195', '0.1', 'NaN', 'a,b']);
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
