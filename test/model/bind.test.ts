import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ScorelineError } from '#src/errors/errors.js';
import { bindInputs, type BindRequest } from '#src/model/bind.js';
import { layoutOf } from '#src/model/layout-of.js';
import type { Dimension, Signature, TensorSpec } from '#src/model/signature.js';
import { nearMisses, slipsBetween } from '#src/errors/nearest.js';

type Shape = readonly Dimension[] | undefined;

function signature(inputs: Record<string, Shape>, featureNames?: string[]): Signature {
  const specs = Object.entries(inputs).map(([name, shape]): TensorSpec => ({ name, type: 'float32', shape }));
  return { inputs: specs, outputs: [], fixedBatch: undefined, featureNames };
}

const matrix = (width: number, featureNames?: string[]): Signature => signature({ X: ['', width] }, featureNames);

function fault(request: BindRequest): ScorelineError {
  try {
    bindInputs(request);
  } catch (error) {
    if (error instanceof ScorelineError) return error;
  }
  throw new Error('it bound');
}

describe('one column an input', () => {
  test('by name, whatever the order; [N], [N,1] and an open width', () => {
    const { inputs, orderFrom } = bindInputs({ signature: signature({ a: [''], b: ['', 1], c: [1, 1] }), columns: ['c', 'x', 'b', 'a'] });
    expect(inputs.map(({ name, width, vector, columns }) => [name, width, vector, columns])).toEqual([
      ['a', 1, true, [{ name: 'a', column: 3 }]],
      ['b', 1, false, [{ name: 'b', column: 2 }]],
      ['c', 1, false, [{ name: 'c', column: 0 }]],
    ]);
    expect(orderFrom).toBeUndefined();
  });

  test('by --bind, else by the contract; one column may feed several inputs', () => {
    const { inputs } = bindInputs({
      signature: signature({ a: ['', 1], b: ['', 1], c: ['', ''] }),
      columns: ['A!', 'B!'],
      bind: { a: 'A!', c: 'A!' },
      contract: { path: 'c.json', columns: { a: 'A!', b: 'B!' } },
    });
    expect(inputs.map(({ columns }) => columns[0]?.name)).toEqual(['A!', 'B!', 'A!']);
  });

  test('odd names', () => {
    const names = ['', 'a,b', 'a"b', 'a\nb', '__proto__', 'a/b'];
    const inputs = names.map((name): TensorSpec => ({ name, type: 'string', shape: ['', 1] }));
    const { inputs: bound } = bindInputs({ signature: { ...signature({}), inputs }, columns: names });
    expect(bound.map(({ columns }) => columns[0])).toEqual(names.map((name, column) => ({ name, column })));
  });

  test('every missing column in one error, with near names and what to paste', () => {
    const error = fault({
      signature: signature({ capital_gain: ['', 1], agee: ['', 1], zip: ['', 1] }),
      columns: ['capital-gain', 'age'],
      source: 'in.csv',
    });
    expect([error.code, error.status, error.place.file]).toEqual(['missing-column', 65, 'in.csv']);
    expect(error.message).toBe(
      '3 columns are missing from the input: "capital_gain" (near: "capital-gain"), "agee" (near: "age"), "zip"; expected by the names of the model\'s inputs',
    );
    expect(error.fix).toBe('If these are the same columns: --bind capital_gain=capital-gain --bind agee=age');
  });

  test.each<[string, Partial<BindRequest>, string, number]>([
    ['--bind of an unknown input', { bind: { aa: 'x' } }, 'unknown-input', 64],
    ['--bind to an unknown column', { bind: { a: 'y' } }, 'unknown-column', 64],
    ["a contract's unknown input", { contract: { path: 'c.json', columns: { z: 'x' } } }, 'unknown-input', 78],
    ['--bind against the contract', { bind: { a: 'x' }, contract: { path: 'c.json', columns: { a: 'b' } } }, 'binding-contradiction', 78],
    ['--features for no matrix', { features: ['x'] }, 'features-not-used', 64],
  ])('%s', (_, more, code, status) => {
    const error = fault({ signature: signature({ a: ['', 1], b: ['', 1] }), columns: ['x', 'b'], ...more });
    expect([error.code, error.status]).toEqual([code, status]);
  });
});

