import { join } from 'node:path';
import { expect, test } from 'vitest';
import { familyOf } from '#src/model/family.js';
import { inspectModel } from '#src/model/inspect.js';

const FIXTURES = join(import.meta.dirname, '../../fixtures');

test('a pipeline, fact by fact', async () => {
  const { sha256, ...facts } = await inspectModel(join(FIXTURES, 'adult/adult.onnx'));
  expect(sha256).toMatch(/^[0-9a-f]{64}$/);
  expect(facts).toMatchObject({
    family: 'linear',
    fixedBatch: null,
    featureNames: null,
    classes: ['<=50K', '>50K'],
    producer: { name: 'skl2onnx' },
    zipMaps: [{ output: 'output_probability', tensor: 'probabilities' }],
  });
  expect(facts.inputs).toHaveLength(14);
  expect(facts.inputs[1]).toMatchObject({ name: 'workclass', type: 'string', shape: ['', 1], kind: 'column', width: 1 });
  expect(facts.inputs[1]?.categories?.slice(0, 2)).toEqual([' ?', ' Federal-gov']);
  expect(facts.operators[0]).toEqual({ domain: 'ai.onnx.ml', name: 'OneHotEncoder', count: 8 });
  expect(facts.parameters).toBeGreaterThan(100);
  expect(JSON.parse(JSON.stringify(facts))).toMatchObject({ path: facts.path });
});

test('a matrix with its order, and an operator set that is imported twice', async () => {
  const facts = await inspectModel(join(FIXTURES, 'california/california-linear.onnx'));
  expect(facts.inputs).toEqual([{ name: 'features', type: 'float32', shape: ['', 8], kind: 'matrix', width: 8, categories: null }]);
  expect(facts.featureNames?.[0]).toBe('longitude');
  expect(facts.classes).toBeNull();
  expect(facts.opsets.map(({ domain }) => domain).sort()).toEqual(['', 'ai.onnx.ml']);
  expect(facts.metadata['feature_names']).toContain('longitude');
});

test.each([
  ['adult/adult-forest.onnx', 'tree-ensemble'],
  ['diamonds/diamonds.onnx', 'tree-ensemble'],
  ['california/california-linear.onnx', 'linear'],
  ['types/single.onnx', 'other'],
])('family of %s: %s', async (name, family) => {
  expect((await inspectModel(join(FIXTURES, name))).family).toBe(family);
});

test.each<[string[], string]>([
  [['MatMul', 'Add'], 'linear'],
  [['Gemm', 'Relu', 'Gemm'], 'neural'],
  [['Conv'], 'neural'],
  [['SVMClassifier'], 'other'],
  [['Concat', 'TreeEnsembleRegressor', 'Gemm', 'Relu'], 'tree-ensemble'],
])('family of %j: %s', (operators, family) => {
  const counts = new Map(operators.map((name) => [name, operators.filter((other) => other === name).length]));
  expect(familyOf(counts)).toBe(family);
});
