import { expect, test } from 'vitest';
import type { Contract } from '#src/contract/contract.js';
import { explainContract } from '#src/cli/profile/explain.js';
import { GROWN } from '../contract/grown.js';

const CONTRACT = { ...GROWN, path: 'm.contract.json', sha256: '' } as unknown as Contract;

test('a contract is shown with all that people have written in it', () => {
  const shown = explainContract(CONTRACT, 200).replace(/ {2,}/g, '  ');
  for (const line of [
    'features  age, job, income',
    'ids  customer',
    'classes  stays, leaves',
    'threshold  0.4 of the class leaves',
    'usual rows  at least 1000, at most 2000',
    'kpi will leave  share of rows with probability_leaves >= 0.4',
    'kpi gain  mean of 10 x probability_stays + -30 x probability_leaves',
    'kpi matrix  mean of stays: -30 x probability_leaves; leaves: -2 x probability_stays + 20 x probability_leaves',
    'age  integer, required  2  1  30  10  20  20  40  18 to 99',
    'age  onOutOfRange: reject, onMissing: value "40"',
    'job  onUnseen: missing',
  ])
    expect(shown).toContain(line);
});

test('a line that does not fit says so', () => {
  const lines = explainContract(CONTRACT, 60).trimEnd().split('\n');
  expect(Math.max(...lines.map((line) => line.length))).toBe(60);
  expect(lines.find((line) => line.includes('kpi matrix'))).toMatch(/^.{59}…$/);
});
