import { create } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import { FunctionProtoSchema, ModelProtoSchema } from '#src/model/onnx/onnx_pb.js';
import { knowledgeOf } from '#src/model/knowledge/walk.js';
import { signatureOf } from '#src/model/signature-of.js';
import { constant, graphOf, modelOf, node, value } from '../onnx-maker.js';
import { knowledgeIn } from './graphs.js';

const ML = 'ai.onnx.ml';
const scaler = (from: string, offsets: number[], scales: number[], to = 'Y'): ReturnType<typeof node> =>
  node('Scaler', [from], [to], [['offset', offsets], ['scale', scales]], ML); // prettier-ignore
const texts = [value('T', 8, ['', 1])];

describe('what mixes columns or rows ends what is known', () => {
  const square = constant('W', [1, 0, 0, 0, 1, 0, 0, 0, 1]);
  test.each<[string, ReturnType<typeof node>[], Uint8Array[]?]>([
    ['a product of matrices', [node('MatMul', ['X', 'W'], ['a'])], [square]],
    ['a transposition of rows', [node('Transpose', ['X'], ['a'], [['perm', [1n, 0n]]])]],
    ['a transposition as it is without an order', [node('Transpose', ['X'], ['a'])]],
    ['a joining of rows', [node('Concat', ['X', 'X'], ['a'], [['axis', 0n]])]],
    ['a choice of rows', [node('Gather', ['X', 'i'], ['a'], [['axis', 0n]])], [constant('i', [1n, 0n])]],
    ['another length of rows', [node('Reshape', ['X', 'i'], ['a'])], [constant('i', [3n, -1n])]],
    ['all in one row', [node('Flatten', ['X'], ['a'], [['axis', 0n]])]],
    ['a sum of two columns', [node('Add', ['X', 'X'], ['a'])]],
    ['a norm of each row', [node('Normalizer', ['X'], ['a'], [['norm', 'L2']], ML)]],
    ['an operator that nobody knows', [node('Scaler', ['X'], ['a'], [], 'org.example')]],
    ['a logarithm', [node('Log', ['X'], ['a'])]],
    ['a product with 0', [node('Mul', ['X', 'i'], ['a'])], [constant('i', [0, 0, 0])]],
    ['a quotient by each value', [node('Div', ['i', 'X'], ['a'])], [constant('i', [1, 2, 3])]],
  ])('%s', (_, nodes, initializer = []) => {
    expect(knowledgeIn({ node: [...nodes, scaler('a', [1, 2, 3], [4, 5, 6])], initializer })).toEqual([]);
    expect(knowledgeIn({ node: [scaler('X', [1, 2, 3], [4, 5, 6])] })).toHaveLength(3); // the same without it
  });

  test('but columns beside it stay known', () => {
    const nodes = [
      node('Log', ['X'], ['a']),
      node('Concat', ['a', 'X'], ['b'], [['axis', -1n]]),
      scaler('b', [1, 2, 3, 4, 5, 6], [1, 1, 1, 1, 1, 2]),
    ];
    expect(knowledgeIn({ node: nodes })).toEqual([
      { input: 'X', at: 0, mean: 4 },
      { input: 'X', at: 1, mean: 5 },
      { input: 'X', at: 2, mean: 6, deviation: 0.5 },
    ]);
  });
});

