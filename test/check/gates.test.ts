import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GATES, type GateName } from '#src/check/gates/gate.js';
import { breakingPoint, judgeEarly, stoppingGates, type SoFar } from '#src/check/gates/early.js';
import { judgeGates, type Measured } from '#src/check/gates/judge.js';
import { GateSyntaxError, parseGate, parseLimit } from '#src/check/gates/parse.js';

const MEASURED: Measured = {
  rows: { in: 1000, scored: 990, rejected: 10 },
  columns: new Map([
    ['age', { missing: 99, unseen: 0, outOfRange: 33 }],
    ['job (main)', { missing: 0, unseen: 198, outOfRange: 0 }],
  ]),
  scores: new Map([
    ['probability_yes', { mean: 0.25, p05: 0.01, p50: 0.2, p95: 0.9, nonFinite: 0 }],
    ['margin', { mean: null, p05: null, p50: null, p95: null, nonFinite: 990 }],
  ]),
  drift: { drifted: 1, psi: new Map([['age', 0.05], ['job (main)', 0.4], ['probability_yes', null]]) },
  kpi: new Map([['value', 12.5]]),
  modelAgeDays: 40,
  seconds: 30,
  memoryBytes: 200 * 1024 ** 2,
  deadlineSeconds: 60,
  memoryLimitBytes: undefined,
}; // prettier-ignore

/** Verdict and value of a gate as it is written. */
function judged(text: string, measured = MEASURED): readonly [string, number | null] {
  const [verdict] = judgeGates([parseGate(text)], measured);
  return [verdict!.verdict, verdict!.value];
}

describe('a gate holds a figure of the run against its limit', () => {
  test.each<[string, 'pass' | 'fail' | 'unknown', number | null]>([
    ['reject-rate<=1%', 'pass', 0.01], ['reject-rate<=0.99%', 'fail', 0.01], ['rejects<=9', 'fail', 10], ['rows>=1000', 'pass', 1000], ['rows >= 1001 : warn', 'fail', 1000],
    ['missing(age)<=10%', 'pass', 0.1], ['missing<=9%:withhold', 'fail', 0.1], ['missing(job (main))<=0', 'pass', 0], ['unseen(job (main))<=0.2', 'pass', 0.2], ['unseen<=5%', 'fail', 0.2],
    ['out-of-range(age)<=3%', 'fail', 33 / 990], ['psi<=0.25:withhold', 'fail', 0.4], ['psi(age)<=0.1', 'pass', 0.05], ['psi(probability_yes)<=0.1', 'unknown', null], ['drifted<=0', 'fail', 1],
    ['score-mean(probability_yes)>=0.2', 'pass', 0.25], ['score-p95(probability_yes)<=0.8', 'fail', 0.9], ['score-mean(margin)>=0', 'unknown', null], ['non-finite<=0', 'fail', 1],
    ['non-finite(probability_yes)<=0', 'pass', 0], ['kpi(value)>=12.5', 'pass', 12.5], ['kpi(other)>=1', 'unknown', null], ['model-age<=5w', 'fail', 40], ['seconds<=1m', 'pass', 30],
    ['memory<=199MB', 'fail', 200 * 1024 ** 2], ['deadline-headroom>=50%', 'pass', 0.5], ['memory-headroom>=10%', 'unknown', null], ['missing(nobody)<=1', 'unknown', null],
  ])('%s: %s', (text, verdict, value) => expect(judged(text)).toEqual([verdict, value])); // prettier-ignore

  test('of no row there is no share, and no baseline gives no drift', () => {
    const empty: Measured = { ...MEASURED, rows: { in: 0, scored: 0, rejected: 0 }, drift: undefined };
    for (const text of ['reject-rate<=0', 'missing<=0', 'unseen(age)<=0', 'psi<=0.1', 'drifted<=0'])
      expect(judged(text, empty)).toEqual(['unknown', null]);
  });

  test('every gate can be judged and passes or fails by its limit alone', () => {
    fc.assert(
      fc.property(fc.constantFrom(...(Object.keys(GATES) as GateName[])), fc.double({ noNaN: true }), fc.boolean(), (name, limit, least) => {
        const column = GATES[name].column === 'must' ? (name === 'kpi' ? 'value' : 'probability_yes') : undefined;
        const [{ verdict, value } = { verdict: '', value: 0 }] = judgeGates([{ name, column, level: 'warn', min: least ? limit : undefined, max: least ? undefined : limit }], MEASURED);
        expect(verdict).toBe(value === null ? 'unknown' : (least ? value >= limit : value <= limit) ? 'pass' : 'fail');
      }),
    );
  }); // prettier-ignore
});

