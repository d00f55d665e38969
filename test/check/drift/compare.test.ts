import { describe, expect, test } from 'vitest';
import { chiSquareTail, logGamma } from '#src/check/drift/chi-square.js';
import { compareProfiles } from '#src/check/drift/compare.js';
import { numberBins, onOneGrid } from '#src/check/drift/bins.js';
import { homogeneity, shareChance } from '#src/check/drift/tests.js';
import type { ComparedColumn, ComparedProfile } from '#src/profile/compared.js';
import oracle from './oracle.json' with { type: 'json' };
import { LONG } from '../../support/long.js';
import { profileRows, randomFrom, readTable, shuffled, type Table } from './support.js';

const bikes = readTable('bike-sharing/bike-sharing-hour.csv');
const numbers: Table = { ...bikes, columns: new Map([...bikes.columns].filter(([name]) => oracle.columns.some(({ column }) => column === name))) };
const years = ['0', '1'].map((year) => [...Array(bikes.rows).keys()].filter((row) => bikes.columns.get('yr')?.[row] === year));
const first = profileRows(numbers, years[0]!);
const second = profileRows(numbers, years[1]!, { baseline: first });

describe('bike sharing of 2012 against 2011', () => {
  const drift = compareProfiles(first, second);
  const named = new Map(drift.columns.map((column) => [column.column, column]));

  test.each(oracle.columns)('$column: distances are those of scipy', (expected) => {
    const found = named.get(expected.column)!;
    const [mine, theirs] = [first, second].map(({ columns }) => columns.find(({ name }) => name === expected.column)) as [Numbers, Numbers];
    expect(mine.grid.bits).toBe(expected.bits);
    const bins = numberBins(onOneGrid(mine, theirs), { baseline: 0, run: 0 });
    expect([bins.baseline, bins.run]).toEqual(expected.bins);
    expect(found.psi).toBeCloseTo(expected.psi, 9);
    expect(found.js).toBeCloseTo(expected.js, 9);
    expect(found.ks).toBeCloseTo(expected.ks, 12);
    if (mine.whole === true && expected.bits === 12) expect([found.ks!.toFixed(12), found.ksError]).toEqual([expected.ksOfValues.toFixed(12), 0]);
    expect(expected.ksOfValues).toBeGreaterThanOrEqual(found.ks! - 1e-12);
    expect(expected.ksOfValues).toBeLessThanOrEqual(found.ks! + found.ksError! + 1e-12);
    expect([mine.mean, theirs.mean].map((mean) => mean!.toPrecision(14))).toEqual(expected.mean.map((mean) => mean.toPrecision(14)));
    expect([mine.deviation, theirs.deviation].map((value) => value!.toPrecision(12))).toEqual(
      expected.deviation.map((value) => value.toPrecision(12)),
    );
  });

  test('drift is found where the years differ, and nowhere else', () => {
    expect(drift.columns.filter(({ verdict }) => verdict === 'drift').map(({ column }) => column)).toEqual(['yr', 'casual', 'registered', 'cnt']);
    expect(drift.columns.filter(({ verdict }) => verdict === 'too-few-rows')).toEqual([]);
    expect(drift).toMatchObject({ against: 'baseline', alpha: 0.01, rows: { baseline: 8645, run: 8734 }, drifted: 4 });
    expect(named.get('yr')!.because).toEqual(['psi', 'ks']);
    // each of their values has a cell of its own
    expect(drift.columns.filter(({ ksError }) => ksError === 0).map(({ column }) => column)).toEqual([
      'season',
      'yr',
      'mnth',
      'hr',
      'holiday',
      'weekday',
      'workingday',
      'weathersit',
      'casual',
    ]);
  });
});

type Numbers = ComparedColumn & { kind: 'number' };

test('tails are those of scipy', () => {
  for (const [x, degrees, tail] of oracle.chiSquareTails as [number, number, number][]) {
    expect(chiSquareTail(x, degrees) / tail).toBeCloseTo(1, 9);
  }
  for (const [a, n, b, m, chance] of oracle.shareChances as [number, number, number, number, number][]) {
    expect(shareChance({ hits: a, of: n }, { hits: b, of: m }) / chance).toBeCloseTo(1, 6);
  }
  expect(logGamma(1)).toBeCloseTo(0, 13);
  expect(logGamma(0.5)).toBeCloseTo(Math.log(Math.PI) / 2, 13);
  expect(logGamma(171)).toBeCloseTo(706.573062245787, 9); // ln 170!
});

test('homogeneity is the chi-square test of scipy where no bin is small', () => {
  const { bins, chance } = oracle.columns.find(({ column }) => column === 'hum')!;
  expect(homogeneity({ baseline: bins[0]!, run: bins[1]! })!.chance / chance).toBeCloseTo(1, 6);
});

