import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ModelError } from '#src/errors/errors.js';
import { loadModel } from '#src/model/load.js';
import { signatureOf } from '#src/model/signature-of.js';
import { constant, graphOf, modelOf, node, typed, value } from './onnx-maker.js';

const FIXTURES = join(import.meta.dirname, '../../fixtures');

function signature(parts: Parameters<typeof graphOf>[0], metadata: Record<string, string> = {}) {
  const graph = graphOf({ output: [value('Y', 1, ['', 1])], ...parts });
  return signatureOf({ proto: modelOf(graph, metadata), graph }, [], 'some.onnx');
}

function refusal(parts: Parameters<typeof graphOf>[0]): string {
  try {
    signature(parts);
  } catch (error) {
    if (error instanceof ModelError) return `${error.code} ${error.message}`;
  }
  return 'taken';
}

describe('inputs', () => {
  test('shapes: fixed, symbolic, unknown, none', () => {
    const { inputs, fixedBatch } = signature({ input: [value('a', 1, ['N', 4]), value('b', 7, ['']), value('c', 8, ['', 'F']), value('d', 11)] });
    expect(inputs).toEqual([
      { name: 'a', type: 'float32', shape: ['N', 4] },
      { name: 'b', type: 'int64', shape: [''] },
      { name: 'c', type: 'string', shape: ['', 'F'] },
      { name: 'd', type: 'float64', shape: undefined },
    ]);
    expect(fixedBatch).toBeUndefined();
  });

  test.each([[1, 'float32'], [2, 'uint8'], [3, 'int8'], [4, 'uint16'], [5, 'int16'], [6, 'int32'], [7, 'int64'], [8, 'string'], [9, 'bool'], [10, 'float16'], [11, 'float64'], [12, 'uint32'], [13, 'uint64']])(
    'element type %i is %s', (number, name) => expect(signature({ input: [value('x', number, [1])] }).inputs[0]?.type).toBe(name),
  ); // prettier-ignore

  test('what an initializer gives a value is no input', () => {
    expect(signature({ input: [value('X', 1, ['', 2]), value('W', 1, [3])], initializer: [constant('W', [1, 2, 3])] }).inputs).toHaveLength(1);
  });

  test('a batch that the file fixes, and two that do not agree', () => {
    expect(signature({ input: [value('a', 1, [3, 4]), value('b', 1, ['', 1])] }).fixedBatch).toBe(3);
    expect(refusal({ input: [value('a', 1, [3, 4]), value('b', 1, [2, 4])] })).toMatch(/^unsupported-shape .*"a" and "b" ask for 3 and 2 rows/);
  });

  test.each<[string, ReturnType<typeof value>[], RegExp]>([
    ['none', [], /^no-inputs /],
    ['bfloat16', [value('x', 16, ['', 1])], /^unsupported-type .*input "x" is of type bfloat16/],
    ['complex', [value('x', 14, ['', 1])], /^unsupported-type .*complex64/],
    ['float8', [value('x', 17, ['', 1])], /^unsupported-type .*float8e4m3fn/],
    ['a scalar', [value('x', 1, [])], /^unsupported-shape .*a single value has no rows/],
    ['rank 3', [value('x', 1, ['N', 2, 3])], /^unsupported-shape .*\[N, 2, 3\]: 3 dimensions/],
    ['no columns', [value('x', 1, ['N', 0])], /^unsupported-shape .*cannot be 0/],
    ['a negative dimension', [value('x', 1, ['N', -1])], /^unsupported-shape .*cannot be -1/],
    ['an absurd dimension', [value('x', 1, ['N', 2 ** 40])], /^unsupported-shape /],
    ['a map', [typed('x', { case: 'mapType', value: { keyType: 7 } as never })], /^unsupported-type .*input "x" is a map/],
    ['a sparse tensor', [typed('x', { case: 'sparseTensorType', value: { elemType: 1 } as never })], /a sparse tensor/],
    ['an optional value', [typed('x', { case: 'optionalType', value: {} as never })], /an optional value/],
    ['a sequence', [typed('x', { case: 'sequenceType', value: {} as never })], /a sequence/],
    ['no type', [typed('x', { case: undefined })], /of no declared type/],
  ])('refused: %s', (_, input, expected) => expect(refusal({ input })).toMatch(expected));
});

describe('outputs', () => {
  test('none', () => expect(refusal({ output: [] })).toMatch(/^no-outputs /));
  test('rank 3', () => expect(refusal({ output: [value('Y', 1, ['N', 1, 1])] })).toMatch(/output "Y" has shape/));
  test("a regressor's number of targets wins over the shape that its exporter declared", () => {
    const nodes = [node('TreeEnsembleRegressor', ['X'], ['Y'], [['n_targets', 2n]], 'ai.onnx.ml')];
    expect(signature({ node: nodes }).outputs[0]).toEqual({ name: 'Y', type: 'float32', shape: ['', 2], role: 'value', classes: undefined });
  });
});

test.each<[string, readonly string[] | undefined]>([
  ['["a", "b,c"]', ['a', 'b,c']],
  ["['a', 'b']", undefined],
  ['[1, 2]', undefined],
  ['[]', undefined],
  ['{"a": 1}', undefined],
])('feature_names %s', (text, expected) => {
  expect(signature({}, { feature_names: text }).featureNames).toEqual(expected);
});

test.each<[string, string[]]>([
  ['adult/adult.onnx', ['label:<=50K,>50K', 'probabilities:<=50K,>50K']],
  ['adult/adult-forest.onnx', ['label:<=50K,>50K', 'probabilities:<=50K,>50K']],
  ['diamonds/diamonds.onnx', ['label:0,1,2,3,4', 'probabilities:0,1,2,3,4']],
  ['diamonds/diamonds-xgb.onnx', ['label:0,1,2,3,4', 'probabilities:0,1,2,3,4']],
  ['california/california-trees.onnx', ['value:']],
  ['types/two-outputs.onnx', ['value:', 'value:']],
])('roles of %s', async (name, expected) => {
  const { outputs } = (await loadModel(join(FIXTURES, name))).signature;
  expect(outputs.map(({ role, classes }) => `${role}:${classes?.join(',') ?? ''}`)).toEqual(expected);
});
