import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { inspectModel } from '#src/model/inspect.js';
import type { Knowledge } from '#src/model/knowledge/knowledge.js';

const FOLDER = join(import.meta.dirname, '../../../fixtures/knowledge');
const ORACLE = JSON.parse(readFileSync(join(FOLDER, 'knowledge.json'), 'utf8')) as Record<string, Knowledge[]>;

/** Graphs hold float32: figures agree with those of the fitted objects within its rounding, measured by what they are used with. */
function expectNear(found: number | undefined, expected: number | undefined, unit: number, what: string): void {
  if (found === undefined || expected === undefined) expect(found, what).toBe(expected);
  else expect(Math.abs(found - expected), `${what}: ${found}, expected ${expected}`).toBeLessThanOrEqual(1e-6 * Math.max(unit, Math.abs(expected)));
}

test.each(Object.entries(ORACLE))('the graph of %s knows what the fitted object knows, and claims no more', async (name, expected) => {
  const { knowledge } = await inspectModel(join(FOLDER, `${name}.onnx`));
  const where = ({ input, at }: Knowledge): string => `${input}[${at}]`;
  expect(knowledge.map(where)).toEqual(expected.map(where));
  expected.forEach((wanted, index) => {
    const found = knowledge[index] as Knowledge;
    expect(Object.keys(found).sort(), where(wanted)).toEqual(Object.keys(wanted).sort());
    expect(found.categories).toEqual(wanted.categories);
    expectNear(found.mean, wanted.mean, wanted.deviation ?? 0, `${where(wanted)}.mean`);
    expectNear(found.deviation, wanted.deviation, 0, `${where(wanted)}.deviation`);
    expectNear(found.imputed as number | undefined, wanted.imputed as number | undefined, 0, `${where(wanted)}.imputed`);
    const span = (wanted.range?.max ?? 0) - (wanted.range?.min ?? 0);
    expect(found.range?.from).toBe(wanted.range?.from);
    expectNear(found.range?.min, wanted.range?.min, span, `${where(wanted)}.range.min`);
    expectNear(found.range?.max, wanted.range?.max, span, `${where(wanted)}.range.max`);
    expect(found.thresholds?.count).toBe(wanted.thresholds?.count);
    expectNear(found.thresholds?.min, wanted.thresholds?.min, 0, `${where(wanted)}.thresholds.min`);
    expectNear(found.thresholds?.max, wanted.thresholds?.max, 0, `${where(wanted)}.thresholds.max`);
  });
});

test('there is an oracle for every kind of exporter', () => {
  expect(Object.keys(ORACLE).length).toBeGreaterThanOrEqual(30);
  expect(Object.keys(ORACLE)).toEqual(expect.arrayContaining(['lightgbm', 'xgboost', 'catboost', 'tree-ensemble-5', 'batch-normalization']));
});
