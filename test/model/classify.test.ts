import { describe, expect, test } from 'vitest';
import { classifyOutputs } from '#src/model/classify.js';
import { openGraph } from '#src/model/graph.js';
import type { NodeProto } from '#src/model/onnx/onnx_pb.js';
import { constant, graphOf, linearClassifier, node } from './onnx-maker.js';

const constants = [
  constant('classes', ['lo', 'mid', 'hi']), constant('numbers', [10n, 20n, 30n]), constant('second', [1n]), constant('one', [1]), constant('vector', [1, 2, 3]),
  constant('shape', [-1n]),
]; // prettier-ignore

/** Roles and classes, as `label:a,b`. */
function roles(nodes: NodeProto[], outputs: string[], zipped: [string, string[]][] = []): string[] {
  const meanings = classifyOutputs(openGraph(graphOf({ node: nodes, initializer: constants })), outputs, new Map(zipped));
  return meanings.map(({ role, classes }) => `${role}:${classes?.join(',') ?? ''}`);
}

const argMax = (input: string, output: string): NodeProto => node('ArgMax', [input], [output], [['axis', 1n]]);

describe('classifier operators', () => {
  test('label and probabilities, through whatever exporters put behind them', () => {
    const nodes = [
      linearClassifier(['no', 'yes']),
      node('Identity', ['label'], ['label2']),
      node('Cast', ['label2'], ['out_label']),
      node('Normalizer', ['scores'], ['normal']),
      node('Mul', ['normal', 'one'], ['out']),
    ];
    expect(roles(nodes, ['out_label', 'out'])).toEqual(['label:no,yes', 'probabilities:no,yes']);
    expect(roles(nodes, ['out', 'out_label'])).toEqual(['probabilities:no,yes', 'label:no,yes']);
  });

  test('names mean nothing', () => {
    expect(roles([node('Abs', ['X'], ['probabilities']), node('Cast', ['X'], ['label'])], ['label', 'probabilities'])).toEqual(['value:', 'value:']);
  });

  test('raw scores are values, with the names of their classes', () => {
    expect(roles([linearClassifier([0n, 1n, 2n], ['label', 'scores'], 'NONE')], ['label', 'scores'])).toEqual(['label:0,1,2', 'value:0,1,2']);
    const picked = [linearClassifier([0n, 1n], ['label', 'scores'], 'NONE'), node('ArrayFeatureExtractor', ['scores', 'second'], ['positive'])];
    expect(roles(picked, ['label', 'positive'])).toEqual(['label:0,1', 'value:1']);
  });

  test('a matrix times a vector is no matrix of probabilities', () => {
    expect(roles([linearClassifier([0n, 1n, 2n]), node('Mul', ['scores', 'vector'], ['costs'])], ['label', 'costs'])).toEqual([
      'label:0,1,2',
      'value:',
    ]);
  });
});

describe('the best column', () => {
  test('a list of classes behind ArgMax', () => {
    const nodes = [
      node('Softmax', ['X'], ['out']), argMax('out', 'best'),
      node('ArrayFeatureExtractor', ['classes', 'best'], ['picked']), node('Reshape', ['picked', 'shape'], ['label']),
    ]; // prettier-ignore
    expect(roles(nodes, ['label', 'out'])).toEqual(['label:lo,mid,hi', 'probabilities:lo,mid,hi']);
  });

  test('the matrix before ArgMax is related to the one that comes out', () => {
    const nodes = [
      node('Concat', ['X', 'X'], ['votes']), argMax('votes', 'best'), node('Gather', ['numbers', 'best'], ['label']),
      node('ReduceSum', ['votes'], ['sum']), node('Div', ['votes', 'sum'], ['out']),
    ]; // prettier-ignore
    expect(roles(nodes, ['label', 'out'])).toEqual(['label:10,20,30', 'probabilities:10,20,30']);
  });

  test('classes of the whole model win over those of a classifier within', () => {
    const nodes = [
      linearClassifier([0n, 1n, 2n]),
      node('Identity', ['scores'], ['out']),
      argMax('scores', 'best'),
      node('ArrayFeatureExtractor', ['classes', 'best'], ['label2']),
    ];
    expect(roles(nodes, ['label2', 'out'])).toEqual(['label:lo,mid,hi', 'probabilities:lo,mid,hi']);
  });

  test('places alone, and a LabelEncoder behind them', () => {
    const nodes = [
      node('Softmax', ['X'], ['out']), argMax('out', 'best'),
      node('LabelEncoder', ['best'], ['label'], [['keys_int64s', [0n, 1n]], ['values_strings', ['cat', 'dog']]]),
    ]; // prettier-ignore
    expect(roles(nodes, ['best', 'out'])).toEqual(['label:', 'probabilities:']);
    expect(roles(nodes, ['label', 'out'])).toEqual(['label:cat,dog', 'probabilities:cat,dog']);
  });

  test('logits are values; ArgMax over rows is nothing', () => {
    const nodes = [node('Gemm', ['X', 'vector'], ['logits']), argMax('logits', 'best'), node('ArgMax', ['logits'], ['row'])];
    expect(roles(nodes, ['best', 'logits'])).toEqual(['label:', 'value:']);
    expect(roles(nodes, ['row'])).toEqual(['value:']);
  });
});

test("ZipMap's keys name the matrix and its label", () => {
  const nodes = [node('Softmax', ['X'], ['out']), argMax('out', 'best')];
  expect(roles(nodes, ['best', 'out'], [['out', ['a', 'b', 'c']]])).toEqual(['label:a,b,c', 'probabilities:a,b,c']);
});

test('graphs that run in circles or branch without end are left', () => {
  const circle = [node('Identity', ['b'], ['a']), node('Identity', ['a'], ['b'])];
  expect(roles(circle, ['a'])).toEqual(['value:']);
  const doubling = Array.from({ length: 60 }, (_, index) => node('Concat', [`t${index}`, `t${index}`], [`t${index + 1}`]));
  expect(roles([node('Gemm', ['X', 'vector'], ['t0']), ...doubling], ['t60'], [['t60', ['a']]])).toEqual(['value:a']);
});
