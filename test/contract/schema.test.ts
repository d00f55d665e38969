import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { parseContract } from '#src/contract/load.js';
import { firstIssue } from '#src/contract/schema.js';
import { fixture, ROOT } from '../support/command.js';
import { changed, GROWN } from './grown.js';

const readJson = (path: string) => JSON.parse(readFileSync(path, 'utf8')) as object;
const parse = (value: unknown) => parseContract(Buffer.from(JSON.stringify(value)), 'm.contract.json');
const published = new Ajv({ allowUnionTypes: true, strictTuples: false }).compile(readJson(join(ROOT, 'docs', 'contract.schema.json')));
const frictionless = new Ajv({ strict: false }).compile(readJson(fixture('frictionless', 'tableschema-2.0.json')));

describe('a contract of version 1', () => {
  test('has every key that there is', async () => {
    expect(await parse(GROWN)).toMatchObject(GROWN);
  });

  test('may have none of the optional keys, as those that were written before there were any', () => {
    expect(firstIssue({ version: 'scoreline.contract/1', model: { sha256: 'a'.repeat(64) } })).toBeUndefined();
  });

  test.each<[string, (string | number)[], unknown, string]>([
    ['a misspelt key', ['trainedTrough'], '2025-12-31', 'at trainedTrough: unknown key "trainedTrough"; did you mean "trainedThrough"?'],
    ['a misspelt key of a field', ['schema', 'fields', 1, 'titel'], 'Age', 'at schema.fields.1.titel ("age"): unknown key "titel"; did you mean "title"?'],
    ['a constraint that Scoreline does not keep', ['schema', 'fields', 1, 'constraints', 'pattern'], '[0-9]+', 'at schema.fields.1.constraints.pattern ("age"): unknown key "pattern"; known are required, minimum, maximum, enum'],
    ['another type', ['schema', 'fields', 1, 'type'], 'int', 'at schema.fields.1.type ("age"): expected one of string, number, integer'],
    ['no fields', ['schema', 'fields'], [], 'at schema.fields: expected at least one field'],
    ['another action', ['rules', 'job', 'onUnseen'], 'drop', 'at rules.job.onUnseen: expected one of allow, missing, value, reject'],
    ['a rule that is none', ['rules', 'job'], 'reject', 'at rules.job: expected an object, found "reject"'],
    ['a date that is in no calendar', ['expires'], '2026-02-30', 'at expires: expected a date such as "2026-06-30"'],
    ['an instant without zone', ['trainedThrough'], '2026-02-03T10:00', 'at trainedThrough: expected a date'],
    ['metrics of no kind', ['metrics', 'kind'], 'ranking', 'at metrics.kind: expected the kind "classification" or "regression"'],
    ['a figure that is missing', ['metrics', 'auc'], undefined, 'at metrics.auc: the key "auc" is missing'],
    ['a share without threshold', ['kpi', 'will leave', 'shareAbove', 'threshold'], undefined, 'the key "threshold" is missing'],
    ['a value that is no number', ['kpi', 'gain', 'expectedValue', 'probability_stays'], 'much', 'at kpi.gain.expectedValue.probability_stays: expected a number'],
    ['a number of rows that is none', ['usualRows', 'min'], -1, 'at usualRows.min: expected a whole number, 0 or more'],
    ['cells out of order', ['baseline', 'columns', 0, 'grid', 'cells'], [[34, 1], [33, 1]], 'at baseline.columns.0.grid.cells ("age"): expected pairs of whole numbers [cell, count], by cell in ascending order'],
    ['a category that is counted twice', ['baseline', 'columns', 1, 'categories'], [['cook', 1], ['cook', 1]], 'at baseline.columns.1.categories ("job"): expected pairs ["text", count], each text once'],
    ['a column of the baseline of no kind', ['baseline', 'columns', 1, 'kind'], 'date', 'at baseline.columns.1.kind ("job"): expected the kind "number" or "text"'],
    ['a mean that is a text', ['baseline', 'columns', 0, 'mean'], '30', 'at baseline.columns.0.mean ("age"): expected a number or null'],
  ])('is refused with %s', async (_, path, value, message) => {
    await expect(parse(changed(path, value))).rejects.toMatchObject({ code: 'contract-invalid', status: 78, message: expect.stringContaining(message) as string });
  }); // prettier-ignore
});

describe('docs/contract.schema.json', () => {
  const contracts = ['adult/adult', 'california/california-trees', 'diamonds/diamonds'].map((name) => readJson(fixture(`${name}.contract.json`)));

  test('takes what the code takes', () => {
    for (const contract of [GROWN, ...contracts]) expect(published(contract), JSON.stringify(published.errors)).toBe(true);
  });

  test.each<[string, object]>([
    ['a misspelt key', changed(['feautres'], ['a'])],
    ['another type of field', changed(['schema', 'fields', 0, 'type'], 'text')],
    ['another action', changed(['rules', 'job', 'onUnseen'], 'drop')],
    ['a cell without count', changed(['baseline', 'columns', 0, 'grid', 'cells'], [[1]])],
    ['a category without count', changed(['baseline', 'columns', 1, 'categories'], [['cook', 'two']])],
    ['no version', changed(['version'], undefined)],
  ])('refuses %s', (_, contract) => {
    expect(published(contract)).toBe(false);
  });
});

describe('the schema of a contract is a Frictionless Table Schema', () => {
  const isFrictionless = (schema: object) => ({ valid: frictionless(schema), errors: frictionless.errors });

  test('by the JSON Schema that Frictionless publishes', () => {
    expect(isFrictionless(GROWN.schema)).toEqual({ valid: true, errors: null });
  });

  test('which refuses what is none: the judge is awake', () => {
    expect(frictionless({ fields: [] })).toBe(false);
    expect(frictionless({ fields: [{ name: 'a', type: 'number', constraints: { minimum: true } }] })).toBe(false);
    expect(frictionless({ fields: [{ type: 'number' }] })).toBe(false);
  });
});

test('fixtures of Frictionless come with their licence', () => {
  expect(readdirSync(fixture('licences'))).toContain('Unlicense.txt');
});
