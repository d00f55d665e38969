import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ColumnSurvey } from '#src/job/check/column-survey.js';
import type { Survey } from '#src/job/check/survey.js';
import { unseenFindings } from '#src/job/check/unexpected.js';
import { fixture, tempFolder } from '../../support/command.js';
import { ADULT, adultRows, check, csvFile, withCells } from './support.js';

const ROWS = adultRows(60);
const upper = (name: string): string => name.toUpperCase().replace('_', '-');

describe('a good file', () => {
  test('is good, in one screen, with every row of it read', async () => {
    const { codes, status, screen, of } = await check({ model: ADULT, input: csvFile(ROWS) });
    expect([codes, status]).toEqual([[], 0]);
    expect(of('first-rows').details).toMatchObject({ rows: 60, isWhole: true, scored: 60, rejected: 0 });
    expect(of('columns').details).toMatchObject({ kept: ['income'], output: ['income', 'prediction', 'probability_<=50K', 'probability_>50K'] });
    expect(screen.split('\n').length).toBeLessThanOrEqual(24);
  });

  test('as Arrow, too', async () => {
    const { status, of } = await check({ model: ADULT, input: fixture('arrow', 'adult-head.arrows') });
    expect([status, of('first-rows').details]).toEqual([0, expect.objectContaining({ rows: 500, isWhole: true, rejected: 0 })]);
    const typed = await check({
      model: fixture('california', 'california-trees.onnx'),
      input: fixture('arrow', 'california-head.arrow'),
      output: join(tempFolder(), 'out.arrow'),
    });
    expect([typed.status, typed.codes, typed.of('first-rows').details]).toEqual([
      0,
      [],
      expect.objectContaining({ rows: 500, scored: 500, rejected: 0 }),
    ]);
    expect((typed.of('room').details as { neededBytes: number }).neededBytes).toBeGreaterThan(500 * 4);
  });

  test('whose columns stand in another order, which is said', async () => {
    const { status, of } = await check({ model: ADULT, input: csvFile(ROWS.map((row) => row.toReversed())) });
    expect([status, of('columns').text]).toEqual([0, expect.stringContaining('bound by name in another order')]);
  });
});

