import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, extname, join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Batch } from '#src/batch/batch.js';
import type { Layout } from '#src/batch/layout.js';
import type { CsvInputOptions } from '#src/format/csv/setup.js';
import { openCsvSplitter } from '#src/format/csv/split.js';
import { detectFormat } from '#src/format/detect.js';
import { openBothDecoders } from '../format/csv/both.js';
import { bytesSource, readCsv, uncut, type ReadFile } from '../format/csv/harness.js';

/** One reading of one file (`fixtures/make/csv_corpora.py`): its cells as Python's csv reads them, and which rows or files are refused, with the code. */
interface Reading {
  readonly file: string;
  readonly csv: CsvInputOptions;
  readonly refused?: string;
  readonly rows?: number;
  readonly rejects?: readonly (readonly [row: number, code: string])[];
  /** Of the JSON of the names and the rows that are not rejected. */
  readonly sha256?: string;
}

const shared = resolve(import.meta.dirname, '../..', process.env['SCORELINE_SHARED'] ?? '../shared', 'data/csv');
const table = JSON.parse(readFileSync(join(import.meta.dirname, 'csv-table.json'), 'utf8')) as readonly Reading[];
const titled = table.map((reading) => [`${reading.file} ${JSON.stringify(reading.csv)}`, reading] as const);

const bytesOf = (file: string) => readFileSync(join(shared, file));
const sha256 = (value: unknown) => createHash('sha256').update(JSON.stringify(value)).digest('hex');
const accepted = ({ records }: ReadFile) => records.flatMap(({ cells }) => (cells === null ? [] : [cells]));

/** Reads as a run does: the kind of file first, then its records; a refusal gives its code. */
async function outcome(bytes: Uint8Array, { file, csv }: Reading, chunkBytes = 1 << 20) {
  try {
    expect(await detectFormat(bytesSource(bytes, { name: basename(file) }))).toBe('csv');
    return uncut(await readCsv(bytes, { csv, chunkBytes, stride: 3 }));
  } catch (error) {
    const { code, status } = error as { code?: string; status?: number };
    return { refused: code, status };
  }
}

describe('every file of the corpora', () => {
  test.each(titled)('%s', async (_, reading) => {
    const bytes = bytesOf(reading.file);
    const whole = await outcome(bytes, reading);
    if ('refused' in whole) expect(whole).toEqual({ refused: reading.refused, status: 65 });
    else {
      const rejects = whole.records.flatMap(({ row, code }) => (code === null ? [] : [[row, code]]));
      const found = { rows: whole.records.length, rejects, sha256: sha256([whole.names, ...accepted({ ...whole, chunks: 1 })]) };
      expect(found).toEqual({ rows: reading.rows, rejects: reading.rejects, sha256: reading.sha256 });
    }
    for (const chunkBytes of bytes.length > 10_000 ? [4096] : [1, 2, 3, 7, 64, 300]) expect(await outcome(bytes, reading, chunkBytes)).toEqual(whole);
  });

  test('stands in the table', () => {
    const files = readdirSync(shared, { recursive: true, encoding: 'utf8' }).filter(
      (file) => !['.json', '.txt', '.md', ''].includes(extname(file)) && statSync(join(shared, file)).isFile(),
    );
    expect([...new Set(table.map(({ file }) => file))].sort()).toEqual(files.sort());
  });
});

describe('csv-spectrum: its own JSON', () => {
  const folder = join(shared, 'csv-spectrum');
  // Its one record is rejected for a quote inside an unquoted field (37°36'37.8"N).
  const names = readdirSync(join(folder, 'csvs')).filter((name) => name !== 'location_coordinates.csv');

  test.each(names)('%s', async (name) => {
    const expected = JSON.parse(readFileSync(join(folder, 'json', `${basename(name, '.csv')}.json`), 'utf8')) as Record<string, string>[];
    // The corpus writes the line ends of quoted cells as LF even where the file has CRLF.
    const text = (cell: string) => (name.includes('crlf') ? cell.replaceAll('\r\n', '\n') : cell);
    const whole = await readCsv(bytesOf(`csv-spectrum/csvs/${name}`));
    expect(accepted(whole).map((cells) => cells.map(text))).toEqual(expected.map((row) => whole.names.map((column) => text(row[column] ?? ''))));
  });
});

describe('miller: the same table as JSON', () => {
  const names = readdirSync(join(shared, 'miller')).filter(
    (name) => name.endsWith('.csv') && existsSync(join(shared, 'miller', `${basename(name, '.csv')}.json`)),
  );

  test.each(names)('%s', async (name) => {
    const json = readFileSync(join(shared, 'miller', `${basename(name, '.csv')}.json`), 'utf8');
    // One object behind the other, without commas or brackets between them.
    const expected = JSON.parse(`[${json.trim().replace(/\}\s*\{/g, '},{')}]`) as Record<string, string | number>[];
    const whole = await readCsv(bytesOf(`miller/${name}`));
    const rows = accepted(whole).map((cells) =>
      cells.map((cell, at) => (typeof expected[0]?.[whole.names[at] ?? ''] === 'number' ? Number(cell) : cell)),
    );
    expect(rows).toEqual(expected.map((row) => whole.names.map((column) => row[column])));
  });
});

/** Every column as doubles; rejects by column. */
async function doubles(file: string, csv: CsvInputOptions, nullValues?: readonly string[]) {
  const splitter = await openCsvSplitter(bytesSource(bytesOf(file)), { csv, nullValues, chunkBytes: () => 1000 });
  const names = splitter.schema.columns.map(({ name }) => name);
  const layout: Layout = {
    tensors: names.map(() => ({ type: 'float64', width: 1 })),
    fields: names.map((name, column) => ({ name, column, tensor: column, at: 0, type: 'float64', onMissing: { kind: 'nan' } })),
    kept: [],
  };
  const batch = new Batch(layout);
  const decoder = await openBothDecoders(splitter.decoderSetup, layout);
  for await (const chunk of splitter.chunks()) decoder.decode(chunk, batch);
  return {
    rows: batch.tensors.map(({ values }) => values.slice(0, batch.rows)).map((values) => Array.from(values as Float64Array)),
    rejects: batch.rejects,
  };
}

describe('csvkit: its own conversions', () => {
  const nulls = ['', 'NA', 'N/A', 'NONE', 'NULL', '.'];

  test('blanks.csv, with the null values of csvkit', async () => {
    expect((await doubles('csvkit/blanks.csv', {}, nulls)).rows).toEqual((await doubles('csvkit/blanks_converted.csv', {})).rows);
  });

  test('test_locale.csv: a decimal comma, but no thousands separators', async () => {
    const { rejects } = await doubles('csvkit/test_locale.csv', { decimalComma: true });
    expect(rejects).toMatchObject([{ column: 'b', code: 'not-a-number', value: '200.000.000' }]);
    const whole = await readCsv(bytesOf('csvkit/test_locale_converted.csv'));
    expect(accepted(whole)[0]?.[0]).toBe('1.7');
  });

  test('test_date_format.csv: dates stay the texts that they are', async () => {
    expect(accepted(await readCsv(bytesOf('csvkit/test_date_format.csv')))).toEqual([['02/01/2014'], ['31/12/2012']]);
  });
});
