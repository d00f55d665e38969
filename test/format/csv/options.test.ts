import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Batch } from '#src/batch/batch.js';
import type { ElementType } from '#src/batch/element.js';
import type { Layout, MissingRule } from '#src/batch/layout.js';
import type { CsvDecoderSetup, CsvInputOptions } from '#src/format/csv/setup.js';
import { checkOptions } from '#src/run/validate.js';
import { openBothDecoders } from './both.js';
import { bytesOf, COMMA, readCsv, uncut, type ReadOptions } from './harness.js';

const read = (text: string, csv: CsvInputOptions, options: ReadOptions = {}) => readCsv(bytesOf(text), { ...options, csv });

/** Reads one column of numbers in a table of two, the second a text. */
async function numbers(text: string, type: ElementType, setup: Partial<CsvDecoderSetup>, onMissing: MissingRule = { kind: 'nan' }) {
  const layout: Layout = {
    tensors: [{ type, width: 1 }, { type: 'string', width: 1 }], // prettier-ignore
    fields: [
      { name: 'x', column: 0, tensor: 0, at: 0, type, onMissing },
      { name: 's', column: 1, tensor: 1, at: 0, type: 'string', onMissing: { kind: 'empty' } },
    ],
    kept: [],
  };
  const decoder = await openBothDecoders(
    { format: 'csv', dialect: { ...COMMA, delimiter: ';' }, columns: 2, recordLimitBytes: 1000, nullValues: undefined, ...setup },
    layout,
  );
  const batch = new Batch(layout);
  decoder.decode({ index: 0, bytes: bytesOf(text), offset: 0 }, batch);
  const [xs, texts] = batch.tensors.map((tensor) => Array.from(tensor.values as ArrayLike<unknown>).slice(0, batch.rows));
  return { xs, texts, rejects: batch.rejects, missing: [...batch.missing] };
}

describe('--ragged fill', () => {
  const text = 'a,b,c\n1\n1,2\n1,2,3\n1,2,3,\n1,2,3,,""\n1,2,3,4\n1,2,3,,5\n"x"y\n';

  test('takes what is not there as missing and drops empty fields behind', async () => {
    const { records } = await read(text, { ragged: 'fill' });
    expect(records.map(({ cells, code }) => cells ?? code)).toEqual([
      ['1', '', ''],
      ['1', '2', ''],
      ['1', '2', '3'],
      ['1', '2', '3'],
      ['1', '2', '3'],
      'ragged-row',
      'ragged-row',
      'bad-quote',
    ]);
    expect(records[6]?.message).toBe('found 5 fields, expected 3 and nothing in those behind');
    expect(records.slice(0, 3).map(({ kept, rawCells }) => [kept, rawCells])).toEqual([
      [['1', null, null], ['1', '', '']],
      [['1', '2', null], ['1', '2', '']],
      [['1', '2', '3'], ['1', '2', '3']],
    ]); // prettier-ignore
    for (const chunkBytes of [1, 5, 9]) expect(uncut(await read(text, { ragged: 'fill' }, { chunkBytes, stride: 2 })).records).toEqual(records);
  });

  test('counts what it fills in, and rejects where a value must be there', async () => {
    expect(await numbers('1\n2;b\n', 'float32', { ragged: 'fill' })).toMatchObject({ xs: [1, 2], texts: ['', 'b'], missing: [0, 1] });
    const { rejects } = await numbers('""\n', 'int8', { ragged: 'fill' }, { kind: 'reject' });
    expect(rejects).toMatchObject([{ code: 'missing-value', column: 'x' }]);
  });

  test('takes no blank line for a record, and no field with bytes that are not UTF-8', async () => {
    const { records } = await readCsv(Buffer.from('a,b\n1\n\n\xff\n', 'latin1'), { csv: { ragged: 'fill' } });
    expect(records.map(({ code, line }) => [code, line])).toEqual([[null, 2], ['invalid-utf8', 4]]); // prettier-ignore
  });

  test('is not the default', async () => {
    expect((await read(text, {})).records.map(({ code }) => code)).toEqual(['ragged-row', 'ragged-row', null, 'ragged-row', 'ragged-row', 'ragged-row', 'ragged-row', 'bad-quote']); // prettier-ignore
  });
});