describe('scalers', () => {
  test('one behind another gives its figures in the units of the input', () => {
    const nodes = [node('Mul', ['X', 'k'], ['a']), node('Add', ['a', 'c'], ['b']), scaler('b', [10, 20, 30], [0.5, 0.25, -1])];
    expect(knowledgeIn({ node: nodes, initializer: [constant('k', [2]), constant('c', [-4])] })).toEqual([
      { input: 'X', at: 0, mean: 7, deviation: 1 },
      { input: 'X', at: 1, mean: 12, deviation: 2 },
      { input: 'X', at: 2, mean: 17, deviation: 0.5 },
    ]);
  });

  test('two that differ are not known, two that agree are', () => {
    const two = (other: number[]) => knowledgeIn({ node: [scaler('X', [1, 2, 3], [4, 5, 6]), scaler('X', other, [4, 5, 6], 'Z')] });
    expect(two([1, 2.5, 3]).map(({ at }) => at)).toEqual([0, 2]);
    expect(two([1, 2.0000001, 3])).toHaveLength(3);
  });

  test('a min-max scaler is one of scikit-learn only, and a bound counts more than its usual range', () => {
    const parts = {
      node: [node('Mul', ['X', 'k'], ['a']), node('Add', ['a', 'c'], ['b']), node('Clip', ['b', 'lo', 'hi'], ['Y'])],
      initializer: [constant('k', [0.5, 0.1, -0.1]), constant('c', [-1, 0, 1]), constant('lo', [-1]), constant('hi', [1])],
    };
    expect(knowledgeIn(parts, { producer: 'skl2onnx' }).map(({ range }) => range)).toEqual([
      { min: 0, max: 4, from: 'clip' },
      { min: -10, max: 10, from: 'clip' },
      { min: 0, max: 20, from: 'clip' },
    ]);
    const unbounded = { ...parts, node: parts.node.slice(0, 2) };
    expect(knowledgeIn(unbounded, { producer: 'skl2onnx' }).map(({ range }) => range)).toEqual([
      { min: 2, max: 4, from: 'scaler' },
      { min: 0, max: 10, from: 'scaler' },
      { min: 0, max: 10, from: 'scaler' },
    ]);
    expect(knowledgeIn(unbounded)).toEqual([]);
  });
});

describe('texts', () => {
  test('an imputer asks for the marker, the encoder behind it knows the rest', () => {
    const nodes = [
      node('LabelEncoder', ['T'], ['m'], [['keys_strings', ['?']], ['values_int64s', [1n]], ['default_int64', 0n]], ML),
      node('Cast', ['m'], ['missing'], [['to', 9n]]),
      node('Where', ['missing', 'fill', 'T'], ['full']),
      node('OneHotEncoder', ['full'], ['Y'], [['cats_strings', ['a', 'b']]], ML),
    ]; // prettier-ignore
    expect(knowledgeIn({ node: nodes, input: texts, initializer: [constant('fill', ['a'])] })).toEqual([
      { input: 'T', at: 0, categories: ['a', 'b', '?'], imputed: 'a' },
    ]);
  });

  test('compared one by one they are categories, one comparison is a question', () => {
    const equal = (...known: string[]): ReturnType<typeof knowledgeIn> =>
      knowledgeIn({
        node: known.map((_, at) => node('Equal', ['T', `c${at}`], [`e${at}`])),
        input: texts,
        initializer: known.map((text, at) => constant(`c${at}`, [text])),
      });
    expect(equal('red', 'green')).toEqual([{ input: 'T', at: 0, categories: ['red', 'green'] }]);
    expect(equal('red')).toEqual([]);
    const all = { node: [node('Equal', ['c', 'T'], ['e'])], input: texts, initializer: [constant('c', ['x', 'y', 'z'])] };
    expect(knowledgeIn(all)).toEqual([{ input: 'T', at: 0, categories: ['x', 'y', 'z'] }]);
  });

  test('what two encoders know is what both of them know', () => {
    const nodes = [['a', 'b', 'c'], ['b', 'c', 'd']].map((keys, at) => node('OneHotEncoder', ['T'], [`h${at}`], [['cats_strings', keys]], ML));
    expect(knowledgeIn({ node: nodes, input: texts })).toEqual([{ input: 'T', at: 0, categories: ['b', 'c'] }]);
  }); // prettier-ignore

  test('a map writes others in their place, which are not those of the input', () => {
    const nodes = [
      node('LabelEncoder', ['T'], ['m'], [['keys_strings', ['a', 'b']], ['values_strings', ['x', 'y']]], ML),
      node('OneHotEncoder', ['m'], ['Y'], [['cats_strings', ['x', 'y', 'z']]], ML),
    ]; // prettier-ignore
    expect(knowledgeIn({ node: nodes, input: texts })).toEqual([{ input: 'T', at: 0, categories: ['a', 'b'] }]);
  });

  test('a category mapper knows texts or numbers, by what comes in', () => {
    const mapper = (from: string): ReturnType<typeof node> => node('CategoryMapper', [from], ['Y'], [['cats_strings', ['a', 'b']], ['cats_int64s', [3n, 4n]]], ML); // prettier-ignore
    expect(knowledgeIn({ node: [mapper('T')], input: texts })[0]?.categories).toEqual(['a', 'b']);
    expect(knowledgeIn({ node: [mapper('N')], input: [value('N', 7, ['', 1])] })[0]?.categories).toEqual(['3', '4']);
  });
});

