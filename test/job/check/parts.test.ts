import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CHECK_WARNINGS } from '#src/job/check/finding.js';
import { matchColumns } from '#src/job/check/match-columns.js';
import { areThousands, recognise } from '#src/job/check/recognise.js';
import { writePaceText } from '#src/job/check/texts.js';
import { ROOT } from '../../support/command.js';

describe('what a text is that is no number', () => {
  test.each([
    ['decimal-comma', ['1,5', '-0,25', '1,', ',5', '1,5e3', '1,234']],
    ['decimal-point', ['1.5', '.5', '2.']],
    ['thousands', ['1,234,567', '1,234.5', '1.234.567', '1.234,56', "1'234", '12 345', '1\u202f234,5', '1_000']],
    ['percent', ['12%', '-3.5 %', '12,5%']],
    ['currency', ['$12', '€ 3.50', '12 €', 'EUR 5', '5 USD', '-$1,200.00']],
    ['date', ['2024-01-31', '2024/1/31', '31.01.2024', '1/31/24', '31-Jan-2024', '2024-01-31T10:00:00Z']],
    ['time', ['10:30', '10:30:15', '9:15 pm']],
    ['yes-no', ['true', 'No', 'y']],
    ['placeholder', ['?', ' ? ', '-', '#N/A', '\\N', 'none', 'Unknown']],
    ['own-name', ['age', ' age ']],
    ['quoted', ["'12'"]],
    ['other', ['forty', '12 years', '0x1F', '1-2-3-4']],
  ] as const)('%s', (shape, texts) => {
    expect(texts.map((text) => recognise(text, 'age'))).toEqual(texts.map(() => shape));
  });

  test('thousands only where each text of the column could be so', () => {
    expect([areThousands(['1,234', '12,500']), areThousands(['1,234', '12,5']), areThousands([])]).toEqual([true, false, false]);
  });
});

describe('columns under other names', () => {
  const match = (wanted: readonly string[], columns: readonly string[], taken: readonly string[] = []) => {
    const { renamed, absent } = matchColumns(wanted.map((column) => ({ column, input: column })), columns, new Set(taken)); // prettier-ignore
    return [Object.fromEntries(renamed.map(({ column, found }) => [column, found])), absent.map(({ column }) => column)];
  };

  test.each([
    ['case, blanks and punctuation', ['capital_gain', 'Age'], [' Capital-Gain ', 'AGE'], [], [{ capital_gain: ' Capital-Gain ', Age: 'AGE' }, []]],
    ['a slip', ['income'], ['incone', 'x'], [], [{ income: 'incone' }, []]],
    ['not one that is another column already', ['x1'], ['x2', 'x3'], ['x2', 'x3'], [{}, ['x1']]],
    ['not where two fit', ['score1'], ['score2', 'score3'], [], [{}, ['score1']]],
    ['not a short name for any other short name', ['ab'], ['ac'], [], [{}, ['ab']]],
    ['each column once', ['a_b', 'a.b'], ['A B'], [], [{ a_b: 'A B' }, ['a.b']]],
  ] as const)('%s', (_, wanted, columns, taken, expected) => {
    expect(match(wanted, columns, taken)).toEqual(expected);
  });

  test('5,000 of them at once', () => {
    const names = Array.from({ length: 5000 }, (_, index) => `feature_${index}`);
    const [renamed, absent] = match(names, names.map((name) => name.toUpperCase())); // prettier-ignore
    expect([Object.keys(renamed as object).length, absent]).toEqual([5000, []]);
  });
});

test('every code that a check warns by stands in the manual, with what it means', () => {
  const manual = readFileSync(join(ROOT, 'docs', 'check.md'), 'utf8');
  const rows = [...manual.matchAll(/^\| `([a-z-]+)` \| (.+) \|$/gm)].map(([, code, meaning]) => [code, meaning]);
  expect(Object.fromEntries(rows)).toMatchObject(CHECK_WARNINGS);
});

test('the pace of a disk without room to measure it is not claimed', () => {
  const folder = { freeBytes: 3 << 19, locks: 'work' } as const;
  expect(writePaceText({ ...folder, writeBytesPerSecond: 2 << 20 })).toBe('2.0 MB/s written and synced');
  expect(writePaceText({ ...folder, writeBytesPerSecond: undefined })).toBe('how fast is not measured, as only 1.5 MB are free');
});
