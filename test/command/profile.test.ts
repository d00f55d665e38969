import { createHash } from 'node:crypto';
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import type { Contract } from '#src/contract/contract.js';
import { parseContract } from '#src/contract/load.js';
import { fixture, ROOT, scoreline, tempFolder } from '../support/command.js';

const readJson = (path: string) => JSON.parse(readFileSync(path, 'utf8')) as unknown;
const oracle = readJson(fixture('metrics.json')) as Record<string, Record<string, number>>;
const isFrictionless = new Ajv({ strict: false }).compile(readJson(fixture('frictionless', 'tableschema-2.0.json')) as object);
const isPublished = new Ajv({ allowUnionTypes: true, strictTuples: false }).compile(readJson(join(ROOT, 'docs', 'contract.schema.json')) as object);

/** A folder with a model of the fixtures, and with its contract where asked. */
function folderOf(model: string, withContract = false): string {
  const folder = tempFolder();
  copyFileSync(fixture(`${model}.onnx`), join(folder, 'm.onnx'));
  if (withContract) copyFileSync(fixture(`${model}.contract.json`), join(folder, 'm.contract.json'));
  return folder;
}

const profile = (folder: string, data: string, ...flags: string[]) => scoreline(['profile', data, '-m', 'm.onnx', ...flags], { cwd: folder });
const contractIn = (folder: string) => readJson(join(folder, 'm.contract.json')) as Contract;
const ADULT = fixture('adult', 'adult.csv');