describe('--trim', () => {
  test('takes blanks off unquoted names and values; kept cells stay raw', async () => {
    const { names, records } = await read(' id ,\tname,"q "\n 1 ,\t a b\t," x "\n  ,\u00a0y,\n', { trim: true });
    expect(names).toEqual(['id', 'name', 'q ']);
    expect(records.map(({ cells }) => cells)).toEqual([['1', 'a b', ' x '], ['', '\u00a0y', '']]); // prettier-ignore
    expect(records[0]?.rawCells).toEqual([' 1 ', '\t a b\t', '" x "']);
    expect(records[0]?.kept).toEqual([' 1 ', '\t a b\t', ' x ']);
  });

  test('moves no quote: one behind a blank is still within an unquoted field', async () => {
    expect((await read('a,b\n1, "x"\n', { trim: true })).records).toMatchObject([{ code: 'bad-quote' }]);
  });

  test('finds names that are the same without blanks, or nothing', async () => {
    await expect(read('a, a\n', { trim: true })).rejects.toMatchObject({ code: 'duplicate-column' });
    await expect(read('a,  \n', { trim: true })).rejects.toMatchObject({ code: 'empty-column-name' });
  });

  test('matches null values of text, and makes blanks in text missing', async () => {
    const rows = '1; ? \n2;"? "\n3;  \n';
    expect(await numbers(rows, 'float32', { trim: true, nullValues: ['?'] })).toMatchObject({ texts: ['', '? ', ''], missing: [0, 2] });
    expect(await numbers(rows, 'float32', { nullValues: ['?'] })).toMatchObject({ texts: [' ? ', '? ', '  '], missing: [0, 0] });
  });

  test('lets blanks behind the last column be dropped', async () => {
    expect((await read('a,b\n1,2, \n', { trim: true, ragged: 'fill' })).records).toMatchObject([{ cells: ['1', '2'] }]);
    expect((await read('a,b\n1,2, \n', { ragged: 'fill' })).records).toMatchObject([{ code: 'ragged-row' }]);
  });
});

describe('--decimal-comma', () => {
  const comma = { decimal: ',' } as const;

  test.each<[string, number]>([['1,5', 1.5], [' -,5 ', -0.5], ['5,', 5], ['+1,25e-2', 0.0125], ['3', 3], ['inf', Infinity]])('%j is %d', async (text, value) => {
    expect((await numbers(`${text};a\n`, 'float64', comma)).xs).toEqual([value]);
  }); // prettier-ignore

  test.each(['1.5', '1.000,5', '1,5,2', '1.000', ',', '1,5%', '1 000,5'])('%j is no number', async (text) => {
    expect((await numbers(`${text};a\n`, 'float64', comma)).rejects).toMatchObject([
      {
        code: 'not-a-number',
        value: text,
        message: `found text of ${text.length} character${text.length === 1 ? '' : 's'}, expected a number with a decimal comma (float64)`,
      },
    ]);
  });

  test('holds for whole numbers and null values, and not for text', async () => {
    expect(await numbers('3,0;1,5\n3,5;\n1e400;\n', 'int64', comma)).toMatchObject({
      xs: [3n],
      texts: ['1,5'],
      rejects: [{ code: 'not-an-integer' }, { code: 'out-of-range' }],
    });
    expect(await numbers('-999,50;a\nn.a.;b\n-999.5;c\n', 'float64', { ...comma, nullValues: ['-999,5', 'N.A.'] })).toMatchObject({
      xs: [NaN, NaN],
      missing: [2, 0],
      rejects: [{ code: 'not-a-number' }],
    });
  });

  test('leaves what a contract gives with its point', async () => {
    expect(await numbers(';a\n', 'float64', comma, { kind: 'value', text: '2.5' })).toMatchObject({ xs: [2.5], missing: [1, 0] });
  });

  test('every double that is written with a comma reads back equal', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.double({ noNaN: true }).filter((value) => !Object.is(value, -0)),
        async (value) => {
          const text = String(value).replace('.', ',').replace('Infinity', 'inf');
          expect((await numbers(`${text};a\n`, 'float64', comma)).xs).toEqual([value]);
        },
      ),
    );
  });

  test('needs quotes where the delimiter is a comma, and is refused where there are none', async () => {
    expect((await read('a,b\n"1,5",2\n', { decimalComma: true })).records).toMatchObject([{ cells: ['1,5', '2'] }]);
    await expect(read('a,b\n', { decimalComma: true, quote: '' })).rejects.toMatchObject({ code: 'csv-dialect', status: 64 });
    expect((await read('a;b\n', { decimalComma: true, quote: '', delimiter: ';' })).names).toEqual(['a', 'b']);
  });
});

