import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { parseContract } from '#src/contract/load.js';
import { contractText } from '#src/contract/write.js';
import { score } from '#src/index.js';
import { fitBaseline } from '#src/profile/fit.js';
import { dataContract, updateDataContract } from '#src/run/profile/data-contract.js';
import { studyData, type StudiedData, type StudyRequest } from '#src/run/profile/study-data.js';

const fixtures = fileURLToPath(new URL('../../fixtures/', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'scoreline-study-'));
afterAll(() => rmSync(folder, { recursive: true }));
const isFrictionless = new Ajv({ strict: false }).compile(
  JSON.parse(readFileSync(join(fixtures, 'frictionless', 'tableschema-2.0.json'), 'utf8')) as object,
);

type Options = Partial<StudyRequest['options']>;

async function study(text: string, options: Options = {}, named: Partial<StudyRequest> = {}): Promise<StudiedData> {
  const input = join(folder, `${Math.random()}.csv`);
  writeFileSync(input, text);
  return studyData({ options: { workers: 1, ...options, input }, target: undefined, ids: [], date: undefined, ...named });
}

/** A table of one row for each of `rows`, by column. */
function table(rows: number, columns: Readonly<Record<string, (row: number) => string>>): string {
  const lines = Array.from({ length: rows }, (_, row) => Object.values(columns).map((cell) => cell(row)).join(',')); // prettier-ignore
  return [Object.keys(columns).join(','), ...lines].join('\n') + '\n';
}

const TYPES: Readonly<Record<string, readonly [type: string, cell: (row: number) => string]>> = {
  whole: ['integer', (row) => String((row * 7) % 13)],
  points: ['integer', (row) => `${(row * 7) % 13}.0`],
  fractions: ['number', (row) => String(((row * 7) % 13) / 4)],
  'one fraction': ['number', (row) => (row === 150 ? '0.5' : String(row % 5))],
  exponents: ['number', (row) => `${row % 7}e-2`],
  infinite: ['number', (row) => (row === 3 ? 'inf' : String(row % 9))],
  words: ['integer', (row) => ['NA', 'nan', '', ' ', String(row % 5)][row % 5] ?? ''],
  'a word too many': ['integer', (row) => (row === 7 ? 'unknown' : String(row % 5))],
  mixed: ['string', (row) => (row % 10 === 0 ? 'unknown' : String(row % 5))],
  codes: ['string', (row) => `0${10 + (row % 5)}`],
  'a code among numbers': ['string', (row) => (row === 9 ? '007' : String(row))],
  truth: ['boolean', (row) => ['True', 'false', 'NULL'][row % 3] ?? ''],
  days: ['date', (row) => `2026-06-${10 + (row % 20)}`],
  instants: ['datetime', (row) => `2026-06-${10 + (row % 20)}T10:00:00Z`],
  'days and words': ['string', (row) => (row % 20 === 0 ? 'NA' : '2026-06-10')],
  'days of no calendar': ['string', (row) => `2026-13-${10 + (row % 20)}`],
  'days behind blanks': ['string', (row) => ` 2026-06-${10 + (row % 20)}`],
  'zones without a colon': ['string', (row) => `2026-06-${10 + (row % 20)}T10:00:00+0200`],
  kinds: ['string', (row) => ['red', 'green'][row % 2] ?? ''],
  nothing: ['nothing', () => ''],
  'only NA': ['nothing', () => 'NA'],
  row: ['integer', (row) => String(row)],
};
const TABLE = table(200, Object.fromEntries(Object.entries(TYPES).map(([name, [, cell]]) => [name, cell])));