describe('scoreline profile', () => {
  test.each<[string, string, string, string[]]>([
    ['adult/adult', 'adult/adult.csv', 'income', []],
    ['adult/adult-forest', 'adult/adult.csv', 'income', []],
    ['diamonds/diamonds', 'diamonds/diamonds.csv', 'cut', ['--update']],
    ['california/california-trees', 'california/california.csv', 'median_house_value', ['--update']],
    ['california/california-linear', 'california/california.csv', 'median_house_value', []],
  ])('%s: metrics are those of scikit-learn, and the schema is one of Frictionless', async (model, data, target, flags) => {
    const folder = folderOf(model, flags.includes('--update'));
    expect(await profile(folder, fixture(data), '--target', target, ...flags)).toMatchObject({ status: 0, stderr: '' });
    const contract = contractIn(folder);
    const metrics = contract.metrics as unknown as Record<string, number>;
    for (const [name, value] of Object.entries(oracle[model] ?? {})) expect(metrics[name], name).toBeCloseTo(value, name === 'rows' ? 10 : value > 1000 ? 2 : 6);
    expect(contract.baseline?.rows).toBe(metrics['rows']);
    expect(isFrictionless(contract.schema as object), JSON.stringify(isFrictionless.errors)).toBe(true);
    expect(isPublished(contract), JSON.stringify(isPublished.errors)).toBe(true);
    await parseContract(readFileSync(join(folder, 'm.contract.json')), 'm.contract.json');
  }); // prettier-ignore

  test.each([
    ['adult/adult', 'adult/adult.csv', []],
    ['diamonds/diamonds-xgb', 'diamonds/diamonds.csv', ['--features', 'carat,depth,table,price,x,y,z']], // its labels are whole numbers
  ])('writes a contract that the same data is scored by: golden rows of %s hold, and nothing has drifted', async (model, data, flags) => {
    const folder = folderOf(model);
    await profile(folder, fixture(data), ...flags);
    expect(contractIn(folder).golden).toHaveLength(3);
    expect(await scoreline(['score', '-m', 'm.onnx', fixture(data), '-o', 'out.csv'], { cwd: folder })).toMatchObject({ status: 0, stderr: '' });
    const lines = readFileSync(join(folder, 'out.csv.journal.jsonl'), 'utf8').trimEnd().split('\n');
    const { drift } = JSON.parse(lines.at(-1) ?? '') as { drift: { drifted: number; psi: number } };
    expect(drift).toMatchObject({ drifted: 0, psi: 0 });
  });

  test('gives the same contract whatever the workers and the chunks', async () => {
    const contracts = [];
    for (const flags of [[], ['--workers', '1'], ['--workers', '2', '--chunk-size', '64KB']]) {
      const folder = folderOf('adult/adult');
      await profile(folder, ADULT, '--target', 'income', ...flags);
      const { baseline, ...rest } = contractIn(folder);
      contracts.push({ ...rest, baseline: { ...baseline, at: '' } });
    }
    expect(contracts[1]).toEqual(contracts[0]);
    expect(contracts[2]).toEqual(contracts[0]);
  });

  test('names the texts of categories, and none that hardly repeat', async () => {
    const folder = folderOf('adult/adult');
    const [header = '', ...rows] = readFileSync(ADULT, 'utf8').split('\r\n');
    const at = header.split(',').indexOf('occupation');
    const named = rows.slice(0, 400).map((row, index) => row.split(',').map((cell, column) => (column === at ? ` person-${index >> 1 === 0 ? 0 : index}` : cell)).join(',')); // prettier-ignore
    writeFileSync(join(folder, 'named.csv'), [header, ...named].join('\n') + '\n');
    expect((await profile(folder, 'named.csv', '-o', 'c.json')).status).toBe(0);
    const contract = { ...(readJson(join(folder, 'c.json')) as Contract), golden: [] };
    const column = contract.baseline?.columns.find(({ name }) => name === 'occupation');
    expect(column).toMatchObject({ kind: 'text', count: 400, distinct: 399, categories: [], other: 400 });
    expect(JSON.stringify(contract)).not.toContain('person-');
    expect(contract.schema?.fields.find(({ name }) => name === 'sex')?.categories).toEqual([' Female', ' Male']);
  });

  test('keeps what people have written where it updates, and measures the rest anew', async () => {
    const folder = folderOf('adult/adult');
    await profile(folder, ADULT, '--target', 'income');
    const edited = { ...contractIn(folder), expires: '2099-12-31', rules: { age: { onOutOfRange: 'reject' } }, baseline: undefined, metrics: undefined };
    writeFileSync(join(folder, 'm.contract.json'), JSON.stringify(edited));
    expect(await profile(folder, ADULT, '--update')).toMatchObject({ status: 0, stderr: '' });
    expect(contractIn(folder)).toMatchObject({ expires: '2099-12-31', rules: edited.rules, metrics: { kind: 'classification' }, baseline: { rows: 12_000 } });
  }); // prettier-ignore

  test('does not replace a contract by itself, and leaves nothing else behind', async () => {
    const folder = folderOf('adult/adult', true);
    const before = readFileSync(join(folder, 'm.contract.json'));
    expect(await profile(folder, ADULT)).toMatchObject({ status: 78, stderr: expect.stringContaining('contract-exists') as string });
    expect(readFileSync(join(folder, 'm.contract.json'))).toEqual(before);
    expect((await profile(folder, ADULT, '--force')).status).toBe(0);
    expect(contractIn(folder).baseline?.source).toEqual({ name: basename(ADULT), sha256: createHash('sha256').update(readFileSync(ADULT)).digest('hex') });
    expect(readdirSync(folder).sort()).toEqual(['m.contract.json', 'm.onnx']);
  }); // prettier-ignore

  test('writes no contract of data that cannot be scored', async () => {
    const folder = folderOf('adult/adult');
    const bad = readFileSync(ADULT, 'utf8').split('\r\n').slice(0, 20).join('\r\n').replace('\r\n25,', '\r\nyoung,');
    writeFileSync(join(folder, 'bad.csv'), `${bad}\r\nyoung${bad.slice(bad.lastIndexOf('\n') + 1).replace(/^[^,]*/, '')}\r\n`);
    expect((await profile(folder, 'bad.csv')).status).toBe(65);
    expect(readdirSync(folder).sort()).toEqual(['bad.csv', 'm.onnx']);
  });

  test('takes the end of the training data from a column of dates', async () => {
    const folder = folderOf('types/single');
    writeFileSync(join(folder, 'd.csv'), 'id,x,day\na,1,2024-03-01\nb,2,2025-11-30 10:00\nc,3,2025-01-01\n');
    expect((await profile(folder, 'd.csv', '--date', 'day', '--id', 'id')).status).toBe(0);
    expect(contractIn(folder)).toMatchObject({ trainedThrough: '2025-11-30', ids: ['id'], features: ['x'] });
    expect(JSON.stringify(contractIn(folder))).not.toContain('"a"');
  });

  test('shows a contract as a table', async () => {
    const folder = folderOf('adult/adult');
    await profile(folder, ADULT, '--target', 'income');
    const { status, stdout } = await scoreline(['profile', '--explain', 'm.contract.json'], { cwd: folder });
    expect(status).toBe(0);
    expect(stdout.toString()).toMatch(/accuracy +0\.8524/);
    expect(stdout.toString()).toMatch(/age +number, required +12000 +0 +38\.49 +13\.\d+ +17 +37 +73 +17 to 90/);
  });
});
