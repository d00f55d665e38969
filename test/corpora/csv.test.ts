import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readCsv, uncut } from '../format/csv/harness.js';

const shared = resolve(import.meta.dirname, '../..', process.env['SCORELINE_SHARED'] ?? '../shared', 'data/csv');
const spectrum = join(shared, 'csv-spectrum');
// A quote inside an unquoted field (37°36'37.8"N): by the grammar its one record is a reject, by the corpus a cell.
const BARE_QUOTE = 'location_coordinates.csv';
const csvs = readdirSync(join(spectrum, 'csvs')).filter((name) => name !== BARE_QUOTE);

describe('csv-spectrum', () => {
  test.each(csvs)('%s reads as its JSON says, however it is cut', async (name) => {
    const bytes = readFileSync(join(spectrum, 'csvs', name));
    const expected = JSON.parse(readFileSync(join(spectrum, 'json', `${basename(name, '.csv')}.json`), 'utf8')) as Record<string, string>[];
    const whole = await readCsv(bytes);
    // The corpus writes the line ends of quoted cells as LF even where the file has CRLF.
    const text = (cell: string) => (name.includes('crlf') ? cell.replaceAll('\r\n', '\n') : cell);
    const rows = whole.records.map(({ cells }) => Object.fromEntries(whole.names.map((column, at) => [column, text(cells?.[at] ?? '')])));
    const unified = expected.map((row) => Object.fromEntries(Object.entries(row).map(([column, value]) => [column, text(value)])));
    expect(rows).toEqual(unified);
    for (const chunkBytes of [1, 2, 3, 7, 64]) expect(uncut(await readCsv(bytes, { chunkBytes, stride: 3 }))).toEqual(uncut(whole));
  });
});

test(`${BARE_QUOTE} is rejected for its bare quote`, async () => {
  const { records } = await readCsv(readFileSync(join(spectrum, 'csvs', BARE_QUOTE)));
  expect(records.map(({ code }) => code)).toEqual(['bad-quote']);
});

/** Every CSV of the other corpora: read to its end or refused with a code, and the same however it is cut. */
const others = ['csvkit', 'miller', 'rust-csv', 'tribuo']
  .filter((corpus) => existsSync(join(shared, corpus)))
  .flatMap((corpus) => readdirSync(join(shared, corpus), { recursive: true, encoding: 'utf8' }).map((name) => join(corpus, name)))
  .filter((name) => name.endsWith('.csv'));

describe('the other corpora', () => {
  test.each(others)('%s is read, or refused by code, at every chunk size alike', async (name) => {
    const bytes = readFileSync(join(shared, name));
    const outcome = (chunkBytes: number) =>
      readCsv(bytes, { chunkBytes }).then(uncut, (error: unknown) => ({
        code: (error as { code?: string }).code,
        status: (error as { status?: number }).status,
      }));
    const whole = await outcome(1 << 20);
    if (!('records' in whole)) expect(whole.status).toBe(65);
    for (const chunkBytes of bytes.length > 100_000 ? [4096] : [1, 7, 300]) expect(await outcome(chunkBytes)).toEqual(whole);
  });
});
