// A scene: a folder as it is before a run, the command, and the folder as an undisturbed run leaves it. Points work on copies.
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { run } from './command.mjs';
import { arrowInput, csvInput, MODEL } from './material.mjs';
import { SPARE_SCENES } from './spare-scenes.mjs';
import { readTrace } from './trace.mjs';

/**
 * @typedef {object} Spec
 * @property {string} name
 * @property {Record<string, Uint8Array>} files before the run
 * @property {readonly string[]} args of the command
 * @property {number} [ends] the status that it ends with; default 0
 * @property {'whole' | 'rows'} [fallback] what a fallback scores of each input; absent: nothing
 * @property {readonly (readonly [string, string])[]} published what the run publishes: rejects and predictions
 * @property {boolean} [once] given again, the command publishes nothing again
 * @property {boolean} [everyChunk] there is a checkpoint after each chunk, and not by the clock: each run makes the same calls
 * @property {string} journal
 * @property {{ files: Record<string, Uint8Array>, args?: readonly string[], ends?: number }} [before] an earlier run: what it leaves is there before, and is the old state
 */

/**
 * @typedef {object} Scene
 * @property {Spec} spec
 * @property {string} template the folder as it is before
 * @property {string} after the folder as an undisturbed run leaves it
 * @property {Map<string, Buffer>} old what stands under the published names before
 * @property {Map<string, Buffer>} golden and after
 * @property {string[]} names every name in the folder after
 * @property {Map<string, object>} commits the COMMIT of each output, by its name
 * @property {{ rows: number, bytes: number }[]} checkpoints of the undisturbed run: rows that were read, bytes of predictions
 * @property {import('./trace.mjs').Call[]} calls of the undisturbed run
 */

/** 10,000 rows are ten chunks. */
const CHUNKED = ['--chunk-size', '80KB', '--workers', '1', '--max-rejects', '5%'];
const SCORED = ['score', '-m', 'model.onnx', 'in.csv', '-o', 'out.csv', ...CHUNKED];

const JOB = `model: model.onnx
input: inbox/*.csv
output: scores/{stem}.csv
keep: unused
settle: 0s
maxRejects: 5%
workers: 1
chunkSize: 64KB
`;

/** The scenes by name, and why there is each. */
export const SCENES = {
  /** CSV over an earlier result: an old output and an old rejects file have to give way together. */
  csv: () => ({
    name: 'csv',
    files: { 'model.onnx': MODEL, 'in.csv': csvInput() },
    args: [...SCORED, '--checkpoint-every', '0s'],
    everyChunk: true,
    published: [['out.csv.rejects.csv', 'out.csv']],
    journal: 'out.csv.journal.jsonl',
    before: { files: { 'in.csv': csvInput({ rows: 2000, seed: 1 }) } },
  }),
  /** The same with checkpoints by the clock, beside whatever else the run does meanwhile. */
  clock: () => ({ ...SCENES.csv(), name: 'clock', args: [...SCORED, '--checkpoint-every', '1ms'], everyChunk: false }),
  /** More than the reader reads ahead. */
  large: () => ({ ...SCENES.csv(), name: 'large', files: { 'model.onnx': MODEL, 'in.csv': csvInput({ rows: 60_000 }) } }),
  /** Arrow where nothing was before. */
  arrow: () => ({
    name: 'arrow',
    files: { 'model.onnx': MODEL, 'in.arrow': arrowInput() },
    args: ['score', '-m', 'model.onnx', 'in.arrow', '-o', 'out.arrow', ...CHUNKED, '--checkpoint-every', '0s'],
    everyChunk: true,
    published: [['out.arrow.rejects.csv', 'out.arrow']],
    journal: 'out.arrow.journal.jsonl',
  }),
  /** No reject where an earlier run had some: the old file has to be gone before new predictions are seen. */
  clean: () => ({ ...SCENES.csv(), name: 'clean', files: { 'model.onnx': MODEL, 'in.csv': csvInput({ rows: 2000, clean: true }) } }),
  /** Rejects in a folder of their own, whose names are not made durable by what is done in that of the output. */
  elsewhere: () => ({
    ...SCENES.csv(),
    name: 'elsewhere',
    files: { 'model.onnx': MODEL, 'in.csv': csvInput({ rows: 2000 }), 'faults/.keep': Buffer.alloc(0) },
    args: [...SCENES.csv().args, '--rejects', 'faults/rejects.csv'],
    published: [['faults/rejects.csv', 'out.csv']],
    before: { files: { 'in.csv': csvInput({ rows: 1000, seed: 1 }) } },
  }),
  /** As csv, published once. */
  skip: () => ({ ...SCENES.csv(), name: 'skip', args: [...SCENES.csv().args, '--skip-if-published'], once: true }),
  /** Three inputs, each of which the job publishes once. */
  job: () => ({
    name: 'job',
    files: {
      'model.onnx': MODEL,
      'inbox/a.csv': csvInput({ rows: 3000, seed: 1 }),
      'inbox/b.csv': csvInput({ rows: 3000, seed: 2 }),
      'inbox/c.csv': csvInput({ rows: 3000, seed: 3 }),
      'scores/.keep': Buffer.alloc(0),
      'nightly.yaml': Buffer.from(JOB),
    },
    args: ['run', 'nightly.yaml'],
    published: ['a', 'b', 'c'].map((stem) => [`scores/${stem}.csv.rejects.csv`, `scores/${stem}.csv`]),
    journal: 'nightly.journal.jsonl',
    once: true,
  }),
  ...SPARE_SCENES,
};

