// What is fuzzed: each target has seeds, and says of an input whether what came of it is right.
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { inspectModel, score, ScorelineError } from '../../dist/index.js';

const fixtures = fileURLToPath(new URL('../../fixtures/', import.meta.url));
const fixture = (...parts) => join(fixtures, ...parts);
const head = (path, bytes) => readFileSync(fixture(path)).subarray(0, bytes);
const scratch = mkdtempSync(join(tmpdir(), 'scoreline-fuzz-'));

/** Scores bytes from a stream; what came: the output and the rejects, or the code of the error. A defect is thrown on. */
async function outcome(bytes, options) {
  const output = new PassThrough();
  const pieces = [];
  output.on('data', (piece) => pieces.push(piece));
  const rejects = join(scratch, 'rejects.csv');
  rmSync(rejects, { force: true });
  try {
    await score({
      input: Readable.from([bytes]),
      output,
      journal: false,
      rejects,
      maxRejects: { kind: 'share', share: 1 },
      batchRows: 64,
      ...options,
    });
  } catch (error) {
    if (!(error instanceof ScorelineError) || error.status === 70) throw error;
    return `error ${error.code}`;
  }
  return `${Buffer.concat(pieces).toString('latin1')}\n---\n${existsSync(rejects) ? readFileSync(rejects, 'latin1') : ''}`;
}

const models = ['single', 'matrix-double', 'matrix-int64', 'columns-mixed', 'two-outputs', 'string-out', 'fixed-batch', 'throws'].map((name) =>
  fixture('types', `${name}.onnx`),
);

export const TARGETS = {
  csv: {
    seeds: [
      head('types/types.csv', 2000),
      head('types/throws.csv', 2000),
      head('adult/adult.csv', 3000),
      head('arrow/california-head.csv', 3000),
      head('diamonds/diamonds.csv', 2000),
    ],
    /** However it is cut, the same comes of it. */
    async run(bytes, random) {
      const data = [
        fixture('types', 'columns-mixed.onnx'),
        fixture('types', 'single.onnx'),
        fixture('adult', 'adult-forest.onnx'),
        fixture('california', 'california-linear.onnx'),
      ];
      const model = data[Math.floor(random() * data.length)];
      const bind = model.endsWith('single.onnx') ? { bind: { x: 'f1' } } : {};
      const options = { model, inputFormat: 'csv', csv: { allowUnterminated: true, recordLimitBytes: 1 + Math.floor(random() * 300) }, ...bind };
      const whole = await outcome(bytes, { ...options, workers: 1 });
      const cut = await outcome(bytes, { ...options, workers: 2, chunkBytes: 1 + Math.floor(random() * 400) });
      // an error ends the run where it is met: only then may the outputs differ
      if (whole !== cut) throw new Error(`cut otherwise, another result:\n${whole}\n=== and ===\n${cut}`);
    },
  },
  arrow: {
    seeds: readdirSync(fixture('arrow'))
      .filter((name) => /\.arrows?$/.test(name))
      .map((name) => readFileSync(fixture('arrow', name))),
    async run(bytes, random) {
      const adult = random() < 0.5;
      const path = join(scratch, random() < 0.5 ? 'in.arrow' : 'in.arrows');
      writeFileSync(path, bytes);
      const input = random() < 0.5 ? { input: path } : {};
      await outcome(bytes, {
        model: fixture(adult ? 'adult/adult-forest.onnx' : 'california/california-trees.onnx'),
        keep: 'all',
        outputFormat: ['csv', 'arrow', 'arrows'][Math.floor(random() * 3)],
        workers: 1,
        ...input,
      });
    },
  },
  model: {
    seeds: [...models, fixture('california', 'california-linear.onnx'), fixture('adult', 'adult.onnx')].map((path) => readFileSync(path)),
    async run(bytes) {
      const path = join(scratch, 'model.onnx');
      writeFileSync(path, bytes);
      try {
        await inspectModel(path);
      } catch (error) {
        if (!(error instanceof ScorelineError) || error.status === 70) throw error;
        return;
      }
      await outcome(readFileSync(fixture('types', 'types.csv')), { model: path, contract: 'none', workers: 1, batchRows: 16, features: undefined });
    },
  },
};
