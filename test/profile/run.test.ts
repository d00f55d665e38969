import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { score, type ScoreOptions } from '#src/index.js';

const fixtures = fileURLToPath(new URL('../../fixtures/', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'scoreline-profile-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Column {
  readonly name: string;
  readonly kind: string;
  readonly [figure: string]: unknown;
}
interface Profile {
  readonly rows: number;
  readonly columns: readonly Column[];
  readonly scores: readonly Column[];
}

interface Commit {
  readonly kind: string;
  readonly profile?: Profile;
  readonly unseen?: readonly { readonly column: string; readonly rows: number; readonly distinct: number; readonly isExact: boolean; readonly error: number; readonly values: readonly { readonly value: string; readonly rows: number }[] }[];
  readonly drift?: { readonly columns: readonly { readonly column: string; readonly unseen: { readonly run: number } | null }[] };
} // prettier-ignore

async function profileOf(options: Partial<ScoreOptions>): Promise<Profile | undefined> {
  return (await commitOf(options))?.profile;
}

async function commitOf(options: Partial<ScoreOptions>): Promise<Commit | undefined> {
  const journal = join(folder, `${Math.random()}.jsonl`);
  await score({ model: join(fixtures, 'adult/adult.onnx'), input: join(fixtures, 'adult/adult.csv'), output: join(folder, 'out.csv'), journal, contract: 'none', ...options }); // prettier-ignore
  return readFileSync(journal, 'utf8').trim().split('\n').map((line) => JSON.parse(line) as Commit).find(({ kind }) => kind === 'COMMIT'); // prettier-ignore
}

describe('the profile of a run', () => {
  test('is the same to the last digit at any chunk size, number of workers, and way that strings go to the model', async () => {
    const whole = await profileOf({ workers: 1, chunkBytes: 8_000_000 });
    expect(whole?.rows).toBe(12_000);
    expect(await profileOf({ workers: 2, chunkBytes: 100_000 })).toEqual(whole);
    expect(await profileOf({ workers: 2, chunkBytes: 33_333, checkpointEveryMs: 0 })).toEqual(whole);
    expect(await profileOf({ workers: 2, chunkBytes: 100_000, stringCodes: 'always' })).toEqual(whole);
  }, 60_000);

  test('and so are the figures of more texts than are counted one by one: what the model knows exactly, the most frequent of others within a bound', async () => {
    const input = join(folder, 'many.csv');
    const [header = '', ...lines] = readFileSync(join(fixtures, 'adult/adult.csv'), 'utf8').trim().split('\n');
    const at = header.split(',').indexOf('occupation');
    const [ROWS, FREQUENT, KNOWN] = [16_000, 2000, 2000];
    const rows = Array.from({ length: ROWS }, (_, row) => {
      const cells = (lines[row % lines.length] ?? '').split(',');
      cells[at] = row % 8 === 0 ? 'frequent' : row % 8 === 1 ? ' Sales' : `rare ${row}`;
      return cells.join(',');
    });
    writeFileSync(input, `${[header, ...rows].join('\n')}\n`);
    const { profile, unseen, drift } = (await commitOf({ input, workers: 1, chunkBytes: 8_000_000, stringCodes: 'never' })) ?? {};
    const found = unseen?.find(({ column }) => column === 'occupation');
    expect(found).toMatchObject({ rows: ROWS - KNOWN, isExact: false });
    const [first] = found?.values ?? [];
    expect(first?.value).toBe('frequent');
    expect([first!.rows <= FREQUENT, first!.rows + found!.error >= FREQUENT, found!.error <= ROWS / 5000]).toEqual([true, true, true]);
    expect(Math.abs(found!.distinct / 12_001 - 1)).toBeLessThan(0.025);
    expect(drift?.columns.find(({ column }) => column === 'occupation')?.unseen?.run).toBe((ROWS - KNOWN) / ROWS);
    expect(profile?.columns.find(({ name }) => name === 'occupation')).toMatchObject({ count: ROWS, unseen: ROWS - KNOWN, isExact: false });
    for (const way of [
      { workers: 2, chunkBytes: 33_333 },
      { workers: 2, chunkBytes: 500_000, stringCodes: 'always' },
      { workers: 1, chunkBytes: 70_001, stringCodes: 'always', checkpointEveryMs: 0 },
    ] as const) {
      // prettier-ignore
      const other = await commitOf({ input, stringCodes: 'never', ...way });
      expect([other?.profile, other?.unseen, other?.drift]).toEqual([profile, unseen, drift]);
    }
  }, 60_000);

  test('holds what the file has, counted by hand', async () => {
    const rows = readFileSync(join(fixtures, 'adult/adult.csv'), 'utf8').trim().split(/\r?\n/).map((line) => line.split(',').map((cell) => cell.trim())); // prettier-ignore
    const [header = [], ...records] = rows;
    const profile = await profileOf({});
    const age = records.map((record) => Number(record[header.indexOf('age')]));
    const mean = age.reduce((sum, value) => sum + value, 0) / age.length;
    const sorted = age.toSorted((a, b) => a - b);
    expect(profile?.columns.find(({ name }) => name === 'age')).toMatchObject({
      count: 12_000,
      missing: 0,
      mean,
      min: sorted[0],
      max: sorted.at(-1),
      quantiles: { p05: sorted[599], p50: sorted[5999], p95: sorted[11_399] },
    });
    const country = records.map((record) => record[header.indexOf('native_country')] ?? record[header.indexOf('native-country')]);
    expect(profile?.columns.find(({ name }) => /^native.country$/.test(name))).toMatchObject({ kind: 'text', distinct: new Set(country).size, count: 12_000 }); // prettier-ignore
  });

  test('names no text of the data where no contract knows it, and is left out where it is not wanted', async () => {
    const profile = await profileOf({});
    expect(JSON.stringify(profile?.columns)).not.toMatch(/United-States|Husband|Private/);
    expect(profile?.scores.find(({ name }) => name === 'prediction')?.['categories']).toHaveLength(2);
    expect(await profileOf({ profile: 'never' })).toBeUndefined();
  });

  test('holds values as they were given: one that was missing and filled, as the contract says, counts as missing', async () => {
    const model = join(fixtures, 'types/single.onnx');
    const [input, path] = [join(folder, 'filled.csv'), join(folder, 'filled.json')];
    writeFileSync(input, 'id,x\na,1\nb,\nc,3\nd,\ne,7\nf,7\n');
    const sha256 = createHash('sha256').update(readFileSync(model)).digest('hex');
    const filled = (rest: object): void => writeFileSync(path, JSON.stringify({ version: 'scoreline.contract/1', model: { sha256 }, ...rest }));
    for (const rest of [{ fillMissing: { x: '7' } }, { schema: { fields: [{ name: 'x' }] }, rules: { x: { onMissing: 'value', value: '7' } } }]) {
      filled(rest);
      const profile = await profileOf({ model, input, contract: path, profile: 'always' });
      expect(profile?.columns).toMatchObject([{ name: 'x', count: 4, missing: 2, mean: 4.5, min: 1, max: 7, quantiles: { p25: 1, p50: 3, p75: 7 } }]);
      expect(profile?.scores).toMatchObject([{ count: 6, missing: 0 }]);
    }
  });
});
