import { describe, expect, test } from 'vitest';
import type { TensorBuffer } from '#src/batch/batch.js';
import { allocate, type ElementType } from '#src/batch/element.js';
import type { Field, MissingRule } from '#src/batch/layout.js';
import { describeReject, nullTexts, openFieldStore } from '#src/batch/store.js';
import { openTextStore } from '#src/batch/text-store.js';

function storeOf(type: ElementType, onMissing: MissingRule = { kind: 'reject' }, nulls = nullTexts()) {
  const tensor: TensorBuffer = { type, width: 2, values: allocate(type, 4) };
  const field: Field = { name: 'x', column: 0, tensor: 0, at: 1, type, onMissing };
  const store = openFieldStore(field, tensor, nulls);
  return { store, field, value: () => tensor.values[3] };
}

describe('text into tensors', () => {
  test.each<[ElementType, string, unknown]>([
    ['float32', '0.1', Math.fround(0.1)], ['float32', '3.4028234663852886e38', 3.4028234663852886e38], ['float32', '-inf', -Infinity], ['float64', '0.1', 0.1],
    ['int64', '9007199254740993', 9007199254740993n], ['int64', '-9223372036854775808', -(2n ** 63n)], ['uint64', '18446744073709551615', 2n ** 64n - 1n],
    ['int32', '3.0', 3], ['int8', '-128', -128], ['uint8', '255', 255], ['bool', ' True ', 1], ['bool', '0', 0], ['string', ' Private', ' Private'], ['string', 'NA', 'NA'],
    ['float16', '0.1', 0x2e66], ['float16', '65504', 0x7bff],
  ])('%s takes %j', (type, text, expected) => {
    const { store, value } = storeOf(type);
    expect([store.text(1, text), value()]).toEqual(['stored', expected]);
  }); // prettier-ignore

  test.each<[ElementType, string, string]>([
    ['float32', '1e39', 'out-of-range'], ['float32', '3.5e38', 'out-of-range'], ['float64', '1e400', 'out-of-range'], ['float16', '65520', 'out-of-range'],
    ['float32', '1,5', 'not-a-number'], ['float32', '0x1F', 'not-a-number'], ['int64', '9223372036854775808', 'out-of-range'], ['int64', '3.5', 'not-an-integer'],
    ['int64', 'inf', 'out-of-range'], ['int32', '2147483648', 'out-of-range'], ['uint8', '-1', 'out-of-range'], ['int64', 'seven', 'not-a-number'], ['bool', 'yes', 'not-a-boolean'],
    ['bool', '2', 'not-a-boolean'], ['int64', '', 'missing-value'], ['int64', ' NA ', 'missing-value'], ['bool', ' ', 'missing-value'],
  ])('%s rejects %j: %s', (type, text, code) => {
    const { store, field } = storeOf(type);
    const stored = store.text(1, text);
    expect(stored).toBe(code);
    const message = describeReject(code as 'not-a-number', field, text);
    expect(message).toMatch(/^found .+, expected /);
    expect(message).not.toContain('seven'); // the value itself belongs in the rejects file alone
  }); // prettier-ignore

  test.each(['', ' ', '\t', 'NA', 'n/a', 'NaN', ' null '])('%j is missing in a float column, never 0', (text) => {
    const { store, value } = storeOf('float32', { kind: 'nan' });
    expect([store.text(1, text), value()]).toEqual(['missing', NaN]);
  });

  test('only the empty cell is missing in a string column', () => {
    const { store, value } = storeOf('string', { kind: 'empty' });
    expect([store.text(1, ''), value()]).toEqual(['missing', '']);
    for (const text of [' ', 'NA', 'null', 'NaN']) expect([store.text(1, text), value()]).toEqual(['stored', text]);
  });

  test('--null-value replaces the words, and holds for strings too', () => {
    const nulls = nullTexts(['?']);
    const number = storeOf('float32', { kind: 'nan' }, nulls);
    expect([number.store.text(1, ' ? '), number.store.text(1, ''), number.store.text(1, 'NA')]).toEqual(['missing', 'missing', 'not-a-number']);
    const string = storeOf('string', { kind: 'empty' }, nulls);
    expect([string.store.text(1, '?'), string.store.text(1, 'NA')]).toEqual(['missing', 'stored']);
  });

  test('a null value that is a number is one in any notation, and in typed sources', () => {
    const nulls = nullTexts(['-999']);
    const float = storeOf('float32', { kind: 'nan' }, nulls);
    expect([
      float.store.text(1, '-999'),
      float.store.text(1, '-999.0'),
      float.store.text(1, '-9.99e2'),
      float.store.number(1, -999),
      float.store.number(1, 999),
    ]).toEqual(['missing', 'missing', 'missing', 'missing', 'stored']);
    const int = storeOf('int64', { kind: 'value', text: '0' }, nulls);
    expect([int.store.integer(1, -999n), int.value(), int.store.text(1, '-998'), int.value()]).toEqual(['missing', 0n, 'stored', -998n]);
    const string = storeOf('string', { kind: 'empty' }, nulls);
    expect([string.store.text(1, '-999.0'), string.store.text(1, '-999')]).toEqual(['stored', 'missing']);
  });

  test('a contract may say what stands for a missing value', () => {
    const { store, value } = storeOf('int64', { kind: 'value', text: '-1' });
    expect([store.text(1, ''), value()]).toEqual(['missing', -1n]);
  });
});

