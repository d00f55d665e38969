import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseGate } from '#src/check/gates/parse.js';
import type { Contract } from '#src/contract/contract.js';
import { contractText } from '#src/contract/write.js';
import { contractPathOf } from '#src/contract/load.js';
import { profileData } from '#src/run/profile/profile-data.js';
import { makeContract } from '#src/run/profile/make-contract.js';
import { fixture, tempFolder } from '../../support/command.js';
import { check, csvFile, withCells } from './support.js';

/** Bike sharing as a model of rules reads it, with the ranges of its first year. */
const RULES = `version: scoreline.rules/1
columns: { season: number, temp: number, hr: number, weathersit: text }
outputs: { prediction: number }
rules:
  - when: temp > 0.5
    then: { prediction: 2 }
  - then: { prediction: 1 }
`;
const ROWS = readFileSync(fixture('bike-sharing', 'bike-sharing-hour.csv'), 'utf8').split(/\r?\n/, 301).map((line) => line.split(',')); // prettier-ignore
const FIELDS: NonNullable<Contract['schema']>['fields'] = [
  { name: 'season', type: 'number' },
  { name: 'temp', type: 'number', constraints: { minimum: 0, maximum: 0.5, required: true } },
  { name: 'hr', type: 'number', constraints: { minimum: 0, maximum: 23 } },
  { name: 'weathersit', type: 'string', categories: ['1', '2', '3'] },
];

/** A folder with the model and its contract; `more` is what else the contract says. */
function model(more: Readonly<Record<string, unknown>> = {}): string {
  const path = join(tempFolder(), 'bikes.rules.yaml');
  writeFileSync(path, RULES);
  const sha256 = createHash('sha256').update(RULES).digest('hex');
  const contract = { version: 'scoreline.contract/1', model: { sha256 }, schema: { fields: FIELDS }, ...more };
  writeFileSync(contractPathOf(path), JSON.stringify(contract));
  return path;
}

describe('the contract of a model', () => {
  test('that still holds is told with its dates', async () => {
    const { of, codes } = await check({ model: model({ trainedThrough: '2025-12-31', expires: '2026-06-30' }), input: csvFile(ROWS) });
    expect(of('contract').text).toMatch(/^…?\S+: made for this model, 4 fields, trained through 2025-12-31, holds until 2026-06-30$/);
    expect(codes).toEqual([]);
  });

  test.each([
    ['has expired', { expires: '2026-01-01' }, 'contract-expired'],
    ['does not say how long it holds, and was made long ago', { trainedThrough: '2024-06-30' }, 'data-gap'],
    [
      'speaks of results that there are none of',
      { kpi: { busy: { shareAbove: { column: 'probability_busy', threshold: 0.5 } } } },
      'contract-unread',
    ],
    ['is used to more rows', { usualRows: { min: 10_000 } }, 'gate-fails'],
  ])('that %s is warned of, and the status stays 0', async (_, more, code) => {
    const { status, codes } = await check({ model: model(more), input: csvFile(ROWS) });
    expect([status, codes]).toEqual([0, [code]]);
  });

  test('that is used to more rows than the size of the input can mean is warned of', async () => {
    const many = [...ROWS, ...Array.from({ length: 99 }, () => ROWS.slice(1)).flat()];
    const found = await check({ model: model({ usualRows: { min: 100_000 } }), input: csvFile(many) });
    expect([found.status, found.codes]).toEqual([0, ['unusual-rows']]);
    expect(Math.abs((found.of('unusual-rows').details as { rows: number }).rows - 30_000)).toBeLessThan(300);
    expect((await check({ model: model({ usualRows: { min: 20_000, max: 40_000 } }), input: csvFile(many) })).codes).toEqual([]);
  });

  test('that was made of data alone may know columns that the model does not read, and belongs to none', async () => {
    const rules = model();
    const fields = [...FIELDS, { name: 'dew', type: 'number', constraints: { minimum: 0 } }];
    const contract = join(tempFolder(), 'data.json');
    writeFileSync(contract, JSON.stringify({ version: 'scoreline.contract/1', schema: { fields } }));
    const { of, codes } = await check({ model: rules, contract, input: csvFile(ROWS) });
    expect([codes, of('contract').text]).toEqual([[], expect.stringMatching(/: made of data alone, 5 fields$/)]);
    writeFileSync(contract, JSON.stringify({ version: 'scoreline.contract/1', schema: { fields: fields.slice(1) } }));
    expect((await check({ model: rules, contract, input: csvFile(ROWS) })).of('contract-unread').lines).toEqual(['schema: "season": the model reads it, and there is no field for it']);
  }); // prettier-ignore

  test('that is none is 78, with the place that contradicts itself, and rows are looked at all the same', async () => {
    const { status, codes, of } = await check({ model: model({ usualRows: { min: 9, max: 1 } }), input: csvFile(withCells(ROWS, 'temp', () => 'warm')) });
    expect([status, codes]).toEqual([78, ['contract-invalid', 'too-many-rejects', 'values-not-read']]);
    expect(of('contract-invalid').text).toContain('usualRows');
  }); // prettier-ignore
});

