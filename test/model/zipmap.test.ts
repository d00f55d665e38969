import { expect, test } from 'vitest';
import { replaceZipMaps } from '#src/model/zipmap.js';
import { graphOf, linearClassifier, node, value } from './onnx-maker.js';

const zipMap = (input: string, output: string, labels: string[] | bigint[] = ['a', 'b']) =>
  node('ZipMap', [input], [output], [[typeof labels[0] === 'string' ? 'classlabels_strings' : 'classlabels_int64s', labels]], 'ai.onnx.ml');

function rewritten(nodes: Parameters<typeof graphOf>[0]['node'], outputs: string[]) {
  const graph = graphOf({ node: nodes ?? [], output: outputs.map((name) => value(name, 1, ['', 2])) });
  const rewrites = replaceZipMaps(graph);
  return { rewrites, outputs: graph.output.map(({ name }) => name), operators: graph.node.map(({ opType }) => opType) };
}

test('the matrix takes the place of its maps', () => {
  const { rewrites, outputs, operators } = rewritten([linearClassifier(['a', 'b']), zipMap('scores', 'maps')], ['label', 'maps']);
  expect(rewrites).toEqual([{ output: 'maps', tensor: 'scores', classes: ['a', 'b'] }]);
  expect([outputs, operators]).toEqual([['label', 'scores'], ['LinearClassifier']]);
});

test('numbers as keys, and Identity behind the map', () => {
  const { rewrites, operators } = rewritten(
    [linearClassifier([0n, 7n]), zipMap('scores', 'm', [0n, 7n]), node('Identity', ['m'], ['maps'])],
    ['maps'],
  );
  expect([rewrites[0]?.classes, operators]).toEqual([['0', '7'], ['LinearClassifier']]);
});

test('a matrix that is an output too stays one output', () => {
  const { outputs } = rewritten([linearClassifier(['a', 'b']), zipMap('scores', 'maps')], ['maps', 'label', 'scores']);
  expect(outputs).toEqual(['label', 'scores']);
});

test('two maps of two classifiers', () => {
  const nodes = [
    linearClassifier(['a', 'b'], ['l1', 's1']),
    zipMap('s1', 'm1'),
    linearClassifier(['c', 'd'], ['l2', 's2']),
    zipMap('s2', 'm2', ['c', 'd']),
  ];
  expect(rewritten(nodes, ['m1', 'm2']).outputs).toEqual(['s1', 's2']);
});

test('maps that the graph itself reads are left, to be refused as what they are', () => {
  const nodes = [linearClassifier(['a', 'b']), zipMap('scores', 'maps'), node('SequenceAt', ['maps', 'X'], ['one'])];
  expect(rewritten(nodes, ['maps', 'one'])).toMatchObject({ rewrites: [], outputs: ['maps', 'one'] });
});

test('a graph without them is not touched', () => {
  expect(rewritten([linearClassifier(['a', 'b'])], ['label'])).toMatchObject({ rewrites: [], outputs: ['label'] });
});