test('missing numbers that are filled in by a choice', () => {
  const nodes = [node('IsNaN', ['X'], ['n']), node('Where', ['n', 'fill', 'X'], ['full']), scaler('full', [1, 2, 3], [4, 5, 8])];
  const known = knowledgeIn({ node: nodes, initializer: [constant('fill', [7, 8, 9])] });
  expect(known.map(({ imputed, deviation }) => [imputed, deviation])).toEqual([[7, 0.25], [8, 0.2], [9, 0.125]]); // prettier-ignore
});

test('nodes may stand in any order, and an operator of the model itself is not the one of its name', () => {
  const nodes = [scaler('a', [1, 2, 3], [4, 5, 6]), node('Identity', ['X'], ['a'])];
  expect(knowledgeIn({ node: nodes })).toHaveLength(3);
  const graph = graphOf({ node: nodes, output: [value('Y', 1, ['', 3])] });
  const proto = create(ModelProtoSchema, { ...modelOf(graph), functions: [create(FunctionProtoSchema, { name: 'Scaler', domain: ML })] });
  expect(knowledgeOf({ proto, graph }, signatureOf({ proto, graph }, [], 'm'))).toEqual([]);
});

describe('a hostile graph costs little', () => {
  /** Following it may take this long on a busy machine; without limits each takes minutes or all of the memory. */
  const SECONDS = 10;
  const doubling = Array.from({ length: 60 }, (_, at) => node('Concat', [at === 0 ? 'X' : `c${at - 1}`, at === 0 ? 'X' : `c${at - 1}`], [`c${at}`], [['axis', 1n]]));
  const chain = Array.from({ length: 100_000 }, (_, at) => node('Identity', [at === 0 ? 'X' : `i${at - 1}`], [`i${at}`]));
  const grown = Array.from({ length: 5000 }, (_, at) => node('Add', [at === 0 ? 'W' : `g${at - 1}`, 'one'], [`g${at}`]));
  const circle = [node('Add', ['X', 'b'], ['a']), node('Identity', ['a'], ['b'])];
  const fan = Array.from({ length: 20_000 }, (_, at) => node('Less', ['X', 'one'], [`l${at}`]));
  test.each<[string, Parameters<typeof graphOf>[0]]>([
    ['columns doubled sixty times', { node: doubling }],
    ['a hundred thousand operators in a row', { node: chain }],
    ['a row of a million columns', { node: [node('Identity', ['W'], ['Y'])], input: [value('W', 1, ['', 10 ** 6])] }],
    ['many wide inputs', { node: [], input: Array.from({ length: 2000 }, (_, at) => value(`W${at}`, 1, ['', 100_000])) }],
    ['a wide row changed thousands of times', { node: grown, input: [value('W', 1, ['', 100_000])], initializer: [constant('one', [1])] }],
    ['operators in a circle', { node: circle }],
    ['a shape that claims more than there is', { node: [node('Reshape', ['X', 's'], ['Y'])], initializer: [constant('s', [-1n, 2n ** 62n, 2n ** 62n])] }],
    ['thousands of comparisons', { node: fan, initializer: [constant('one', [1])] }],
    ['a split into nothing', { node: [node('Split', ['X', 's'], ['a', 'b'], [['axis', 1n]])], initializer: [constant('s', [-5n, 8n])] }],
    ['a slice of everything', { node: [node('Slice', ['X', 's', 'e', 'a'], ['Y'])], initializer: [constant('s', [-(2n ** 62n)]), constant('e', [2n ** 62n]), constant('a', [1n])] }],
  ])('%s', (_, parts) => {
    const begun = performance.now();
    const before = process.memoryUsage().rss;
    expect(knowledgeIn(parts).length).toBeLessThanOrEqual(100_000);
    expect((performance.now() - begun) / 1e3).toBeLessThan(SECONDS);
    expect(process.memoryUsage().rss - before).toBeLessThan(1e9);
  });
}); // prettier-ignore
