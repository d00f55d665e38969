import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { residentBytes } from '#src/job/memory.js';
import { openScorer, type Scorer, type ScorerOptions } from '#src/job/scorer.js';
import type { ScoreOptions } from '#src/run/options.js';
import { score } from '#src/run/score.js';
import { fixture, tempFolder } from '../support/command.js';
import { LONG } from '../support/long.js';
import { scorerOf } from './processes.js';

const open: Scorer[] = [];
afterEach(async () => {
  for (const scorer of open.splice(0)) await scorer.close();
});

function opened(options?: ScorerOptions): Scorer {
  const scorer = openScorer(options);
  open.push(scorer);
  return scorer;
}

const hooks = { signal: new AbortController().signal };

/** Inputs by several models, of several shapes, some of which fail. */
const RUNS: readonly Omit<ScoreOptions, 'output'>[] = [
  { model: fixture('adult', 'adult-forest.onnx'), input: fixture('adult', 'adult.csv') },
  { model: fixture('adult', 'adult-forest.onnx'), input: fixture('arrow', 'adult-head.csv'), keep: 'all', workers: 2, chunkBytes: 4096 },
  { model: fixture('adult', 'adult-forest.onnx'), input: fixture('arrow', 'adult-head.arrows'), outputFormat: 'csv', batchRows: 64 },
  { model: fixture('california', 'california-trees.onnx'), input: fixture('california', 'california.csv') },
  { model: fixture('california', 'california-trees.onnx'), input: fixture('types', 'types.csv') }, // has not its columns
  { model: fixture('california', 'california-trees.onnx'), input: fixture('arrow', 'california-head.arrow'), outputFormat: 'csv' },
  { model: fixture('adult', 'adult.onnx'), input: fixture('adult', 'adult.csv'), stringCodes: 'always' },
  { model: fixture('adult', 'adult.onnx'), input: fixture('adult', 'adult.csv'), stringCodes: 'never' },
  { model: fixture('types', 'throws.onnx'), input: fixture('types', 'types.csv'), maxRejects: { kind: 'share', share: 1 } },
  { model: fixture('adult', 'adult.onnx'), input: fixture('adult', 'adult.csv'), threads: 2, workers: 1 },
];

describe('warm workers', () => {
  test.runIf(LONG)('score to the byte what separate runs score, whatever came before', { timeout: 120_000 }, async () => {
    const folder = tempFolder();
    const scorer = opened();
    const outcome = async (run: () => Promise<unknown>, output: string): Promise<string> => {
      try {
        await run();
        return readFileSync(output, 'latin1');
      } catch (error) {
        return (error as { code: string }).code;
      }
    };
    const found: string[] = [];
    for (const [index, options] of [...RUNS, ...RUNS.toReversed()].entries()) {
      const [cold, warm] = [join(folder, `cold${index}`), join(folder, `warm${index}`)];
      const expected = await outcome(() => score({ ...options, output: cold, journal: false }), cold);
      expect(await outcome(() => scorer.score({ ...options, output: warm, journal: false }, hooks), warm)).toBe(expected);
      found.push(expected);
    }
    expect(found.filter((text) => /^[a-z-]+$/.test(text))).toEqual(['missing-column', 'missing-column']);
  });

  test('are the same threads for the next run, and its journal counts the processor time of that run alone', async () => {
    const folder = tempFolder();
    const scorer = opened();
    const threads: number[] = [];
    const cpu: number[] = [];
    for (let run = 0; run < 8; run++) {
      const output = join(folder, `${run}.csv`);
      await scorer.score({ ...RUNS[3]!, output, workers: 2 }, hooks);
      threads.push(readdirSync(`/proc/${await scorerOf(process.pid)}/task`).length);
      const last = JSON.parse(readFileSync(`${output}.journal.jsonl`, 'utf8').trim().split('\n').at(-1)!) as {
        cpu: { user: number; system: number };
      };
      cpu.push(last.cpu.user + last.cpu.system);
    }
    expect(new Set(threads.slice(1)).size).toBe(1);
    expect(cpu.at(-1)!).toBeLessThan(cpu[0]!);
  });

  // The process grows by a quarter (132 MB to 162 MB) in its first 220 runs, whatever they are, and by 1% in the next 100: a leak of 70 KB a run would show.
  test.runIf(LONG)('hold no more memory after 350 small inputs than after 250', { timeout: 180_000 }, async () => {
    const folder = tempFolder();
    const [header, ...rows] = readFileSync(fixture('california', 'california.csv'), 'utf8').split('\n');
    const input = join(folder, 'in.csv');
    const scorer = opened();
    const after = async (): Promise<number> => residentBytes(await scorerOf(process.pid)) ?? 0;
    let early = 0;
    for (let run = 0; run < 350; run++) {
      writeFileSync(input, `${header!}\n${rows.slice(run, run + 50).join('\n')}\n`);
      await scorer.score({ ...RUNS[3]!, input, output: join(folder, 'out.csv'), journal: false }, hooks);
      if (run === 249) early = await after();
    }
    expect((await after()) / early).toBeLessThan(1.06);
  });
});

test('with low priority every thread that scores yields, and the caller does not', async () => {
  const scorer = opened({ lowPriority: true });
  await scorer.score({ ...RUNS[0]!, output: join(tempFolder(), 'out.csv'), workers: 2 }, hooks);
  const pid = await scorerOf(process.pid);
  const niceOf = (path: string): number =>
    Number(
      readFileSync(path, 'utf8')
        .replace(/^.*\) /, '')
        .split(' ')[16],
    );
  const scoring = readdirSync(`/proc/${pid}/task`).map((thread) => niceOf(`/proc/${pid}/task/${thread}/stat`));
  expect(new Set(scoring)).toEqual(new Set([19]));
  expect(niceOf(`/proc/${process.pid}/stat`)).toBeLessThan(19);
});
