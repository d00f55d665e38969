import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openModel } from '#src/model/load.js';
import { rowMixers } from '#src/model/row-mixers.js';
import { signatureOf } from '#src/model/signature-of.js';
import { constant, graphAttribute, graphOf, modelOf, node, value } from './onnx-maker.js';

const FIXTURES = join(import.meta.dirname, '../../fixtures');
const constants = [constant('zero', [0n]), constant('one', [1n]), constant('last', [-1n]), constant('flat', [-1n]), constant('list', [-1n, 3n]), constant('swapped', [3n, -1n]), constant('w', [1, 2, 3])]; // prettier-ignore

/** The operators between X [N, 3] and Y that may mix rows. */
function mixers(nodes: ReturnType<typeof node>[], input = value('X', 1, ['', 3])): readonly string[] {
  const graph = graphOf({ node: nodes, input: [input], output: [value('Y', 1)], initializer: constants });
  const parsed = { proto: modelOf(graph), graph };
  return rowMixers(parsed, signatureOf(parsed, [], 'M'));
}
const one = (...args: Parameters<typeof node>): ReturnType<typeof node>[] => [node(...args)];

describe('graphs of exporters keep rows apart', () => {
  const names = ['adult', 'california', 'diamonds', 'types'].flatMap((folder) => readdirSync(join(FIXTURES, folder)).filter((name) => name.endsWith('.onnx')).map((name) => `${folder}/${name}`)); // prettier-ignore
  test.each(names)('%s', async (name) => {
    expect((await openModel(join(FIXTURES, name))).loaded.mixers).toEqual([]);
  });
});

test.each<[string, ReturnType<typeof node>[]]>([
  ['values one by one', one('Exp', ['X'], ['Y'])],
  ['a product with weights', one('MatMul', ['X', 'w'], ['Y'])],
  ['a mean along columns', one('ReduceMean', ['X'], ['Y'], [['axes', [1n]]])],
  ['a sum along columns, the axis an input', one('ReduceSum', ['X', 'one'], ['Y'])],
  ['the last axis of a table', one('CumSum', ['X', 'last'], ['Y'])],
  ['softmax', one('Softmax', ['X'], ['Y'])],
  ['best column', one('ArgMax', ['X'], ['Y'], [['axis', 1n]])],
  ['some columns', one('Gather', ['X', 'one'], ['Y'], [['axis', 1n]])],
  ['reshaped by what follows from the columns', one('Reshape', ['X', 'list'], ['Y'])],
  ['an entry of a table for each row', one('Gather', ['w', 'X'], ['Y'])],
  ['a mean of constants', [node('ReduceMean', ['w'], ['m']), node('Add', ['X', 'm'], ['Y'])]],
  ['the number of rows', [node('Shape', ['X'], ['s']), node('Cast', ['s'], ['n'], [['to', 1n]]), node('ReduceMean', ['n'], ['m']), node('Add', ['X', 'm'], ['Y'])]],
  ['a mean that no output needs', [node('ReduceMean', ['X'], ['unused']), node('Abs', ['X'], ['Y'])]],
])('rows apart: %s', (_, nodes) => expect(mixers(nodes)).toEqual([])); // prettier-ignore

test.each<[string, ReturnType<typeof node>[], string[]]>([
  ['a mean along rows', one('ReduceMean', ['X'], ['Y'], [['axes', [0n]]]), ['ReduceMean']],
  ['a mean along the axis before the last', one('ReduceMean', ['X'], ['Y'], [['axes', [-2n]]]), ['ReduceMean']],
  ['a largest of all', one('ReduceMax', ['X'], ['Y']), ['ReduceMax']],
  ['a running sum', one('CumSum', ['X', 'zero'], ['Y']), ['CumSum']],
  ['a sort', one('TopK', ['X', 'one'], ['Y'], [['axis', 0n]]), ['TopK']],
  ['a choice of rows', one('Compress', ['X', 'c'], ['Y'], [['axis', 0n]]), ['Compress']],
  ['rows by number', one('Gather', ['X', 'one'], ['Y']), ['Gather']],
  ['rows by rows', [node('Transpose', ['X'], ['t']), node('MatMul', ['X', 't'], ['Y'])], ['MatMul', 'Transpose']],
  ['columns for rows', one('Reshape', ['X', 'swapped'], ['Y']), ['Reshape']],
  ['softmax over rows', one('Softmax', ['X'], ['Y'], [['axis', 0n]]), ['Softmax']],
  ['places of values', one('NonZero', ['X'], ['Y']), ['NonZero']],
  ['a normalisation in training', one('BatchNormalization', ['X', 'w', 'w', 'w', 'w'], ['Y'], [['training_mode', 1n]]), ['BatchNormalization']],
  ['an operator that is not known', one('Mystery', ['X'], ['Y'], [], 'com.example'), ['Mystery']],
  ['a list against a table', [node('ReduceSum', ['X', 'one'], ['s'], [['keepdims', 0n]]), node('Sub', ['X', 's'], ['Y'])], ['Sub']],
])('may mix: %s', (_, nodes, expected) => expect(mixers(nodes)).toEqual(expected)); // prettier-ignore

test('may mix: the only axis of a list', () => {
  expect(mixers(one('CumSum', ['X', 'last'], ['Y']), value('X', 1, ['']))).toEqual(['CumSum']);
  expect(mixers(one('Softmax', ['X'], ['Y']), value('X', 1, ['']))).toEqual(['Softmax']);
});

test('may mix: whatever has a body of its own', () => {
  const branch = node('If', ['c'], ['Y']);
  branch.attribute.push(graphAttribute('then_branch', graphOf({ node: one('Identity', ['X'], ['y']), input: [], output: [value('y', 1)] })));
  expect(mixers([branch])).toEqual(['If']);
});
