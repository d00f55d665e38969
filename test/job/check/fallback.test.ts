import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fixture, tempFolder } from '../../support/command.js';
import { ADULT, adultRows, check, csvFile } from './support.js';

const THROWS = fixture('types', 'throws.onnx');
const ROWS = adultRows(20);

function rules(outputs: string, then: string, columns = 'age: number'): string {
  const path = join(tempFolder(), 'safe.rules.yaml');
  writeFileSync(path, `version: scoreline.rules/1\ncolumns: { ${columns} }\noutputs: { ${outputs} }\nrules:\n  - then: { ${then} }\n`);
  return path;
}

function cutModel(): string {
  const path = join(tempFolder(), 'broken.onnx');
  writeFileSync(path, readFileSync(ADULT).subarray(0, 2000));
  return path;
}

/** A contract of the model whose golden row has another score. */
function wrongGolden(): string {
  const contract = JSON.parse(readFileSync(fixture('adult', 'adult.contract.json'), 'utf8')) as { golden: { expect: Record<string, unknown> }[] };
  for (const { expect: expected } of contract.golden) expected['probability_<=50K'] = 0.123;
  const path = join(tempFolder(), 'wrong.contract.json');
  writeFileSync(path, JSON.stringify(contract));
  return path;
}

/** Rules with the columns of the model. */
function alike(): string {
  return rules("prediction: text, 'probability_<=50K': number, 'probability_>50K': number", "prediction: ' <=50K', 'probability_<=50K': 1, 'probability_>50K': 0");
} // prettier-ignore

describe('a model that cannot be loaded', () => {
  const fallback = (): string => rules('risk: number', 'risk: 0.5');
  const output = (): string => join(tempFolder(), 'out.csv');

  test('is a warning where the fallback can score the first rows', async () => {
    const { status, codes, of } = await check({ model: cutModel(), input: csvFile(ROWS), output: output(), fallback: { model: fallback() } });
    expect([status, codes]).toEqual([0, ['fallback-takes-over']]);
    expect(of('fallback-takes-over')).toMatchObject({ subject: 'model', text: expect.stringContaining('by the fallback'), details: { cause: 'load', because: 'not-a-model' } });
    expect(of('fallback').text).toContain('20 of the first 20 rows can be scored by it');
  }); // prettier-ignore

  test('fails where the fallback is not for that, or cannot score either', async () => {
    const asked = { model: cutModel(), input: csvFile(ROWS), output: output() };
    const other = await check({ ...asked, fallback: { model: fallback(), on: ['rows'] } });
    expect([other.status, other.codes]).toEqual([69, ['not-a-model']]);
    const both = await check({ ...asked, fallback: { model: rules('risk: number', 'risk: 0.5', 'ages: number') } });
    expect([both.status, both.codes]).toEqual([69, ['not-a-model', 'missing-column']]);
  });

  test('is left to the fallback where the predictions go to stdout, but what is found once rows are read is not', async () => {
    const early = await check({ model: cutModel(), input: csvFile(ROWS), output: '-', fallback: { model: fallback() } });
    expect([early.status, early.codes]).toEqual([0, ['fallback-takes-over']]);
    const contract = wrongGolden();
    const late = await check({ model: ADULT, contract, input: csvFile(ROWS), output: '-', fallback: { model: alike() } });
    expect([late.status, late.codes]).toEqual([69, ['golden-mismatch']]);
    expect(late.of('golden-mismatch').lines?.at(-1)).toContain('The fallback cannot take over, because the output is no file');
    const file = await check({ model: ADULT, contract, input: csvFile(ROWS), output: output(), fallback: { model: alike() } });
    expect([file.status, file.codes]).toEqual([0, ['fallback-takes-over']]);
  });
});

test('rows of the first ones that only the fallback scores are a warning with their number', async () => {
  const fallback = { model: rules('prediction: number', 'prediction: 20', 'index: number') };
  const { status, codes, of } = await check({ model: THROWS, input: fixture('types', 'throws.csv'), keep: ['id', 'color'], fallback });
  expect([status, codes]).toEqual([0, ['rows-by-fallback']]);
  expect(of('rows-by-fallback')).toMatchObject({ text: expect.stringContaining('1 of 5 of the first rows'), details: { rows: 1 } });
});

describe('a fallback that cannot be used is told once', () => {
  test('with what its own error says is to be done, and the rows are tried without it', async () => {
    const { status, codes, of } = await check({ model: ADULT, input: csvFile(ROWS), fallback: { model: cutModel() } });
    expect([status, codes]).toEqual([69, ['fallback-unusable']]);
    expect(of('fallback-unusable')).toMatchObject({ subject: 'fallback', fix: expect.not.stringContaining('leave --fallback out') });
    expect(of('first-rows').details).toMatchObject({ rows: 20, scored: 20 });
  });

  test('as for lacking a column of the model', async () => {
    const { status, codes } = await check({ model: ADULT, input: csvFile(ROWS), fallback: { model: rules('risk: number', 'risk: 0.5') } });
    expect([status, codes]).toEqual([78, ['fallback-columns']]);
  });
});