describe('a matrix', () => {
  const columns = ['z', 'y', 'x', 'id'];

  test.each<[string, Partial<BindRequest>, string]>([
    ['flag', { features: ['x', 'y'] }, 'flag'],
    ['contract', { contract: { path: 'c.json', features: ['x', 'y'] } }, 'contract'],
    ['metadata', { signature: matrix(2, ['x', 'y']) }, 'metadata'],
    ['all of them alike', { features: ['x', 'y'], contract: { path: 'c', features: ['x', 'y'] }, signature: matrix(2, ['x', 'y']) }, 'flag'],
    ['an open width', { features: ['x', 'y'], signature: signature({ X: ['', ''] }) }, 'flag'],
    ['no shape', { features: ['x', 'y'], signature: signature({ X: undefined }) }, 'flag'],
  ])('takes its order from the %s', (_, more, from) => {
    const { inputs, orderFrom } = bindInputs({ signature: matrix(2), columns, ...more });
    expect(inputs).toEqual([
      {
        name: 'X',
        type: 'float32',
        width: 2,
        vector: false,
        columns: [
          { name: 'x', column: 2 },
          { name: 'y', column: 1 },
        ],
      },
    ]);
    expect(orderFrom).toBe(from);
  });

  test('without an order: 78, and the flag to paste', () => {
    expect(fault({ signature: matrix(4), columns })).toMatchObject({
      code: 'no-feature-order',
      status: 78,
      fix: 'If the training data had this order: --features z,y,x,id',
    });
    expect(fault({ signature: matrix(3), columns, contract: { path: 'c', ids: ['id'] } }).fix).toMatch(/--features z,y,x$/);
    expect(fault({ signature: matrix(2), columns: ["it's", 'b c'] }).fix).toMatch(/--features 'it'\\''s,b c'$/);
    expect(fault({ signature: matrix(9), columns }).fix).toMatch(/9 of the input's 4 columns/);
    expect(fault({ signature: matrix(2), columns: ['a,b', 'c'] }).fix).toMatch(/@FILE/);
  });

  test.each<[string, Partial<BindRequest>, string, number, RegExp]>([
    [
      'orders that differ',
      { features: ['x', 'y'], contract: { path: 'c.json', features: ['x', 'z'] } },
      'order-contradiction',
      78,
      /position 2 --features have "y", the features of contract "c.json" have "z"/,
    ],
    [
      'orders of other lengths',
      { features: ['x', 'y'], signature: matrix(2, ['x']) },
      'order-contradiction',
      78,
      /position 2 --features have "y", the feature_names in the model end at 1/,
    ],
    ['too few', { features: ['x'] }, 'feature-count', 64, /--features name 1 column, expected 2: input "X" \(2\)/],
    ["too many in the contract's", { contract: { path: 'c.json', features: ['x', 'y', 'z'] } }, 'feature-count', 78, /name 3 columns, expected 2/],
    ["wrong in the model's own", { signature: matrix(2, ['x']) }, 'feature-count', 69, /feature_names in the model name 1 column/],
    ['a column twice', { features: ['x', 'x'] }, 'duplicate-feature', 64, /"x" twice/],
    ['an unknown name in the flag', { features: ['x', 'yy'] }, 'unknown-column', 64, /"yy".*did you mean "y"/],
    [
      'an unknown name in the contract',
      { contract: { path: 'c.json', features: ['x', 'yy'] } },
      'missing-column',
      65,
      /a column is missing from the input: "yy" \(near: "y"\)/,
    ],
    ['--bind of one column', { bind: { X: 'x' } }, 'bind-matrix', 64, /takes 2 values a row/],
  ])('refuses %s', (_, more, code, status, message) => {
    const error = fault({ signature: matrix(2), columns, ...more });
    expect([error.code, error.status]).toEqual([code, status]);
    expect(error.message).toMatch(message);
  });

  test('beside columns of their own name', () => {
    const { inputs } = bindInputs({ signature: signature({ text: ['', 1], X: ['', 2] }), columns: ['y', 'text', 'x'], features: ['x', 'y'] });
    expect(inputs.map((input) => input.columns.map(({ column }) => column))).toEqual([[1], [2, 0]]);
  });

  test('several share one order that was given for just them', () => {
    const two = signature({ A: ['', 2], B: ['', 2] }, ['a', 'b', 'c', 'd']);
    const request = { signature: two, columns: ['a', 'b', 'c', 'd'] };
    expect(fault(request)).toMatchObject({ code: 'several-matrices', status: 78 });
    const { inputs } = bindInputs({ ...request, features: ['a', 'b', 'c', 'd'] });
    expect(inputs.map((input) => input.columns.map(({ name }) => name))).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
    expect(fault({ ...request, signature: signature({ A: ['', ''], B: ['', 2] }), features: ['a', 'b', 'c', 'd'] }).code).toBe('several-matrices');
  });
});

test('near misses: case, punctuation, two slips at most, best first', () => {
  expect(nearMisses('capital.gain', ['capital gain', 'Capital_Gain', 'capital_loss'])).toEqual(['capital gain', 'Capital_Gain']);
  expect(nearMisses('age', ['gae', 'wage', 'x', 'income'])).toEqual(['gae', 'wage']);
  expect(nearMisses('ab', ['xy'])).toEqual([]);
  expect([slipsBetween('kitten', 'sitting'), slipsBetween('abc', 'acb'), slipsBetween('abc', 'abc'), slipsBetween('a', 'abcdef')]).toEqual([
    3, 1, 0, 3,
  ]);
});

test('slips are those of the whole table of distances, as far as they count', () => {
  const whole = (a: string, b: string): number => {
    const d = Array.from({ length: a.length + 1 }, (_, i) => Array.from({ length: b.length + 1 }, (__, j) => (i === 0 || j === 0 ? i + j : 0)));
    for (let i = 1; i <= a.length; i++) {
      for (let j = 1; j <= b.length; j++) {
        const steps = [d[i - 1]![j]! + 1, d[i]![j - 1]! + 1, d[i - 1]![j - 1]! + Number(a[i - 1] !== b[j - 1])];
        if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) steps.push(d[i - 2]![j - 2]! + 1);
        d[i]![j] = Math.min(...steps);
      }
    }
    return Math.min(3, d[a.length]![b.length]!);
  };
  const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 8 });
  fc.assert(fc.property(word, word, (a, b) => slipsBetween(a, b) === whole(a, b)), { numRuns: 2000 });
  expect(slipsBetween('abcdef', 'abdcfe')).toBe(2);
}); // prettier-ignore

test('the layout: a tensor an input, a field a column, and what a missing value becomes', () => {
  const specs = { a: 'int64', b: 'string', c: 'float32', d: 'int32' } as const;
  const inputs = Object.entries(specs).map(([name, type]): TensorSpec => ({ name, type, shape: ['', 1] }));
  const binding = bindInputs({ signature: { ...signature({}), inputs }, columns: ['d', 'c', 'b', 'a'] });
  const layout = layoutOf(binding, [{ name: 'id', column: 9 }], ({ name }) => (name === 'd' ? { onMissing: { kind: 'value', text: '7' } } : {}));
  expect(layout.fields.map(({ name, column, tensor, at, onMissing }) => [name, column, tensor, at, onMissing.kind])).toEqual([
    ['a', 3, 0, 0, 'reject'], ['b', 2, 1, 0, 'empty'], ['c', 1, 2, 0, 'nan'], ['d', 0, 3, 0, 'value'],
  ]); // prettier-ignore
  expect(layout.tensors[1]).toEqual({ type: 'string', width: 1 });
  expect(layout.kept).toEqual([{ name: 'id', column: 9 }]);
});