describe('a header that is not that of the model', () => {
  test('is 65, names what each column may be called, and the rest is looked at as if it were', async () => {
    const rows = withCells(ROWS, 'age', (row, old) => (row === 7 ? 'old' : old)).map((row, index) => (index === 0 ? row.map(upper) : row));
    const { status, of } = await check({ model: ADULT, input: csvFile(rows) });
    expect(status).toBe(65);
    expect(of('missing-column').lines).toContain('"education_num": it has "EDUCATION-NUM"');
    expect(of('missing-column').details).toMatchObject({ missing: [], flags: expect.stringContaining('--bind age=AGE --bind workclass=WORKCLASS') as string });
    expect(of('values-not-read').details).toMatchObject({ columns: [{ column: 'age', unread: 1, first: { row: 7, line: 8, value: 'old' } }] });
  }); // prettier-ignore

  test('gets the flag that binds a column with a slip in its name, and what is not there is told apart', async () => {
    const at = ROWS[0]!.indexOf('race');
    const rows = ROWS.map((row, index) => row.map((cell) => (index === 0 && cell === 'sex' ? 'sexx' : cell)).toSpliced(at, 1));
    const { status, of } = await check({ model: ADULT, input: csvFile(rows) });
    const { text, lines, fix } = of('missing-column');
    expect([status, text]).toEqual([65, '2 of 14 columns that the model reads are missing from the input']);
    expect(lines).toEqual(['"sex": it has "sexx"', '"race": it has nothing like it']);
    expect(fix).toBe('If it is the same column: --bind sex=sexx');
    expect(of('first-rows').text).toBe('all 60 rows read, none rejected');
  });

  test('names the columns of a matrix anew by flags that score it', async () => {
    const model = fixture('diamonds', 'diamonds.onnx');
    const text = readFileSync(fixture('diamonds', 'diamonds.csv'), 'utf8').split('\n').slice(0, 20).join('\n').replace('"carat"', '"Carat"');
    const input = join(tempFolder(), 'in.csv');
    writeFileSync(input, `${text}\n`);
    const { of } = await check({ model, input });
    const { flags } = of('missing-column').details as { flags: string };
    expect(flags).toBe('--skip-lines 1 --no-header --columns carat,cut,color,clarity,depth,table,price,x,y,z');
    const again = await check({ model, input, csv: { skipLines: 1, header: false, columns: flags.split(' ').at(-1)!.split(',') } });
    expect([again.status, again.codes]).toEqual([0, []]);
  });

  test.each([
    ['at another delimiter', () => csvFile(ROWS, ';'), "Give --delimiter ';'; what follows was read so."],
    ['behind a preamble', () => csvFile([['Export of May'], [''], ...ROWS]), 'Give --skip-lines 2; what follows was read so.'],
  ])('is found %s, and the rest is looked at there', async (_, input, fix) => {
    const { status, codes, of } = await check({ model: ADULT, input: input() });
    expect([status, codes, of('missing-column').fix]).toEqual([65, ['missing-column'], fix]);
    expect(of('first-rows').details).toMatchObject({ rows: 60, rejected: 0, scored: 60 });
  });

  test('that is data is told as such, and none of it is shown', async () => {
    const { status, of, screen } = await check({ model: ADULT, input: csvFile(ROWS.slice(1)) });
    expect([status, of('missing-column').fix]).toEqual([65, 'The first line looks like data, not like a header: --no-header --columns NAMES.']);
    expect(screen).not.toContain('154210');
  });

  test('of 5,000 columns too many is one screen', async () => {
    const names = Array.from({ length: 5000 }, (_, index) => `extra_${index}`);
    const input = csvFile(ROWS.slice(0, 10).map((row, index) => [...row.slice(0, 10), ...names.map((name) => (index === 0 ? name : '1'))]));
    const { status, screen, of } = await check({ model: ADULT, input });
    expect([status, of('missing-column').text]).toEqual([65, '4 of 14 columns that the model reads are missing from the input']);
    expect(screen).toContain('(5,000 in');
    expect(screen.split('\n').length).toBeLessThanOrEqual(24);
  });
});

describe('values that the model cannot take are recognised, with what mends them', () => {
  test.each([
    ['a decimal comma', 'age', '38,5', 'decimal-comma', 'Give --decimal-comma.'],
    ['thousands', 'fnlwgt', '154,210', 'thousands', expect.stringContaining('no flag takes such signs off')],
    ['a currency', 'capital_gain', '$2829', 'currency', expect.stringContaining('no flag')],
    ['dates', 'hours_per_week', '2024-01-31', 'date', expect.stringContaining('it takes a number')],
    ['a sign for a missing value', 'capital_loss', '?', 'placeholder', expect.stringContaining("--null-value '?'")],
    ['text', 'age', 'forty', 'other', expect.stringContaining('the column that was meant')],
  ])('%s', async (_, column, cell, shape, fix) => {
    const rows = withCells(ROWS, column, (row, old) => (row % 10 === 3 ? cell : old));
    const { status, of } = await check({ model: ADULT, input: csvFile(rows, ';'), csv: { delimiter: ';' } });
    const { details, fix: told } = of('values-not-read');
    expect(details).toEqual({
      code: 'not-a-number',
      shape,
      columns: [{ column, type: 'float32', rows: 60, read: 54, missing: 0, unread: 6, first: { row: 3, line: 4, value: cell } }],
    });
    expect([told, status]).toEqual([fix, 65]);
    expect(of('too-many-rejects')).toMatchObject({ subject: 'first rows', text: '6 of 60 rows are rejected, none allowed: not-a-number 6', details: { byCode: { 'not-a-number': 6 } } });
  }); // prettier-ignore

  test('by the flag that was named', async () => {
    const rows = withCells(
      withCells(ROWS, 'age', () => '38,5'),
      'capital_loss',
      (row, old) => (row % 10 === 3 ? '?' : old),
    );
    const { status, codes } = await check({
      model: ADULT,
      input: csvFile(rows, ';'),
      csv: { delimiter: ';', decimalComma: true },
      nullValues: ['?'],
    });
    expect([status, codes]).toEqual([0, ['non-finite-prediction']]); // the model was never trained without a value there
  });

  test('each column is judged by itself, whatever is wrong with those before it', async () => {
    const rows = withCells(withCells(ROWS, 'age', () => 'x1'), 'hours_per_week', (row, old) => (row === 60 ? 'never' : old));
    const { of } = await check({ model: ADULT, input: csvFile(rows) });
    expect(of('values-not-read').lines).toEqual(['age: all 60 rows, "x1" first in row 1, line 2', 'hours_per_week: 1 of 60 rows, "never" first in row 60, line 61']);
  }); // prettier-ignore

  test('are not shown where the journal may not show them', async () => {
    const rows = withCells(
      withCells(ROWS, 'age', () => 'secret1'),
      'sex',
      () => 'secret2',
    );
    const { screen, findings } = await check({ model: ADULT, input: csvFile(rows), journalValues: 'none' });
    expect(screen).toContain('age: all 60 rows, first in row 1, line 2');
    expect(JSON.stringify(findings.map(({ text, lines, details }) => ({ text, lines, details })))).not.toContain('secret');
  });
});