describe('a gate that is broken before the end', () => {
  test('stops the run where it keeps predictions back, by a figure that only gets worse beyond its limit', () => {
    const gates = ['rejects<=5', 'rejects<=5:withhold', 'rows>=9:withhold', 'rows<=9:fallback', 'seconds<=1:withhold', 'seconds>=1:withhold', 'deadline-headroom>=10%:withhold', 'deadline-headroom<=10%:withhold', 'psi<=1:withhold', 'missing<=1%:withhold', 'reject-rate<=1%:withhold', 'model-age<=1w:withhold', 'memory<=1GB:fallback'].map(parseGate);
    const names = (by: 'row' | 'time'): string[] => stoppingGates(gates, by).map(({ name, level }) => `${name}:${level}`);
    expect(names('row')).toEqual(['rejects:withhold', 'rows:fallback', 'reject-rate:withhold']);
    expect(names('time')).toEqual(['seconds:withhold', 'deadline-headroom:withhold', 'model-age:withhold', 'memory:fallback']);
  });

  test('is found at one row, however the rows are cut, and that is the first one at which it is broken', () => {
    const limits = fc.record({ rejects: fc.integer({ min: 0, max: 8 }), rows: fc.integer({ min: 0, max: 40 }), share: fc.double({ min: 0, max: 0.5, noNaN: true }) });
    const rejectRows = fc.uniqueArray(fc.integer({ min: 1, max: 30 }), { maxLength: 12 });
    fc.assert(
      fc.property(limits, rejectRows, fc.uniqueArray(fc.integer({ min: 1, max: 29 })), fc.option(fc.integer({ min: 1, max: 40 }), { nil: undefined }), ({ rejects, rows, share }, found, cuts, mostRows) => {
        const gates = [`rejects<=${rejects}:withhold`, `rows<=${rows}:withhold`, `reject-rate<=${share}:fallback`].map(parseGate);
        const upTo = (row: number): number => found.filter((each) => each <= row).length;
        // by definition: row by row
        const isBroken = (row: number): boolean => upTo(row) > rejects || row > rows || (mostRows !== undefined && upTo(row) / mostRows > share);
        const first = Array.from({ length: 31 }, (_, row) => row).find(isBroken);
        const ends = [...cuts, 30].sort((a, b) => a - b);
        let point: ReturnType<typeof breakingPoint>;
        for (let at = 0, begun = 0; at < ends.length && point === undefined; begun = ends[at++]!) {
          const chunk = { rows: ends[at]! - begun, rejects: found.filter((row) => row > begun && row <= ends[at]!).sort((a, b) => a - b) };
          point = breakingPoint(gates, { rows: begun, rejected: upTo(begun), mostRows }, chunk);
        }
        expect(point && { rows: point.rows, rejected: point.rejected }).toEqual(first === undefined ? undefined : { rows: first, rejected: upTo(first) });
      }),
    );
  });

  test('of a run that goes on from another, whose rejects were too many already, it is the row where that one was left', () => {
    const before = { rows: 500, rejected: 7, mostRows: undefined };
    expect(breakingPoint([parseGate('rejects<=5:withhold')], before, { rows: 0, rejects: [] })).toMatchObject({ rows: 500, rejected: 7 });
  });

  test('fails with value and row; the others are unknown', () => {
    const soFar: SoFar = { rows: 500, rejected: 7, mostRows: 1000, resources: { modelAgeDays: undefined, seconds: 30, memoryBytes: 1, deadlineSeconds: 40, memoryLimitBytes: undefined } };
    const gates = ['rejects<=5:withhold', 'rejects<=6', 'rejects<=7', 'reject-rate<=0.5%:withhold', 'deadline-headroom>=50%:fallback', 'rows>=501', 'psi<=0'].map(parseGate);
    const verdicts = judgeEarly(gates, soFar).map(({ name, verdict, value, row }) => [name, verdict, value, row]);
    expect(verdicts).toEqual([['rejects', 'fail', 7, 500], ['rejects', 'fail', 7, 500], ['rejects', 'unknown', null, undefined], ['reject-rate', 'fail', 0.007, 500], ['deadline-headroom', 'fail', 0.25, 500], ['rows', 'unknown', null, undefined], ['psi', 'unknown', null, undefined]]);
    const [, , , share, headroom] = judgeEarly(gates, { ...soFar, mostRows: undefined, resources: undefined });
    expect([share?.verdict, headroom?.verdict]).toEqual(['unknown', 'unknown']);
  });
}); // prettier-ignore

describe('a gate as it is written', () => {
  test('is read with its column and level', () => {
    expect(parseGate('psi(a:b<=c)<=0.25:fallback')).toEqual({ name: 'psi', column: 'a:b<=c', min: undefined, max: 0.25, level: 'fallback' });
    expect(parseGate(' rows>=10 ')).toEqual({ name: 'rows', column: undefined, min: 10, max: undefined, level: 'warn' });
  });

  test.each([
    ['psi', 'expected NAME<=LIMIT'], ['psi=0.25', 'expected NAME<=LIMIT'], ['psy<=0.25', 'there is no gate "psy"'], ['psi<=0.25:stop', 'expected one of warn, withhold, fallback'],
    ['score-mean<=1', 'needs a column'], ['rows(a)<=1', 'looks at the whole run'], ['psi<=5%', 'expected a number, found "5%"'], ['missing<=5s', 'found "5s"'], ['seconds<=', 'expected NAME<=LIMIT'],
    ['toString<=1', 'expected NAME'], ['memory<=many', 'found "many"'],
    ['unseen<=101%', 'a share, 0 … 1 or 0% … 100%, found 1.01'], ['reject-rate<=5', 'found 5'], ['rows>=1.5', 'a whole number of rows, found 1.5'], ['rejects<=-1', 'found -1'],
    ['psi>=-1', 'at least 0, found -1'], ['seconds<=-1s', 'at least 0'], ['model-age<=-1d', 'at least 0'],
  ])('%s: %s', (text, message) => {
    expect(() => parseGate(text)).toThrow(GateSyntaxError);
    expect(() => parseGate(text)).toThrow(message);
  }); // prettier-ignore

  test.each([['5%', 'share', 0.05], ['29%', 'share', 0.29], ['0.5', 'share', 0.5], ['20m', 'seconds', 1200], ['250ms', 'seconds', 0.25], ['2h', 'seconds', 7200], ['1.5GB', 'bytes', 1.5 * 1024 ** 3], ['30', 'days', 30], ['-1e3', 'number', -1000]] as const)(
    '%s as %s is %d',
    (text, unit, value) => expect(parseLimit(text, unit)).toBe(value),
  ); // prettier-ignore
});
