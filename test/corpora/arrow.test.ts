import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { cells, codeOf, rewrite, split } from '../format/arrow/support.js';

const ROOT = resolve(process.env['SCORELINE_SHARED'] ?? '../shared', 'data', 'arrow');

/** Files that are refused, by a part of their path, and the code that says why. All others must be read. */
const REFUSED: readonly (readonly [part: RegExp, code: string])[] = [
  [/^golden\/.*\/generated_duplicate_fieldnames\./, 'duplicate-column'],
  [/^golden\/1\.0\.0-littleendian\/generated_union\./, 'duplicate-column'],
  [/^golden\/cpp-21\.0\.0\/generated_list_view\./, 'arrow-type'],
  [/^golden\/cpp-21\.0\.0\/generated_run_end_encoded\./, 'arrow-type'],
  [/^flechette\/(large)?listview\.arrows$/, 'arrow-type'],
  [/^flechette\/runendencoded(64)?\.arrows$/, 'arrow-type'],
  // Nothing but a schema, without an end marker.
  [/^flechette\/empty\.arrows$/, 'arrow-truncated'],
];

/** A golden file's content as the Arrow project's own JSON, which stands beside it. */
interface GoldenJson {
  readonly schema: { readonly fields: readonly { readonly name: string; readonly type: { readonly name: string }; readonly dictionary?: unknown }[] };
  readonly batches: readonly {
    readonly columns: readonly { readonly VALIDITY?: readonly number[]; readonly DATA?: readonly (string | number | boolean)[] }[];
  }[];
}

/** Types whose values that JSON has as plain text or numbers. */
const PLAIN = new Set(['int', 'floatingpoint', 'bool', 'utf8', 'largeutf8']);

/** Files by Arrow JS, which writes the schema only in the footer: no pipe can give them. */
const NOT_STREAMABLE = /^flechette\/(decimal_test|flights)\.arrow$/;

const files = existsSync(ROOT)
  ? (readdirSync(ROOT, { recursive: true }) as string[]).filter((path) => /\.(arrow_file|stream|arrows?|bin)$/.test(path)).sort()
  : [];
const refusal = (path: string): string | undefined => REFUSED.find(([part]) => part.test(path))?.[1];

it('the corpus is there', () => {
  expect(files.length).toBeGreaterThan(190);
});

it('every refusal is of a file that is there', () => {
  for (const [part] of REFUSED) expect([part, files.some((path) => part.test(path))]).toEqual([part, true]);
});

describe.each(files.filter((path) => refusal(path) !== undefined))('%s', (path) => {
  it(`is refused: ${String(refusal(path))}`, async () => {
    expect(await codeOf(cells(readFileSync(join(ROOT, path))))).toBe(refusal(path));
  });
});

describe.each(files.filter((path) => refusal(path) === undefined))('%s', (path) => {
  const bytes = new Uint8Array(readFileSync(join(ROOT, path)));

  it('is read, written as file and stream, and read back equal', async () => {
    const { schema } = await split(bytes);
    const rows = await cells(bytes);
    for (const container of ['file', 'stream'] as const) {
      const out = await rewrite(bytes, { container });
      expect((await split(out)).schema.columns).toEqual(schema.columns);
      expect(await cells(out)).toEqual(rows);
      const fewer = await rewrite(bytes, { container, reject: (row) => row % 3 === 1 });
      expect(await cells(fewer)).toEqual(rows.filter((_, row) => row % 3 !== 1));
    }
  });

  it.each(['lz4', 'zstd'] as const)('is written compressed with %s, and read back equal', async (compression) => {
    const rows = await cells(bytes);
    for (const container of ['file', 'stream'] as const) expect(await cells(await rewrite(bytes, { container, compression }))).toEqual(rows);
  });

  it('comes from a pipe too, or says why not', async () => {
    if (NOT_STREAMABLE.test(path)) expect(await codeOf(split(bytes, { pipe: true }))).toBe('arrow-not-streamable');
    else expect(await cells(bytes, { pipe: true })).toEqual(await cells(bytes));
  });
});

const goldens = files.flatMap((path) => {
  const json = path.replace(/\.[^.]*$/, '.json.gz');
  return refusal(path) === undefined && existsSync(join(ROOT, json)) ? [{ path, json }] : [];
});

it('the golden files have their contents beside them', () => {
  expect(goldens.length).toBeGreaterThan(80);
});

describe.each(goldens)('$path', ({ path, json }) => {
  it('has the numbers and texts that its JSON has', async () => {
    const golden = JSON.parse(gunzipSync(readFileSync(join(ROOT, json))).toString()) as GoldenJson;
    const rows = await cells(readFileSync(join(ROOT, path)));
    for (const [index, { name, type, dictionary }] of golden.schema.fields.entries()) {
      const column = rows.map((row) => row[index]!);
      expect(column).toHaveLength(golden.batches.reduce((sum, { columns }) => sum + (columns[index]?.VALIDITY?.length ?? 0), 0) || rows.length);
      if (!PLAIN.has(type.name) || dictionary !== undefined) continue;
      const expected = golden.batches.flatMap(({ columns }) => {
        const { VALIDITY, DATA } = columns[index]!;
        return DATA!.map((value, row) => (VALIDITY?.[row] === 0 ? null : type.name === 'bool' ? String(Boolean(value)) : value));
      });
      // The JSON gives floats with fewer digits than they have.
      const comparable = (value: string | number | boolean | null): unknown =>
        value === null ? null : type.name === 'floatingpoint' ? Math.fround(Number(value)) : String(value);
      expect([name, column.map(comparable)]).toEqual([name, expected.map(comparable)]);
    }
  });
});
