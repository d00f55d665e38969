import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { contractPathOf, loadContract, parseContract } from '#src/contract/load.js';
import { fixture, tempFolder } from '../support/command.js';

const DIGEST = 'a'.repeat(64);
const plain = { version: 'scoreline.contract/1', model: { sha256: DIGEST } };
const parse = (value: unknown) => parseContract(Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)), 'm.contract.json');

describe('contracts', () => {
  test.each(['adult/adult', 'california/california-trees', 'diamonds/diamonds'])('the contract of %s belongs to its model', async (name) => {
    const model = fixture(`${name}.onnx`);
    const digest = createHash('sha256').update(readFileSync(model)).digest('hex');
    const contract = await loadContract(undefined, model, digest);
    expect(contract?.model?.sha256).toBe(digest);
    expect(contract?.golden?.length).toBeGreaterThan(0);
  });

  test('every key of version 1 is taken', async () => {
    const keys = {
      features: ['a'],
      columns: { X: 'a' },
      ids: ['id'],
      classes: ['x', 'y'],
      threshold: 0.4,
      positiveClass: 'y',
      fillMissing: { a: '0' },
      golden: [{ row: { a: null }, expect: { prediction: 'x', probability_x: 0.5 } }],
    };
    expect(await parse({ ...plain, ...keys })).toMatchObject({ ...plain, ...keys, path: 'm.contract.json' });
  });

  test.each<[string, unknown, RegExp]>([
    ['no JSON', '{\n  "version": 1,\n}', /line 3, character 1: expected a key in double quotes, found "}"/],
    ['an empty file', '', /not a contract: it is empty/],
    ['a key twice', '{"version":"scoreline.contract/1",\n"ids":["a"], "ids":["b"]}', /line 2, character 14: the key "ids" is there twice/],
    ['a list', [], /expected keys with values in braces, found a list/],
    ['rules as a list', { ...plain, rules: [] }, /at rules: expected keys with values in braces, found a list/],
    [
      'an action that is none',
      { ...plain, rules: { a: { onUnseen: 'rejct' } } },
      /at rules\.a\.onUnseen: expected one of allow, missing, value, reject, found "rejct"; did you mean "reject"\?/,
    ],
    [
      'a missing value made missing',
      { ...plain, rules: { a: { onMissing: 'missing' } } },
      /at rules\.a\.onMissing: expected one of allow, value, reject, found "missing"/,
    ],
    [
      'a type that is none',
      { ...plain, schema: { fields: [{ name: 'age', type: 'int' }] } },
      /at schema\.fields\.0\.type \("age"\): expected one of string, .*, found "int"/,
    ],
    ['a date that is none', { ...plain, expires: '2026-13-01' }, /at expires: expected a date such as .*, found "2026-13-01"/],
    ['another version', { ...plain, version: 'scoreline.contract/9' }, /at version: expected "scoreline.contract\/1"/],
    ['no digest', { version: plain.version, model: {} }, /model\.sha256/],
    ['a digest that is none', { ...plain, model: { sha256: 'abc' } }, /64 hexadecimal digits/],
    ['a misspelt key', { ...plain, feautres: ['a'] }, /feautres/],
    ['an empty column name', { ...plain, features: ['a', ''] }, /at features\.1/],
    ['a threshold beyond 1', { ...plain, threshold: 2 }, /at threshold: expected a probability, 0 to 1, found 2/],
    ['a golden row of numbers', { ...plain, golden: [{ row: { a: 1 }, expect: { prediction: 1 } }] }, /at golden\.0\.row\.a/],
  ])('refuses %s with the place', async (_, value, message) => {
    await expect(parse(value)).rejects.toMatchObject({
      code: 'contract-invalid',
      status: 78,
      message: expect.stringMatching(message) as string,
      place: { file: 'm.contract.json' },
    });
  });

  test.each([
    ['churn.onnx', 'churn.contract.json'],
    ['a/Churn.ONNX', 'a/Churn.contract.json'],
    ['churn.rules.yaml', 'churn.rules.contract.json'], // not that of churn.onnx, for which it may stand in
    ['churn.rules.yml', 'churn.rules.contract.json'],
    ['churn.v2', 'churn.v2.contract.json'],
  ])('the contract of %s is %s beside it', (model, contract) => {
    expect(contractPathOf(model)).toBe(contract);
  });

  test("another model's contract is refused, a missing one only where it was asked for", async () => {
    const folder = tempFolder();
    const model = join(folder, 'm.onnx');
    writeFileSync(join(folder, 'm.contract.json'), JSON.stringify(plain));
    await expect(loadContract(undefined, model, 'b'.repeat(64))).rejects.toMatchObject({ code: 'contract-of-another-model', status: 78 });
    expect(await loadContract(undefined, model, DIGEST)).toMatchObject({ model: { sha256: DIGEST } });
    expect(await loadContract('none', model, 'b'.repeat(64))).toBeUndefined();
    expect(await loadContract(undefined, join(folder, 'other.onnx'), DIGEST)).toBeUndefined();
    await expect(loadContract(join(folder, 'gone.json'), model, DIGEST)).rejects.toMatchObject({ code: 'contract-missing', status: 78 });
    await expect(loadContract(fixture(), model, DIGEST)).rejects.toMatchObject({ code: 'contract-unreadable' });
  });
});
