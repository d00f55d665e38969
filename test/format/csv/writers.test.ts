import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Batch } from '#src/batch/batch.js';
import type { Layout } from '#src/batch/layout.js';
import type { CsvInputOptions } from '#src/format/csv/setup.js';
import { fixture } from '../../support/command.js';
import { openBothDecoders } from './both.js';
import { readCsv, splitterOf, uncut } from './harness.js';

/** A file and what its writer was given (`fixtures/make/csv_writers.py`). */
interface Table {
  readonly file: string;
  readonly csv: CsvInputOptions;
  readonly names: readonly string[];
  readonly rows: readonly (readonly (string | number | null)[])[];
  readonly numbers?: boolean;
}

const folder = fixture('csv-writers');
const tables = JSON.parse(readFileSync(`${folder}/tables.json`, 'utf8')) as readonly Table[];
const of = (numbers: boolean) => tables.filter((table) => (table.numbers ?? false) === numbers).map((table) => [table.file, table] as const);

describe("what Python's csv, pandas and Polars wrote reads back equal", () => {
  test.each(of(false))('%s', async (file, { csv, names, rows }) => {
    const bytes = readFileSync(`${folder}/${file}`);
    const whole = await readCsv(bytes, { csv });
    expect(whole.names).toEqual(names);
    expect(whole.records.map(({ cells, code }) => cells ?? code)).toEqual(rows);
    for (const stride of [1, 2, 3, 7, Infinity]) {
      for (const chunkBytes of [1, 2, 3, 7, 100, 1 << 20]) {
        expect(uncut(await readCsv(bytes, { csv, stride, chunkBytes }))).toEqual(uncut(whole));
      }
    }
  });

  test.each(of(true))('%s, as doubles', async (file, { csv, names, rows }) => {
    const bytes = readFileSync(`${folder}/${file}`);
    const layout: Layout = {
      tensors: [{ type: 'float64', width: names.length }],
      fields: names.map((name, column) => ({ name, column, tensor: 0, at: column, type: 'float64', onMissing: { kind: 'nan' } })),
      kept: [],
    };
    for (const stride of [1, 2, 3, 7, Infinity]) {
      const splitter = await splitterOf(bytes, { csv, stride, chunkBytes: 200 });
      expect(splitter.schema.columns.map(({ name }) => name)).toEqual(names);
      const decoder = await openBothDecoders(splitter.decoderSetup, layout);
      const batch = new Batch(layout);
      const read: number[] = [];
      for await (const chunk of splitter.chunks()) {
        decoder.decode(chunk, batch);
        expect(batch.rejects).toEqual([]);
        read.push(...(batch.tensors[0]!.values as Float64Array).subarray(0, batch.rows * names.length));
      }
      expect(read).toEqual(rows.flat().map((value) => value ?? NaN));
    }
  });

  test('every file of the folder is in the table', () => {
    expect([...tables.map(({ file }) => file), 'README.md', 'tables.json'].sort()).toEqual(readdirSync(folder).sort());
  });
});
