// Everything the works need before a clock runs: folders, the Python environment, models, inputs of any size, command lines.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { floatNames, generateFloats, generateMixed, generateWide, repeatRecords } from './generate.mjs';
import { madeFrom, preparePython } from './python.mjs';

/** One row in so many is spoiled in the input with rejects. */
export const SPOILED_EVERY = 100;
const TRAINING_ROWS = 20_000;
const WIDE_TRAINING_ROWS = 2_000;

export class BenchError extends Error {}

export function prepareKit(say) {
  const root = resolve(import.meta.dirname, '..');
  const folder = join(root, 'build', 'bench');
  const contender = (name) => join(import.meta.dirname, 'contenders', name);
  const threads = availableParallelism();
  mkdirSync(folder, { recursive: true });
  const python = preparePython(join(folder, 'venv'), contender('requirements.txt'), say);
  if (python === undefined) throw new BenchError('the models are made with Python too, so there is nothing to run without it');

  const kit = { root, folder, threads, python, say, contender, file: (name) => join(folder, name), must: (command) => must(command, folder) };
  forgetOldInputs(kit);
  makeModels(kit);
  return kit;
}

/** Inputs are kept, but not those of another generator. */
function forgetOldInputs({ contender, file, folder }) {
  madeFrom([contender('../generate.mjs')], file('inputs-made-from'), () => {
    for (const name of readdirSync(folder)) if (/^(training|(floats|mixed|wide)-\d)/.test(name)) rmSync(join(folder, name));
  });
}

/** Always trained on the same rows, so that a model does not depend on the size of a run. */
function makeModels({ python, contender, file, folder, say, must: run }) {
  const sources = ['make_models.py', 'requirements.txt', '../generate.mjs'].map(contender);
  madeFrom(sources, file('models-made-from'), () => {
    say('models: training ...');
    generateFloats(file('training-floats.csv'), TRAINING_ROWS);
    generateMixed(file('training-mixed.csv'), TRAINING_ROWS);
    generateWide(file('training-wide.csv'), WIDE_TRAINING_ROWS);
    run([python, contender('make_models.py'), ...['floats', 'mixed', 'wide'].map((kind) => file(`training-${kind}.csv`)), folder]);
    writeFileSync(file('features.txt'), `${floatNames.join('\n')}\n`);
  });
}

/** What `scoreline profile` writes of a model's training data. Apart from the model, so that only runs that name it take it. Made anew: it is ours that is measured. */
export function makeContract({ root, file, must: run }, model, training) {
  const contract = file(`${model}.watched.json`);
  run([
    process.execPath,
    join(root, 'bin', 'scoreline.js'),
    'profile',
    file(training),
    '-m',
    file(`${model}.onnx`),
    '--id',
    'id',
    '-o',
    contract,
    '--force',
  ]);
  return contract;
}

/** Inputs by kind, made when they are first asked for and kept for the next run. */
export function makeInputs(kit, rows) {
  const made = (name, generate, ...options) => {
    generate(kit.file(name), ...options);
    return kit.file(name);
  };
  return {
    floats: (count = rows) => made(`floats-${count}.csv`, generateFloats, count),
    rejects: () => made(`floats-${rows}-rejects.csv`, generateFloats, rows, { spoiledEvery: SPOILED_EVERY }),
    mixed: () => made(`mixed-${rows}.csv`, generateMixed, rows),
    wide: (count) => made(`wide-${count}.csv`, generateWide, count),
    ready: () => {
      const files = { arrow: kit.file(`floats-${rows}.arrow`), matrix: kit.file(`floats-${rows}.npy`) };
      const source = made(`floats-${rows}.csv`, generateFloats, rows);
      madeFrom([kit.contender('make_inputs.py'), kit.contender('requirements.txt')], `${files.matrix}.made-from`, () => {
        kit.must([kit.python, kit.contender('make_inputs.py'), source, files.arrow, files.matrix]);
      });
      return files;
    },
  };
}

/** The floats `times` over. Deleted by whoever asked for it; refused where the disk would be left with less than a gigabyte. */
export function makeBigInput(kit, source, times) {
  const target = kit.file('big.csv');
  const { bavail, bsize } = statfsSync(kit.folder);
  const needed = statSync(source).size * times * 1.3 + 2 ** 30;
  if (bavail * bsize < needed) throw new BenchError(`--big needs ${(needed / 2 ** 30).toFixed(1)} GB of disk in build/bench`);
  repeatRecords(source, target, times);
  return target;
}

/** H2O's own model and the jar to run it with, or undefined (having said why) where it cannot be had. */
export function prepareH2o({ contender, file, threads, say, must: run }) {
  if (spawnSync('java', ['-version']).error) {
    say('h2o: skipped, there is no java');
    return undefined;
  }
  const python = preparePython(file('venv-h2o'), contender('requirements-h2o.txt'), say);
  if (python === undefined) return undefined;
  const found = spawnSync(python, ['-c', 'import h2o, os; print(os.path.dirname(h2o.__file__))'], { encoding: 'utf8' });
  const model = file('h2o.zip');
  madeFrom([contender('make_mojo.py'), contender('requirements-h2o.txt'), file('models-made-from')], `${model}.made-from`, () => {
    say('h2o: training ...');
    run([python, contender('make_mojo.py'), file('labelled.csv'), model, String(threads)]);
  });
  return { jar: join(found.stdout.trim(), 'backend', 'bin', 'h2o.jar'), model };
}

function must(command, cwd) {
  const done = spawnSync(command[0], command.slice(1), { cwd, encoding: 'utf8', maxBuffer: 64 << 20 });
  if (done.status !== 0) throw new BenchError(`${command.join(' ')}\nended with status ${done.status}\n${done.stdout}${done.stderr}`);
}