describe('the type of a column', () => {
  test('is told from all of its values', async () => {
    const { columns } = await study(TABLE);
    expect(Object.fromEntries(columns.map(({ figures, type }) => [figures.name, type]))).toEqual(Object.fromEntries(Object.entries(TYPES).map(([name, [type]]) => [name, type]))); // prettier-ignore
    const by = new Map(columns.map((column) => [column.figures.name, column]));
    expect(by.get('words')?.figures).toMatchObject({ count: 40, missing: 160, min: 4, max: 4 });
    expect(by.get('a word too many')).toMatchObject({ invalid: 1, figures: { count: 199, missing: 1, quantiles: { p50: 2 }, whole: true } });
    expect(by.get('infinite')?.figures).toMatchObject({ count: 200, min: 0, max: 8, whole: true });
    expect(by.get('mixed')?.figures).toMatchObject({ count: 200, missing: 0, distinct: 6, isExact: true, categories: [['1', 40], ['2', 40], ['3', 40], ['4', 40], ['0', 20], ['unknown', 20]] }); // prettier-ignore
    expect(by.get('truth')?.figures).toMatchObject({ kind: 'number', count: 134, missing: 66, mean: 0.5, grid: { cells: [[0, 67], [expect.any(Number), 67]] } }); // prettier-ignore
    expect(columns.filter(({ isKey }) => isKey).map(({ figures }) => figures.name)).toEqual(['row']);
  });

  test.each<[string, string, Options]>([
    ['in quotes, and at an end without a newline', 'a,x\nr,1\ns,1\nr,2\ns,2\nr,1\ns,"1"\nr,1', {}],
    ['behind blanks that are trimmed', 'x\n1\n1\n 1\n2\n2\n1\n1', { csv: { trim: true } }],
  ])('a number %s is the same category as it is elsewhere', async (_, text, options) => {
    const { columns } = await study(text, options);
    expect(columns.at(-1)?.figures).toMatchObject({ texts: [['1', 5], ['2', 2]] }); // prettier-ignore
  });

  test('and every figure are the same whoever reads the cells, however they are cut, and by however many workers', async () => {
    const cell = fc.oneof(
      fc.constantFrom(
        '',
        ' ',
        'NA',
        'nan',
        'inf',
        '-inf',
        'true',
        'FALSE',
        '007',
        '-0',
        '0',
        '+1',
        ' 1',
        '1 ',
        '1.',
        '.5',
        '1e2',
        '1e400',
        '"1"',
        '"a,b"',
        '" "',
        '2026-06-30',
        '٣',
        'a',
      ),
      fc.integer({ min: -1e6, max: 1e6 }).map(String),
      fc.double({ noNaN: true }).map(String),
    );
    const rows = fc.array(fc.tuple(cell, cell, fc.integer({ max: 9, min: 0 }).map(String)), { minLength: 1, maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(rows, async (drawn) => {
        const text = ['x,y,z', ...drawn.map((row) => row.join(','))].join('\n') + '\n';
        const whole = await study(text);
        expect(await study(text, { csv: { decoder: 'text' } })).toEqual(whole);
        expect(await study(text, { chunkBytes: 40, workers: 2 })).toEqual(whole);
      }),
      { numRuns: 12 },
    );
  }, 60_000);

  test('heeds what means "missing", decimal commas and blanks as a run does', async () => {
    const text = 'a;b;c\n-999;1,5; x\n1;2,25;y\n-999,0;3; x\n';
    const { columns } = await study(text, { nullValues: ['-999'], csv: { delimiter: ';', decimalComma: true, trim: true } });
    expect(columns.map(({ figures }) => figures)).toMatchObject([
      { count: 1, missing: 2, min: 1 },
      { count: 3, mean: 2.25 },
      { kind: 'text', categories: [['x', 2], ['y', 1]] }, // prettier-ignore
    ]);
  });

  test('is that of the schema in Arrow: texts that look like numbers stay texts', async () => {
    const input = join(fixtures, 'arrow', 'adult-head.arrows');
    const { columns, rows } = await studyData({ options: { input }, target: undefined, ids: [], date: undefined });
    expect(rows).toBe(500);
    const csv = await studyData({ options: { input: join(fixtures, 'arrow', 'adult-head.csv') }, target: undefined, ids: [], date: undefined });
    expect(columns.map(({ figures: { name, count, missing }, type }) => ({ name, count, missing, type }))).toEqual(csv.columns.map(({ figures: { name, count, missing }, type }) => ({ name, count, missing, type }))); // prettier-ignore
    expect(columns.find(({ figures }) => figures.name === 'age')?.figures).toEqual({ ...csv.columns.find(({ figures }) => figures.name === 'age')?.figures, texts: undefined }); // prettier-ignore
  });
});

describe('a header', () => {
  test.each<[string, string, Options, string]>([
    [
      'of one name that would split at ";"',
      'a;b;c\n1;2;3\n',
      {},
      "Give --delimiter ';'. If it is the name of one column: --skip-lines 1 --no-header --columns NAME.",
    ],
    [
      'of one name that would split at tabs',
      '#\na\tb\n1\t2\n',
      { csv: { skipLines: 1 } },
      'Give --delimiter tab. If it is the name of one column: --skip-lines 2 --no-header --columns NAME.',
    ],
    [
      'of one name that would split at ","',
      'a,b\n1,2\n',
      { csv: { delimiter: ';' } },
      "Give --delimiter ','. If it is the name of one column: --skip-lines 1 --no-header --columns NAME.",
    ],
    [
      'of numbers',
      '5.1,3.5,red\n4.9,3.0,blue\n',
      {},
      'The first line looks like data, not like a header: --no-header --columns NAMES. If they are names: --skip-lines 1 --no-header --columns NAMES.',
    ],
    [
      'of whole numbers that do not count up',
      '3,1,2\n4,5,6\n',
      {},
      'The first line looks like data, not like a header: --no-header --columns NAMES. If they are names: --skip-lines 1 --no-header --columns NAMES.',
    ],
  ])('%s is refused, as no model says which columns there must be', async (_, text, options, fix) => {
    await expect(study(text, options)).rejects.toMatchObject({ code: 'bad-header', place: { line: options.csv?.skipLines === 1 ? 2 : 1 }, fix });
  });

  test.each<[string, string, Options, boolean]>([
    ['numbers that count up', '1,2,3\n4,5,6\n', {}, true],
    ['years behind a name', 'country,2019,2020,2021\nNL,1,2,3\n', {}, true],
    ['names, a few of them numbers', 'a,b,c,7\n1,2,3,4\n', {}, false],
    ['one name', 'x\n1\n', {}, false],
    ['names that were given', '1;2\n3;4\n', { csv: { header: false, columns: ['a;b'] } }, false],
  ])('of %s is taken as it is; where it may be data that is said', async (_, text, options, isHeaderDoubtful) => {
    expect(await study(text, options)).toMatchObject({ isHeaderDoubtful });
  });
});

describe('a contract of data alone', () => {
  const made = (data: StudiedData, ids: string[] = [], target?: string) => dataContract({ data, ids, target, source: 'train.csv', at: new Date(0) });

  test('has schema and baseline and nothing of a model, is one of Frictionless, and can be read', async () => {
    const contract = made(await study(TABLE, {}, { ids: ['codes'], target: 'kinds', date: 'days' }), ['codes'], 'kinds');
    const read = await parseContract(Buffer.from(contractText(contract)), 'c.json');
    expect(isFrictionless(contract.schema as object), JSON.stringify(isFrictionless.errors)).toBe(true);
    expect(Object.keys(contract)).toEqual(['version', 'ids', 'target', 'schema', 'trainedThrough', 'baseline']);
    expect(read.trainedThrough).toBe('2026-06-29');
    const names = read.baseline?.columns.map(({ name }) => name);
    expect(names).not.toEqual(expect.arrayContaining(['codes']));
    expect(names).not.toEqual(expect.arrayContaining(['kinds']));
    expect(read.schema?.fields.find(({ name }) => name === 'row')).toEqual({ name: 'row', type: 'integer', constraints: { required: true } });
    expect(names).not.toEqual(expect.arrayContaining(['row']));
  });

  test.each<[string, string]>([
    ['one row', 'a,b\n1,x\n'],
    ['blank columns', 'a,b\n,\n,\n,\n'],
    ['infinities', 'a,b\ninf,1\ninf,2\n-inf,3\n1,4\n'],
    ['constant columns', table(50, { a: () => '1', b: () => 'x', c: () => 'true' })],
  ])('of %s can be read, and run by', async (_, text) => {
    const contract = made(await study(text));
    await expect(parseContract(Buffer.from(contractText(contract)), 'c.json')).resolves.toBeDefined();
  });

  test('is a baseline for a model that was made elsewhere: the same data has not drifted, other data has', async () => {
    const input = join(fixtures, 'adult', 'adult.csv');
    const data = await studyData({ options: { input }, target: 'income', ids: [], date: undefined });
    const path = join(folder, 'adult.data.json');
    writeFileSync(path, contractText(made(data, [], 'income')));
    const drift = async (file: string): Promise<{ columns: { column: string; verdict: string }[] }> => {
      const journal = join(folder, `${Math.random()}.jsonl`);
      await score({ model: join(fixtures, 'adult', 'adult.onnx'), input: file, output: join(folder, 'out.csv'), contract: path, journal });
      const lines = readFileSync(journal, 'utf8').trim().split('\n').map((line) => JSON.parse(line) as { kind: string; drift?: { columns: { column: string; verdict: string }[] } }); // prettier-ignore
      return lines.find(({ kind }) => kind === 'COMMIT')?.drift ?? { columns: [] };
    };
    const same = await drift(input);
    expect(same.columns).toHaveLength(14);
    expect(same.columns.every(({ verdict }) => verdict === 'same')).toBe(true);
    const older = readFileSync(input, 'utf8').replace(/^(\d+)/gm, (age) => String(Number(age) + 20));
    writeFileSync(join(folder, 'older.csv'), `${older}\r\n`);
    expect((await drift(join(folder, 'older.csv'))).columns.filter(({ verdict }) => verdict === 'drift').map(({ column }) => column)).toEqual([
      'age',
    ]);
  }, 30_000);

  test('compares whole numbers as texts where the model takes them as such', async () => {
    const { columns } = await study(table(60, { class: (row) => String(1 + (row % 3)), price: (row) => String(row / 7) }));
    const baseline = { rows: 60, columns: columns.map(({ figures }) => figures), scores: [] };
    const text = (name: string) => ({ name, kind: 'text' as const, count: 60, missing: 0, categories: [], other: 60 });
    const fitted = fitBaseline(baseline, { rows: 60, columns: [text('class'), text('price')], scores: [] });
    expect(fitted.columns).toMatchObject([{ kind: 'text', count: 60, other: 0, categories: [['1', 20], ['2', 20], ['3', 20]] }, { kind: 'number' }]); // prettier-ignore
  });

  test('keeps what people have written in it where it is measured anew', async () => {
    const data = await study('a,b\n1,x\n2,x\n3,y\n4,y\n');
    const old = { ...made(data), expires: '2099-12-31', rules: { a: { onOutOfRange: 'reject' as const } } };
    const anew = updateDataContract(old, { data: await study('a,b\n1,x\n9,x\n'), ids: [], target: undefined, source: 'later.csv', at: new Date(0) });
    expect(anew).toMatchObject({ expires: '2099-12-31', rules: old.rules, schema: old.schema, baseline: { rows: 2, source: { name: 'later.csv' } } });
  });

  test('is not made of no rows', async () => {
    await expect(study('a,b\n')).rejects.toMatchObject({ code: 'no-rows', status: 65 });
    await expect(study('a,b\n1\n', { maxRejects: { kind: 'share', share: 1 } })).rejects.toMatchObject({ code: 'no-rows' });
    await expect(study('a,b\n1,2\n', {}, { target: 'c' })).rejects.toMatchObject({ code: 'unknown-column', status: 64 });
  });
});