describe('values that the model has never seen', () => {
  test.each([
    ['blanks', (old: string) => old.trim(), ' Male', 'Only blanks differ: the training data has them around its values, so the export must have them, too.'],
    ['case', (old: string) => old.toUpperCase(), ' Male', 'Only upper and lower case differ: write the values as in the training data.'],
    ['spelling', (old: string) => old.replace('Male', 'Mlae').replace('Female', 'Femlae'), ' Male', 'They come near to known ones: write the values as in the training data.'],
  ])('are warned of with the known one, where %s differ', async (nearness, change, near, fix) => {
    const { status, of } = await check({ model: ADULT, input: csvFile(withCells(ROWS, 'sex', (_, old) => change(old))) });
    const found = of('unseen-category');
    expect([status, found.fix]).toEqual([0, fix]);
    const [column] = (found.details as { columns: { column: string; unseen: number; values: { nearness: string; near: string }[] }[] }).columns;
    expect([column?.column, column?.unseen, column?.values[0]]).toEqual(['sex', 60, expect.objectContaining({ nearness, near })]);
  }); // prettier-ignore

  test('are compared with every category for slips where they are among the most frequent, however many there are', () => {
    const word = (row: number): string => `w${String(row * 7919).padStart(12, 'abcdefghijk')}`;
    const categories = Array.from({ length: 1000 }, (_, row) => word(row));
    const field = { name: 'x', expected: { categories } } as unknown as ColumnSurvey['field'];
    const unseen = Array.from({ length: 10_000 }, (_, row) => ({ value: `${word(row).slice(0, -1)}?`, record: row, rows: 1 }));
    const [found] = unseenFindings({ columns: [{ field, rows: 10_000, unseen }], placeOf: () => ({}) } as unknown as Survey, { model: '-', input: '-', output: '-', onUnseen: 'allow' });
    const [column] = (found?.details as { columns: { values: { nearness: string }[] }[] }).columns;
    expect(column?.values.map(({ nearness }) => nearness).slice(18, 22)).toEqual(['spelling', 'spelling', 'new', 'new']);
  }); // prettier-ignore

  test('are counted by value, and told what becomes of them', async () => {
    const rows = withCells(ROWS, 'occupation', (row, old) => (row % 20 === 0 ? ' Astronaut' : row === 5 ? ' Alchemist' : old));
    const { of } = await check({ model: ADULT, input: csvFile(rows) });
    expect(of('unseen-category')).toMatchObject({ text: 'occupation: values that the model has never seen, scored all the same', lines: ['occupation: 4 of 60 rows; " Astronaut" and 1 more'] }); // prettier-ignore
    const strict = await check({ model: ADULT, input: csvFile(rows), onUnseen: 'reject' });
    expect([strict.status, strict.of('too-many-rejects').text]).toEqual([65, '4 of 60 rows are rejected, none allowed: unseen-category 4']);
    expect(strict.of('unseen-category').text).toContain('rejected');
  });
});