describe('numbers of other sources follow the same rules', () => {
  test('doubles, exact integers and booleans', () => {
    const int = storeOf('int64', { kind: 'reject' });
    expect([int.store.number(1, 3), int.store.number(1, 3.5), int.store.number(1, Infinity), int.store.number(1, NaN)]).toEqual([
      'stored',
      'not-an-integer',
      'out-of-range',
      'missing-value',
    ]);
    expect([int.store.integer(1, 2n ** 63n), int.store.integer(1, 2n ** 62n), int.value()]).toEqual(['out-of-range', 'stored', 2n ** 62n]);
    const float = storeOf('float32', { kind: 'nan' });
    expect([
      float.store.number(1, NaN),
      float.store.number(1, 1e39),
      float.store.number(1, -Infinity),
      float.store.boolean(1, true),
      float.value(),
    ]).toEqual(['missing', 'out-of-range', 'stored', 'stored', 1]);
    const bool = storeOf('bool');
    expect([bool.store.number(1, 1), bool.store.number(1, 2), bool.store.boolean(1, false), bool.value()]).toEqual([
      'stored',
      'not-a-boolean',
      'stored',
      0,
    ]);
  });
});

describe('texts that come again and again', () => {
  const codes = ['a', '', ' Private'];
  const open = (onMissing: MissingRule, coded: boolean, nulls = nullTexts()) => {
    const tensor: TensorBuffer = coded ? { type: 'int64', width: 2, codes, values: allocate('int64', 4) } : { type: 'string', width: 2, values: allocate('string', 4) };
    const field: Field = { name: 'x', column: 0, tensor: 0, at: 1, type: 'string', onMissing };
    return { tensor, texts: openTextStore(field, tensor, nulls), store: openFieldStore(field, tensor, nulls) };
  }; // prettier-ignore

  test.each([
    ['a', 'stored', 0n], ['', 'missing', 1n], [' Private', 'stored', 2n], ['unseen', 'stored', 3n], ['Private', 'stored', 3n], ['a\0b', 'stored', 0n], ['\0', 'stored', 1n], ['__proto__', 'stored', 3n],
  ])('a coded tensor takes %j as the place of the text among the known ones', (text, stored, code) => {
    const { tensor, texts, store } = open({ kind: 'empty' }, true);
    const entry = texts.entry(text);
    texts.set(1, entry.value);
    expect([entry.stored, tensor.values[3]]).toEqual([stored, code]);
    expect([store.text(0, text), tensor.values[1], tensor.values[0], tensor.values[2]]).toEqual([stored, code, 0n, 0n]);
  }); // prettier-ignore

  test.each([false, true])('an entry gives what the store of the field gives, by every rule (coded: %s)', (coded) => {
    const rules: MissingRule[] = [{ kind: 'empty' }, { kind: 'value', text: 'a' }, { kind: 'reject' }];
    for (const rule of rules) {
      for (const text of ['', 'a', 'NA', 'b', ' ']) {
        const one = open(rule, coded, nullTexts(['NA']));
        const other = open(rule, coded, nullTexts(['NA']));
        const entry = one.texts.entry(text);
        if (entry.stored !== 'missing-value') one.texts.set(1, entry.value);
        expect([entry.stored, one.tensor.values]).toEqual([other.store.text(1, text), other.tensor.values]);
      }
    }
  });

  test('numbers and booleans of typed sources are coded by their texts', () => {
    const tensor: TensorBuffer = { type: 'int64', width: 1, codes: ['', '3', 'true', '0.5'], values: allocate('int64', 5) };
    const store = openFieldStore({ name: 'x', column: 0, tensor: 0, at: 0, type: 'string', onMissing: { kind: 'empty' } }, tensor, nullTexts(['7']));
    expect([store.number(0, 3), store.integer(1, 3n), store.boolean(2, true), store.number(3, 0.5), store.number(4, 7)]).toEqual([
      ...['stored', 'stored', 'stored', 'stored', 'missing'],
    ]);
    expect([...(tensor.values as BigInt64Array)]).toEqual([1n, 1n, 2n, 3n, 0n]);
  });

  test('a tensor that the batch has grown is written where it is now', () => {
    const { tensor, texts } = open({ kind: 'empty' }, true);
    texts.set(0, texts.entry(' Private').value);
    tensor.values = allocate('int64', 8);
    texts.set(3, texts.entry(' Private').value);
    expect([...(tensor.values as BigInt64Array)]).toEqual([0n, 0n, 0n, 0n, 0n, 0n, 0n, 2n]);
  });
});