describe('against its contract', () => {
  test('numbers out of range, unseen categories and missing values of the first rows are counted with the first of each', async () => {
    let rows = withCells(ROWS, 'temp', (row, old) => (row === 100 || row === 200 ? '' : row % 50 === 7 ? '31.5' : old));
    rows = withCells(withCells(rows, 'weathersit', (row, old) => (row === 40 ? ' 1' : row > 290 ? '4' : old)), 'hr', (row, old) => (row === 12 ? '24' : old)); // prettier-ignore
    const { status, of } = await check({ model: model(), input: csvFile(rows) });
    expect(status).toBe(0);
    const places = (of('outside-range').details as { columns: { column: string; outOfRange: number; first: object }[] }).columns;
    const warm = rows.slice(1).filter((row) => Number(row[ROWS[0]!.indexOf('temp')]) > 0.5).length;
    expect(places).toMatchObject([{ column: 'temp', outOfRange: warm, min: 0, max: 0.5 }, { column: 'hr', outOfRange: 1, first: { row: 12, line: 13, value: '24' } }]); // prettier-ignore
    expect(of('unseen-category').lines).toEqual(['weathersit: 11 of 300 rows; "4" and 1 more']);
    expect(of('missing-required').lines).toEqual(['temp: missing in 2 of 300 rows']);
  });

  test('values of another type than it gives are counted with the first', async () => {
    const fields = FIELDS.map((field) => (field.name === 'temp' ? { name: 'temp', type: 'integer' } : field));
    const { status, of } = await check({ model: model({ schema: { fields } }), input: csvFile(withCells(ROWS, 'temp', (row) => (row % 100 === 7 ? '0.5' : '1'))) });
    expect([status, of('wrong-type').lines]).toEqual([0, ['temp: 3 of 300 rows are no integer, "0.5" first in row 7, line 8']]);
  }); // prettier-ignore

  test('a column that is empty in every row is told as such', async () => {
    const { status, of } = await check({ model: model(), input: csvFile(withCells(ROWS, 'hr', () => '')) });
    expect([status, of('empty-column').text]).toEqual([0, 'hr: empty in all of the first rows']);
  });
});

describe('a gate that is broken by now', () => {
  const old = { trainedThrough: '2025-01-01', expires: '2027-01-01' };
  const bad = (): string => csvFile(withCells(ROWS, 'hr', (row, cell) => (row % 100 === 0 ? 'late' : cell)));

  test.each([
    ['by the age of the model', 'model-age<=90:withhold', 76, 'gate-withheld'],
    ['by the rejects of the first rows', 'rejects<=2:withhold', 76, 'gate-withheld'],
    ['by the rows of the whole input', 'rows>=1000:withhold', 76, 'gate-withheld'],
    ['and only warns', 'reject-rate<=0.5%:warn', 0, 'gate-fails'],
  ])('%s', async (_, gate, status, code) => {
    const { codes, ...found } = await check({ model: model(old), input: bad(), gates: [parseGate(gate)], maxRejects: { kind: 'rows', rows: 3 } });
    expect([found.status, codes]).toEqual([status, ['rows-rejected', 'values-not-read', code]]);
  });
});

test('gates that would find nothing to look at are named, with the name that was meant', async () => {
  const gates = ['psi<=0.2', 'unseen(hr)<=0', 'out-of-range(hr)<=0', 'rejects<=3', 'score-mean(prediction)<=2', 'model-age<=90', 'deadline-headroom>=10%'];
  const kpi = { busy: { shareAbove: { column: 'prediction', threshold: 2 } } };
  const { status, of } = await check({ model: model({ kpi }), input: csvFile(ROWS), gates: gates.map(parseGate) });
  expect([status, of('gate-not-judged').lines]).toEqual([
    0,
    [
      'psi: there is no baseline: scoreline profile makes one',
      'unseen(hr): nothing says which values are known',
      'model-age: the contract does not say when the training data ended (trainedThrough)',
      'deadline-headroom: there is no deadline',
    ],
  ]);
  const misnamed = await check({ model: model({ kpi }), input: csvFile(ROWS), gates: [parseGate('missing(tmp)<=1%')] });
  expect([misnamed.status, misnamed.of('gate-misnamed').text]).toEqual([64, expect.stringContaining('did you mean "temp"?')]);
  const all = await check({ model: model({ kpi }), input: csvFile(ROWS), gates: [parseGate('missing(temp)<=1%')] });
  expect(all.of('gates').text).toBe('1, each with a figure to look at');
}); // prettier-ignore

test('a distance of rows that are too few to tell is a gate that cannot be judged, where they are the whole input', async () => {
  const input = csvFile(ROWS);
  const data = await profileData({ options: { model: model(), input }, contract: undefined, target: undefined, ids: [], date: undefined });
  const { baseline } = JSON.parse(contractText(makeContract({ data, ids: [], target: undefined, source: 'train.csv', at: new Date(0) }))) as {
    baseline: object;
  };
  const baselined = model({ baseline });
  const few = await check({ model: baselined, input: csvFile(ROWS.slice(0, 21)), gates: [parseGate('psi(hr)<=0.25:withhold')] });
  expect([few.status, few.codes]).toEqual([0, ['gate-not-judged']]);
  expect(few.of('gate-not-judged').lines).toEqual(['psi(hr): too few rows for it, 20 in all']);
  const enough = await check({ model: baselined, input, gates: [parseGate('psi(season)<=0.25:withhold')] });
  expect(enough.codes).toEqual([]);
});
