import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkText } from '#src/cli/job/check-text.js';
import { failed, ok, warning, type Finding } from '#src/job/check/finding.js';
import { InputError } from '#src/errors/errors.js';

const screen = (findings: readonly Finding[], how: { verbose?: boolean; quiet?: boolean } = {}): string =>
  checkText({ what: '/srv/churn/inbox/customers of the north.csv', findings, seconds: 0.8, verbose: false, quiet: false, ...how });
const lines = (text: string): string[] => text.trimEnd().split('\n');

const words = (most: number): fc.Arbitrary<string> => fc.array(fc.stringMatching(/^[a-z]{1,90}$/), { minLength: 1, maxLength: most }).map((all) => all.join(' ')); // prettier-ignore
const evidence = fc.record({ lines: fc.array(words(9), { maxLength: 60 }), fix: fc.option(words(20), { nil: undefined }) });
const finding: fc.Arbitrary<Finding> = fc
  .tuple(fc.constantFrom('ok', 'warning', 'failed'), words(20), evidence, fc.nat(99))
  .map(([level, text, more, index]) => {
    if (level === 'ok') return ok('first rows', text, more);
    if (level === 'warning') return warning('categories', 'unseen-category', text, more);
    return failed('input', new InputError(`code-${index}`, text, { place: { file: `/srv/${'x'.repeat(120)}.csv`, row: index } }), more);
  });

describe('a screen', () => {
  test('holds 23 lines of 80 characters whatever was found, every error with its code as long as there is room', () => {
    fc.assert(
      fc.property(fc.array(finding, { minLength: 1, maxLength: 40 }), (findings) => {
        const shown = lines(screen(findings));
        expect(shown.length).toBeLessThanOrEqual(23);
        for (const line of shown) expect(line.length).toBeLessThanOrEqual(80);
        if (shown.some((line) => line.includes('-v lists them'))) return;
        const codes = findings.flatMap(({ error }) => (error === undefined ? [] : [`[${error.code}, 65]`]));
        expect(codes.filter((code) => !shown.join('\n').includes(code))).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  test('says how much is left out, and -v leaves nothing out', () => {
    const columns = Array.from({ length: 415 }, (_, index) => `column_${index}: all 1,000 rows`);
    const found = [warning('values', 'values-not-read', 'column_0 and 414 more columns: text where the model takes a number', { lines: columns })];
    expect(lines(screen(found)).at(-1)).toBe('             and 408 more');
    expect(lines(screen(found, { verbose: true }))).toHaveLength(418);
    const many = Array.from({ length: 30 }, () => failed('inputs', new InputError('some-code', 'something is wrong', { fix: 'Mend it.' })));
    expect(screen([...many, ok('model', 'm.onnx')])).toMatch(/\n {2}and 21 more that failed or warn: -v lists them\n {2}ok {7}model\n$/);
  });

  test('tells what failed first, and what to do', () => {
    const found = [ok('model', 'm.onnx'), warning('time', 'little-time', 'it will not do'), failed('input', new InputError('input-missing', 'there is no file a.csv', { status: 'missing', fix: 'Check the path.' }))]; // prettier-ignore
    expect(lines(screen(found)).slice(2)).toEqual([
      '  FAILED   input       there is no file a.csv [input-missing, 66]',
      '           to do: Check the path.',
      '  warning  time        it will not do',
      '  ok       model       m.onnx',
    ]);
    expect(lines(screen(found))[0]).toBe('/srv/churn/inbox/customers of the north.csv: 1 of 3 checks failed (0.80 s;');
  });

  test('that is to be quiet shows only what failed, and nothing where nothing did', () => {
    const bad = failed('input', new InputError('no-rows', 'no row'));
    const well = [ok('model', 'm.onnx'), warning('time', 'little-time', 'it will not do')];
    expect(screen(well, { quiet: true })).toBe('');
    expect(lines(screen([...well, bad], { quiet: true })).slice(2)).toEqual(['  FAILED   input       no row [no-rows, 65]']);
  });

  test('shows what stands in a file, and none of it moves the cursor', () => {
    expect(screen([warning('values', 'values-not-read', 'a\u001b[2J', { lines: ['\u0007b'] })])).toContain('a\\x1b[2J');
  });
});
