import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
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

async function profileOf(options: Partial<ScoreOptions>): Promise<Profile | undefined> {
  const journal = join(folder, `${Math.random()}.jsonl`);
  await score({ model: join(fixtures, 'adult/adult.onnx'), input: join(fixtures, 'adult/adult.csv'), output: join(folder, 'out.csv'), journal, contract: 'none', ...options }); // prettier-ignore
  const commit = readFileSync(journal, 'utf8').trim().split('\n').map((line) => JSON.parse(line) as { kind: string; profile?: Profile }).find(({ kind }) => kind === 'COMMIT'); // prettier-ignore
  return commit?.profile;
}

describe('the profile of a run', () => {
  test('is the same to the last digit at any chunk size, number of workers, and way that strings go to the model', async () => {
    const whole = await profileOf({ workers: 1, chunkBytes: 8_000_000 });
    expect(whole?.rows).toBe(12_000);
    expect(await profileOf({ workers: 2, chunkBytes: 100_000 })).toEqual(whole);
    expect(await profileOf({ workers: 2, chunkBytes: 33_333, checkpointEveryMs: 0 })).toEqual(whole);
    const coded = await profileOf({ workers: 2, chunkBytes: 100_000, stringCodes: 'always' });
    expect(coded?.scores).toEqual(whole?.scores);
    expect(coded?.columns.filter(({ kind }) => kind === 'number')).toEqual(whole?.columns.filter(({ kind }) => kind === 'number'));
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
});
