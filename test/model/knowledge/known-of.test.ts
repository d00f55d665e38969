import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadModel } from '#src/model/load.js';
import { bindInputs } from '#src/model/bind.js';
import { inspectModel } from '#src/model/inspect.js';
import { layoutOf } from '#src/model/layout-of.js';
import { knownOf } from '#src/model/knowledge/known-of.js';
import { readKnowledge } from '#src/model/knowledge/read.js';

const FIXTURES = join(import.meta.dirname, '../../../fixtures');

test('fields have what the graph knows of the columns that feed them, whatever they are called', async () => {
  const model = await loadModel(join(FIXTURES, 'strings/one-hot.onnx'));
  const columns = ['y', 'tint', 'x', 'side', 'shade'];
  const binding = bindInputs({ signature: model.signature, columns, bind: { color: 'tint' } });
  const known = knownOf(binding, readKnowledge(model));
  const { fields } = layoutOf(binding, []);
  expect(known.map((each) => each?.column)).toEqual(fields.map(({ name }) => name));
  expect(known[0]).toMatchObject({ column: 'tint', categories: expect.arrayContaining(['red', 'h\u00e9llo']) });
  expect(known[3]).toEqual({ column: 'x', mean: -0.005797, deviation: 0.97882676 });
});

test('a matrix in the order that it is given', async () => {
  const model = await loadModel(join(FIXTURES, 'knowledge/columns.onnx'));
  const binding = bindInputs({ signature: model.signature, columns: ['d', 'c', 'b', 'a'], features: ['a', 'b', 'c', 'd'] });
  const known = knownOf(binding, readKnowledge(model));
  expect(known.map((each) => [each?.column, each?.limits])).toEqual([['a', 'thresholds'], ['b', 'thresholds'], ['c', undefined], ['d', 'clip']]); // prettier-ignore
  expect(known[2]).toMatchObject({ mean: expect.closeTo(-1.99, 2) });
});

test('a range that nothing proves is not used, nor a single threshold', async () => {
  const knowledge = [
    { input: 'X', at: 0, range: { min: 0, max: 1, from: 'scaler' as const } },
    { input: 'X', at: 1, thresholds: { min: 2, max: 2, count: 1 } },
    { input: 'X', at: 2, range: { min: 0, max: 1, from: 'clip' as const }, thresholds: { min: 0.2, max: 0.3, count: 2 } },
  ];
  const columns = ['a', 'b', 'c', 'd'].map((name, column) => ({ name, column }));
  const binding = { inputs: [{ name: 'X', type: 'float32' as const, width: 4, vector: false, columns }] };
  expect(knownOf(binding, knowledge)).toEqual([undefined, undefined, { column: 'c', min: 0, max: 1, limits: 'clip' }, undefined]);
});

test.each(['adult/adult.onnx', 'diamonds/diamonds.onnx', 'strings/imputed-frequent.onnx'])(
  'a loaded model, which may have been rewritten, knows what inspect shows: %s',
  async (name) => {
    const { knowledge } = await inspectModel(join(FIXTURES, name));
    expect(knowledge.length).toBeGreaterThan(4);
    expect(readKnowledge(await loadModel(join(FIXTURES, name)))).toEqual(knowledge);
  },
);