describe('rows that are rejected', () => {
  const broken = (every: number): string => csvFile(ROWS.map((row, index) => (index > 0 && index % every === 0 ? [...row, 'more'] : row)));

  test('are 65 where the run is sure to end so, and a warning where it may not', async () => {
    const none = await check({ model: ADULT, input: broken(20) });
    expect([none.status, none.codes]).toEqual([65, ['too-many-rejects']]);
    const some = await check({ model: ADULT, input: broken(20), maxRejects: { kind: 'rows', rows: 3 } });
    expect([some.status, some.codes]).toEqual([0, ['rows-rejected']]);
    const share = await check({ model: ADULT, input: broken(20), maxRejects: { kind: 'share', share: 0.01 } });
    expect([share.status, share.codes]).toEqual([65, ['too-many-rejects']]); // the whole input was read
  });

  test.each([
    ['a delimiter at the end of each line', () => csvFile(ROWS.map((row, index) => (index === 0 ? row : [...row, '']))), /--ragged fill cuts it off/],
    ['cells left out at the end', () => csvFile(ROWS.map((row, index) => (index === 0 ? row : row.slice(0, 13)))), /--ragged fill/],
    ['quotes escaped by a backslash', () => csvFile(ROWS.map((row, index) => (index === 0 ? row : row.with(1, '"a \\" b"')))), /--escape '\\'/],
  ])('by %s are told what mends them', async (_, input, fix) => {
    expect((await check({ model: ADULT, input: input() })).of('too-many-rejects').fix).toMatch(fix);
  });

  test('for bytes that are not UTF-8 are told of the encoding', async () => {
    const input = csvFile(ROWS);
    appendFileSync(input, Buffer.from(`${ROWS[1]!.with(13, ' Curaçao').join(',')}\n`, 'latin1'));
    expect((await check({ model: ADULT, input })).of('too-many-rejects')).toMatchObject({ fix: expect.stringContaining('--encoding windows-1252') as string });
    const { status, of } = await check({ model: ADULT, input, csv: { encoding: 'windows-1252' } });
    expect([status, of('unseen-category').lines]).toEqual([0, ['native_country: 1 of 61 rows; " Curaçao"']]);
  }); // prettier-ignore

  test.each([
    ['no byte', '', 'empty-input', 65],
    ['a header and no row', `${ROWS[0]!.join(',')}\n`, 'no-rows', 65],
  ])('and an input of %s', async (_, text, code, status) => {
    const input = join(tempFolder(), 'in.csv');
    writeFileSync(input, text);
    expect(await check({ model: ADULT, input })).toMatchObject({ codes: [code], status });
  });
});

describe('what else would fail is told at once', () => {
  test('a contract of another model, a column that goes by another name, and a folder that is not there', async () => {
    const rows = ROWS.map((row, index) => (index === 0 ? row.with(0, 'Age') : row));
    const contract = fixture('diamonds', 'diamonds.contract.json');
    const { status, codes } = await check({ model: ADULT, contract, input: csvFile(rows), output: join(tempFolder(), 'none', 'out.csv') });
    expect([status, codes.toSorted()]).toEqual([73, ['contract-of-another-model', 'missing-column', 'output-folder-missing']]);
  });

  test('a model and an input that are not there', async () => {
    expect(await check({ model: 'none.onnx', input: 'none.csv' })).toMatchObject({ status: 66, codes: ['model-missing', 'input-missing'] });
  });

  test('and nothing is left behind', async () => {
    const folder = tempFolder();
    await check({ model: ADULT, input: csvFile(ROWS), output: join(folder, 'out.csv') });
    expect(readdirSync(folder)).toEqual([]);
  });
});