describe('--skip-lines', () => {
  test('passes over a preamble of any kind; lines and bytes stay those of the file', async () => {
    for (const [preamble, lines] of [['made by "x\n', 1], ['\n,,"\r\n\r', 3], ['sep=;\r\n', 1]] as const) {
      for (const mark of ['', '\uFEFF']) {
        const file = await read(`${mark}${preamble}a,b\n1,2\n`, { skipLines: lines });
        const byte = Buffer.byteLength(mark + preamble) + 4;
        expect(file).toMatchObject({ names: ['a', 'b'], headLines: lines + 1, lines: lines + 2, records: [{ row: 1, line: lines + 2, byte }] });
      }
    }
  }); // prettier-ignore

  test('of lines longer than a look ahead, and of line ends at its edge', async () => {
    for (const end of ['\n', '\r\n', '\r']) {
      for (const length of [65_534, 65_535, 65_536, 65_537, 200_000]) {
        const { names, records } = await read(`${'x'.repeat(length)}${end}y${end}a,b${end}1,2${end}`, { skipLines: 2 });
        expect({ names, records }).toMatchObject({ names: ['a', 'b'], records: [{ line: 4 }] });
      }
    }
  });

  test('stands before the first record where there is no header', async () => {
    const file = await read('#\n1,2\n3\n', { skipLines: 1, header: false, columns: ['a', 'b'] });
    expect(file).toMatchObject({ headLines: 1, records: [{ line: 2, byte: 2 }, { line: 3, code: 'ragged-row' }] }); // prettier-ignore
    await expect(read('#\n1\n', { skipLines: 1, header: false, columns: ['a', 'b'] })).rejects.toMatchObject({ place: { row: 1, line: 2 } });
  });

  test('errors of the header name its line', async () => {
    await expect(read('#\n\na,a\n', { skipLines: 1 })).rejects.toMatchObject({ code: 'duplicate-column', place: { line: 3 } });
    await expect(read('#\na,"b\n', { skipLines: 1 })).rejects.toMatchObject({ code: 'bad-header', place: { line: 2 } });
  });

  test('more lines than the file has are refused', async () => {
    const refused = { code: 'empty-input', status: 65 };
    await expect(read('1\n2\n', { skipLines: 3 })).rejects.toMatchObject({
      ...refused,
      message: 'found only 2 lines in data.csv, expected more than the 3 of --skip-lines',
    });
    await expect(read('1\n2\n', { skipLines: 2 })).rejects.toMatchObject({
      ...refused,
      message: 'found no header line in data.csv behind the 2 lines that --skip-lines passes over, expected the column names',
    });
  });

  test("Excel's line before the header is told by its name", async () => {
    const fix = 'That is the line which Excel puts before the header: pass over it with --skip-lines 1.';
    await expect(read('sep=;\na;b\n', { delimiter: ';' })).rejects.toMatchObject({ code: 'empty-column-name', fix });
  });
});