/** Makes template and golden folder of a scene below `work`. @param {Spec} spec @returns {Promise<Scene>} */
export async function prepare(spec, work) {
  const template = join(work, 'scenes', spec.name, 'before');
  const after = join(work, 'scenes', spec.name, 'after');
  for (const folder of [template, after]) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
  }
  place(template, spec.files);
  if (spec.before !== undefined) {
    place(template, spec.before.files);
    await must({ ...spec, ...spec.before }, template);
    place(template, spec.files);
  }
  cpSync(template, after, { recursive: true });
  const trace = `${after}.trace`;
  rmSync(trace, { force: true });
  await must(spec, after, { trace });
  return {
    spec,
    template,
    after,
    old: contents(template, spec.published.flat()),
    golden: contents(after, spec.published.flat()),
    names: namesBelow(after),
    commits: new Map(
      entriesOf(join(after, spec.journal)).flatMap((entry) =>
        entry.kind === 'COMMIT' ? [[relative(after, resolve(after, entry.output.path)), entry]] : [],
      ),
    ),
    checkpoints: entriesOf(join(after, spec.journal)).flatMap(({ kind, run: id, rows, output }, _, all) =>
      kind === 'CHECKPOINT' && id === all.at(-1).run ? [{ rows: rows.in, bytes: output.bytes }] : [],
    ),
    calls: readTrace(trace),
  };
}

/** A copy of the scene as it is before, in a folder that is empty or not there. @param {Scene} scene */
export function copyScene(scene, folder) {
  cpSync(scene.template, folder, { recursive: true, preserveTimestamps: true });
}

async function must({ args, ends = 0 }, cwd, faults) {
  const ended = await run(args, { cwd, faults });
  if (ended.status !== ends) throw new Error(`an undisturbed run ended with ${ended.status ?? ended.signal}: ${ended.stderr}`);
}

function place(folder, files) {
  for (const [name, bytes] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), bytes);
  }
}

/** The files of these names that are there. @returns {Map<string, Buffer>} */
export function contents(folder, names) {
  const present = new Set(namesBelow(folder));
  return new Map(names.filter((name) => present.has(name)).map((name) => [name, readFileSync(join(folder, name))]));
}

/** Every file below a folder, relative, sorted. */
export function namesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(folder.length + 1))
    .sort();
}

/** The entries of a journal whose lines are whole. */
export function entriesOf(journal) {
  return readFileSync(journal, 'utf8')
    .split('\n')
    .flatMap((line) => {
      try {
        return [JSON.parse(line)];
      } catch {
        return [];
      }
    });
}

export function lastEntry(journal, kind) {
  return entriesOf(journal).findLast((entry) => entry.kind === kind);
}
