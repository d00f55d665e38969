import { describe, expect, test } from 'vitest';
import { allocate, type ElementArray, type ElementType } from '#src/batch/element.js';
import { float16Bits } from '#src/batch/float16.js';
import { openTransfer } from '#src/run/transfer-column.js';

/** The value as the other column holds it; undefined where that has no such value. */
function carried(from: ElementType, value: number | bigint | string, into: ElementType): unknown {
  const source = (from === 'string' ? [value] : Object.assign(allocate(from, 1), [value])) as ElementArray;
  const target = allocate(into, 1);
  const isThere = openTransfer({ field: { name: 'a', type: from }, values: source }, { field: { name: 'a', type: into }, values: target })(0, 0);
  return isThere ? target[0] : undefined;
}

describe('a result of one model as that of another', () => {
  test.each<[ElementType, number | bigint | string, ElementType, unknown]>([
    ['float64', 0.1, 'float32', Math.fround(0.1)],
    ['float32', Math.fround(0.1), 'float64', Math.fround(0.1)],
    ['float64', NaN, 'float32', NaN],
    ['float64', -Infinity, 'float32', -Infinity],
    ['float64', 0.5, 'float16', float16Bits(0.5)],
    ['float64', NaN, 'float16', float16Bits(NaN)],
    ['float64', 3, 'int64', 3n],
    ['float64', 3.5, 'int64', undefined],
    ['float64', 300, 'uint8', undefined],
    ['float64', NaN, 'int32', undefined],
    ['int64', 2n ** 53n + 1n, 'string', '9007199254740993'],
    ['int64', 7n, 'float32', 7],
    ['string', '1', 'int64', 1n],
    ['string', 'yes', 'int64', undefined],
    ['string', 'yes', 'float32', undefined],
    ['string', 'true', 'bool', 1],
    ['bool', 1, 'string', 'true'],
    ['string', '', 'string', ''],
  ])('%s %s as %s', (from, value, into, expected) => {
    expect(carried(from, value, into)).toEqual(expected);
  });
});
