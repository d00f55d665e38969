import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GATES, type GateName } from '#src/check/gates/gate.js';
import { brokenForGood, judgeGates, type Measured } from '#src/check/gates/judge.js';
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

  test('what can only get worse is known to be broken before the end', () => {
    const gates = ['rejects<=5:withhold', 'reject-rate<=0.1%:withhold', 'seconds<=10', 'rows>=2000'].map(parseGate);
    expect(brokenForGood(gates, MEASURED).map(({ name }) => name)).toEqual(['rejects', 'seconds']);
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

describe('a gate as it is written', () => {
  test('is read with its column and level', () => {
    expect(parseGate('psi(a:b<=c)<=0.25:fallback')).toEqual({ name: 'psi', column: 'a:b<=c', min: undefined, max: 0.25, level: 'fallback' });
    expect(parseGate(' rows>=10 ')).toEqual({ name: 'rows', column: undefined, min: 10, max: undefined, level: 'warn' });
  });

  test.each([
    ['psi', 'expected NAME<=LIMIT'], ['psi=0.25', 'expected NAME<=LIMIT'], ['psy<=0.25', 'there is no gate "psy"'], ['psi<=0.25:stop', 'expected one of warn, withhold, fallback'],
    ['score-mean<=1', 'needs a column'], ['rows(a)<=1', 'looks at the whole run'], ['psi<=5%', 'expected a number, found "5%"'], ['missing<=5s', 'found "5s"'], ['seconds<=', 'expected NAME<=LIMIT'],
    ['toString<=1', 'expected NAME'], ['memory<=many', 'found "many"'],
  ])('%s: %s', (text, message) => {
    expect(() => parseGate(text)).toThrow(GateSyntaxError);
    expect(() => parseGate(text)).toThrow(message);
  }); // prettier-ignore

  test.each([['5%', 'share', 0.05], ['29%', 'share', 0.29], ['0.5', 'share', 0.5], ['20m', 'seconds', 1200], ['250ms', 'seconds', 0.25], ['2h', 'seconds', 7200], ['1.5GB', 'bytes', 1.5 * 1024 ** 3], ['30', 'days', 30], ['-1e3', 'number', -1000]] as const)(
    '%s as %s is %d',
    (text, unit, value) => expect(parseLimit(text, unit)).toBe(value),
  ); // prettier-ignore
});