describe('--no-header', () => {
  test('another delimiter that would give the right number of columns is suggested', async () => {
    const csv = { header: false, columns: ['a', 'b', 'c'] };
    await expect(read('1;2;"3"\n', csv)).rejects.toMatchObject({
      code: 'columns-mismatch',
      message: 'found a first record that breaks the grammar, expected 3 fields by --columns; it would have 3 at ";"',
    });
    expect((await read('1;2"\n', csv)).records).toMatchObject([{ code: 'bad-quote' }]);
    await expect(read('1;2;3\n', csv)).rejects.toMatchObject({
      code: 'columns-mismatch',
      message: 'found 1 field in the first record, expected 3 by --columns; it would have 3 at ";"',
      fix: "Give --delimiter ';'.",
    });
    await expect(read('1\t2\t3\n', { ...csv, ragged: 'fill' })).rejects.toMatchObject({ fix: 'Give --delimiter tab.' });
    await expect(read('1;2\n', csv)).rejects.toMatchObject({ message: 'found 1 field in the first record, expected 3 by --columns' });
  });

  test('a first record that is filled up may have fewer', async () => {
    const { records } = await read('1,2\n', { header: false, columns: ['a', 'b', 'c'], ragged: 'fill' });
    expect(records).toMatchObject([{ cells: ['1', '2', ''] }]);
  });
});

describe('odd files', () => {
  test('5,000 columns', async () => {
    const names = Array.from({ length: 5000 }, (_, column) => `c${column}`);
    const rows = Array.from({ length: 40 }, (_, row) => names.map((_, column) => `${row * column}`));
    const text = [names, ...rows].map((cells) => cells.join(',')).join('\n');
    const file = await read(text, {}, { chunkBytes: 100_000 });
    expect(file.names).toEqual(names);
    expect(file.records.map(({ cells }) => cells)).toEqual(rows);
  });

  test('blank lines are no rows, but for a file of one column', async () => {
    expect((await read('a,b\n\n1,2\r\n\r\r3,4\n\n', {})).records).toMatchObject([{ line: 3 }, { line: 6 }]); // prettier-ignore
    expect((await read('a\n\n1\n', {})).records).toMatchObject([{ cells: [''] }, { cells: ['1'] }]); // prettier-ignore
  });

  test('line ends of every kind in one file', async () => {
    const { records, lines } = await read('a,b\r1,"x\r\ny"\n2,"\r"\r\n3,z\r4,w', {});
    expect(records.map(({ cells, line }) => [line, cells])).toEqual([[2, ['1', 'x\r\ny']], [4, ['2', '\r']], [6, ['3', 'z']], [7, ['4', 'w']]]); // prettier-ignore
    expect(lines).toBe(7);
  });

  test('NULs and names of all kinds are text', async () => {
    const { names, records } = await read('a b,c.d,"e,""f",__proto__,g\0\n\0,"\0",x\0y,3,4\n', {});
    expect(names).toEqual(['a b', 'c.d', 'e,"f', '__proto__', 'g\0']);
    expect(records[0]?.cells).toEqual(['\0', '\0', 'x\0y', '3', '4']);
  });
});

describe('the options of the library', () => {
  test.each<[CsvInputOptions, string]>([
    [{ encoding: 'latin-1' }, 'unknown-encoding'],
    [{ skipLines: -1 }, 'bad-option'],
    [{ skipLines: 1.5 }, 'bad-option'],
    [{ recordLimitBytes: 0 }, 'bad-option'],
    [{ recordLimitBytes: 2 ** 31 }, 'bad-option'],
  ])('%o is refused before anything is read', (csv, code) => {
    expect(() => checkOptions({ model: 'm', input: 'i', output: 'o', csv })).toThrow(expect.objectContaining({ code, status: 64 }));
  });
});
