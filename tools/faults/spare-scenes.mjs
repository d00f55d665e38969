// Scenes in which the model cannot, and a fallback scores: the whole input, single rows, the inputs of a job.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './command.mjs';
import { csvInput, MODEL } from './material.mjs';

const ROWS = 4000;
const TYPES = join(ROOT, 'fixtures', 'types');
const BROKEN = MODEL.subarray(0, 60);

/** They read what the model rejects rows for, so that they reject the same. */
const RULES = Buffer.from(`version: scoreline.rules/1
columns: { population: number, median_income: number }
outputs: { prediction: number }
rules:
  - when: population > 3000
    then: { prediction: 2 }
  - when: median_income > 4
    then: { prediction: 3.5 }
  - then: { prediction: 1.25 }
`);

const CHUNKED = ['--workers', '1', '--max-rejects', '5%', '--checkpoint-every', '0s'];
const SPARE = ['--fallback', 'safe.rules.yaml', '--scored-by', 'by', '--keep', 'id'];
const WHOLE = ['score', '-m', 'model.onnx', 'in.csv', '-o', 'out.csv', '--chunk-size', '80KB', ...CHUNKED, ...SPARE];

/** The model throws at every fiftieth row, every hundredth has no number where it reads one; x is what the older model reads. */
function throwingInput(rows = ROWS) {
  const lines = Array.from({ length: rows }, (_, row) => `r${row},${row % 100 === 41 ? 'none' : row % 50 === 7 ? 9 : row % 5},${row}`);
  return Buffer.from(`${['id,index,x', ...lines].join('\n')}\n`);
}

const JOB = `model: model.onnx
input: inbox/*.csv
output: scores/{stem}.csv
keep: [id]
settle: 0s
maxRejects: 5%
workers: 1
chunkSize: 64KB
fallback: safe.rules.yaml
scoredBy: by
`;

export const SPARE_SCENES = {
  /** A model that was cut off on its way; what stands there is of the day on which it was whole. The run and the one in its place are in one process. */
  spare: () => ({
    name: 'spare',
    files: { 'model.onnx': BROKEN, 'safe.rules.yaml': RULES, 'in.csv': csvInput({ rows: ROWS }) },
    args: [...WHOLE, '--fallback-on', 'load'],
    ends: 3,
    fallback: 'whole',
    everyChunk: true,
    published: [['out.csv.rejects.csv', 'out.csv']],
    journal: 'out.csv.journal.jsonl',
    before: { files: { 'model.onnx': MODEL, 'in.csv': csvInput({ rows: 1000, seed: 1 }) }, ends: 0 },
  }),
  /** The same, where the model is well as long as nobody harms it; the fallback outlives its process. */
  'spare-crash': () => ({
    ...SPARE_SCENES.spare(),
    name: 'spare-crash',
    files: { ...SPARE_SCENES.spare().files, 'model.onnx': MODEL },
    args: WHOLE,
    ends: 0,
    fallback: undefined,
  }),
  /** Single rows go to an older model. */
  'spare-rows': () => ({
    name: 'spare-rows',
    files: {
      'model.onnx': readFileSync(join(TYPES, 'throws.onnx')),
      'older.onnx': readFileSync(join(TYPES, 'single.onnx')),
      'in.csv': throwingInput(),
    },
    args: [
      ...['score', '-m', 'model.onnx', 'in.csv', '-o', 'out.csv', '--chunk-size', '16KB', '--batch-rows', '64', ...CHUNKED],
      ...['--fallback', 'older.onnx', '--fallback-on', 'rows', '--scored-by', 'by', '--keep', 'id'],
    ],
    ends: 3,
    fallback: 'rows',
    everyChunk: true,
    published: [['out.csv.rejects.csv', 'out.csv']],
    journal: 'out.csv.journal.jsonl',
    before: { files: { 'in.csv': throwingInput(1000) } },
  }),
  /** A job whose model is none: supervised, with a ledger. */
  'spare-job': () => ({
    name: 'spare-job',
    files: {
      'model.onnx': BROKEN,
      'safe.rules.yaml': RULES,
      'inbox/a.csv': csvInput({ rows: 1500, seed: 1 }),
      'inbox/b.csv': csvInput({ rows: 1500, seed: 2 }),
      'scores/.keep': Buffer.alloc(0),
      'nightly.yaml': Buffer.from(JOB),
    },
    args: ['run', 'nightly.yaml'],
    ends: 3,
    fallback: 'whole',
    published: ['a', 'b'].map((stem) => [`scores/${stem}.csv.rejects.csv`, `scores/${stem}.csv`]),
    journal: 'nightly.journal.jsonl',
    once: true,
  }),
};