describe('two halves of the same data', () => {
  const adult = readTable('adult/adult.csv');
  const adultTexts = new Set(['workclass', 'education', 'marital-status', 'marital_status', 'occupation', 'relationship', 'race', 'sex', 'native-country', 'native_country', 'income', 'class', 'salary', 'label']); // prettier-ignore
  const diamonds = readTable('diamonds/diamonds.csv');
  const california = readTable('california/california.csv');
  const cases: [string, Table, { texts: ReadonlySet<string>; blank?: string }][] = [
    ['adult', adult, { texts: new Set([...adult.columns.keys()].filter((name) => adultTexts.has(name) || Number.isNaN(Number(adult.columns.get(name)?.[0])))), blank: '?' }],
    ['diamonds', diamonds, { texts: new Set(['cut', 'color', 'clarity']) }],
    ['california', california, { texts: new Set(['ocean_proximity']) }],
    ['bike sharing', numbers, { texts: new Set() }],
  ]; // prettier-ignore

  /** alarms of `runs` pairs of samples of these sizes */
  function alarms(
    table: Table,
    options: { texts: ReadonlySet<string>; blank?: string },
    runs: number,
    rows: (all: number) => [number, number],
  ): string[] {
    const [ours, theirs] = rows(table.rows);
    return Array.from({ length: runs }, (_, run) => {
      const order = shuffled(table.rows, randomFrom(1000 + run));
      const baseline = profileRows(table, order.slice(0, ours), options);
      const other = profileRows(table, order.slice(ours, ours + theirs), { ...options, baseline });
      const { columns } = compareProfiles(baseline, other, { alpha: 0.01 });
      return columns.filter(({ verdict }) => verdict === 'drift').map(({ column, because }) => `${column} ${because.join()}`).join(); // prettier-ignore
    }).filter((found) => found !== '');
  }

  // A rate of 1 in 100 runs: 3 of 50, or 2 of 8, would come by chance in 1 of 70, or of 370, such tests.
  const [runs, most] = LONG ? [50, 2] : [8, 1];

  test.each(cases)(`%s: ${runs} halves, and ${runs} times few rows against many, make no more alarms than stated`, (_, table, options) => {
    expect(alarms(table, options, runs, (all) => [Math.floor(all / 2), Math.floor(all / 2)]).length).toBeLessThanOrEqual(most);
    expect(alarms(table, options, runs, (all) => [Math.floor(all / 2), 100]).length).toBeLessThanOrEqual(most);
  }, 120_000); // prettier-ignore
});

describe('what else a comparison says', () => {
  const texts = (categories: [string, number][], missing = 0): ComparedProfile => {
    const count = categories.reduce((sum, [, rows]) => sum + rows, 0);
    return { rows: count + missing, scores: [], columns: [{ name: 'c', kind: 'text', count, missing, categories, other: 0 }] };
  };
  const verdictOf = (one: ComparedProfile, other: ComparedProfile): ReturnType<typeof compareProfiles>['columns'][number] => compareProfiles(one, other).columns[0]!; // prettier-ignore

  test('a new category of two in a hundred rows is drift, and said to be unseen', () => {
    const found = verdictOf(texts([['a', 6000], ['b', 4000]]), texts([['a', 5900], ['b', 3900], ['new', 200]])); // prettier-ignore
    expect(found).toMatchObject({ verdict: 'drift', because: ['psi', 'unseen'], unseen: { baseline: 0, run: 0.02 } });
  });

  test('a hundred new names of one row each are none, where the baseline had as many', () => {
    const many = (prefix: string): [string, number][] => Array.from({ length: 300 }, (_, index) => [`${prefix}${index}`, 1]);
    expect(verdictOf(texts([['a', 5000], ...many('x')]), texts([['a', 5000], ...many('y')]))).toMatchObject({ verdict: 'same', because: [] }); // prettier-ignore
  });

  test('missing values alone are drift from one more in a hundred rows', () => {
    const found = (missing: number): ReturnType<typeof verdictOf> => verdictOf(texts([['a', 50_000]], 0), texts([['a', 50_000 - missing]], missing));
    expect(found(600)).toMatchObject({ verdict: 'drift', because: ['missing'], missing: { baseline: 0, run: 0.012 } });
    expect(found(400)).toMatchObject({ verdict: 'same', because: [] });
  });

  test('few rows are said to be too few, and are drift where even they leave no doubt', () => {
    expect(verdictOf(texts([['a', 500], ['b', 500]]), texts([['a', 6], ['b', 4]]))).toMatchObject({ verdict: 'too-few-rows', because: [] }); // prettier-ignore
    expect(verdictOf(texts([['a', 500], ['b', 500]]), texts([['a', 2], ['b', 58]]))).toMatchObject({ verdict: 'drift' }); // prettier-ignore
  });

  test('columns that only one side has, or has as another kind, are left out', () => {
    const number: ComparedProfile = { rows: 1, scores: [], columns: [{ name: 'c', kind: 'number', count: 1, missing: 0, mean: 1, deviation: 0, grid: { bits: 0, cells: [[127, 1]] } }] }; // prettier-ignore
    expect(compareProfiles(texts([['a', 1]]), number)).toMatchObject({ columns: [], drifted: 0, psi: null });
  });
});
