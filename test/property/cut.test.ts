import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { score, type ScoreOptions } from '#src/index.js';
import { fixture, tempFolder } from '../support/command.js';
import '../support/warm.js';

/** Scores into a new file with the journal beside it; gives the output's bytes and the journal's counts. */
async function scoreWith(
  folder: string,
  name: string,
  options: Omit<ScoreOptions, 'output'>,
): Promise<{ bytes: Buffer; counts: unknown; rejects: string }> {
  const output = join(folder, `${name}.csv`);
  await score({ ...options, output });
  const lines = readFileSync(`${output}.journal.jsonl`, 'utf8').trim().split('\n');
  const commit = JSON.parse(lines.at(-1) ?? '{}') as Record<string, unknown>;
  const { rows, missing, ranges, predictions, warnings } = commit;
  let rejects = '';
  try {
    rejects = readFileSync(`${output}.rejects.csv`, 'utf8');
  } catch {
    // a clean run has none
  }
  return { bytes: readFileSync(output), counts: { rows, missing, ranges, predictions, warnings }, rejects };
}

/** The first rows of a fixture, with a few spoilt cells so that rejects are cut too. */
function spoiltHead(folder: string, path: string, rows: number, spoil: (cells: string[], row: number) => string[]): string {
  const [header = '', ...lines] = readFileSync(path, 'utf8').split(/\r?\n/).slice(0, rows + 1); // prettier-ignore
  const target = join(folder, 'input.csv');
  writeFileSync(target, [header, ...lines.map((line, row) => spoil(line.split(','), row).join(','))].join('\n') + '\n');
  return target;
}

const CUTS: readonly Pick<ScoreOptions, 'chunkBytes' | 'workers'>[] = [
  { chunkBytes: 1, workers: 1 },
  { chunkBytes: 1, workers: 3 },
  { chunkBytes: 1000, workers: 2 },
  { chunkBytes: 7777, workers: 3 },
  { chunkBytes: 1 << 26, workers: 1 },
];

describe('how the work is cut changes no byte of the output, of the rejects or of the counts', () => {
  test('one tensor a column, strings, with rejects', async () => {
    const folder = tempFolder();
    const input = spoiltHead(folder, fixture('adult/adult.csv'), 300, (cells, row) =>
      row % 37 === 5 ? cells.with(0, 'old') : row % 101 === 7 ? cells.slice(1) : cells,
    );
    const options = { model: fixture('adult/adult.onnx'), input, batchRows: 64, maxRejects: { kind: 'rows', rows: 100 } } as const;
    const [first, ...others] = await Promise.all(CUTS.map((cut, index) => scoreWith(folder, `cut-${index}`, { ...options, ...cut })));
    expect(first?.bytes.length).toBeGreaterThan(5_000);
    expect(first?.rejects.trimEnd().split('\n').length).toBe(1 + 8 + 3);
    for (const other of others) expect(other).toEqual(first);
  });

  test('a matrix with missing values', async () => {
    const folder = tempFolder();
    const input = spoiltHead(folder, fixture('california/california.csv'), 400, (cells) => cells);
    const options = { model: fixture('california/california-linear.onnx'), input, batchRows: 256 };
    const [first, ...others] = await Promise.all(CUTS.map((cut, index) => scoreWith(folder, `cut-${index}`, { ...options, ...cut })));
    expect(first?.bytes.length).toBeGreaterThan(5_000);
    for (const other of others) expect(other).toEqual(first);
  });

  test('the whole fixture, at the default block', async () => {
    const folder = tempFolder();
    const options = { model: fixture('diamonds/diamonds.onnx'), input: fixture('diamonds/diamonds.csv') };
    const cuts = [{ chunkBytes: 40_000, workers: 2 }, { chunkBytes: 100_000, workers: 3 }, { chunkBytes: 1 << 26, workers: 1 }]; // prettier-ignore
    const [first, ...others] = await Promise.all(cuts.map((cut, index) => scoreWith(folder, `cut-${index}`, { ...options, ...cut })));
    expect(first?.bytes.length).toBeGreaterThan(100_000);
    for (const other of others) expect(other).toEqual(first);
  });
});
