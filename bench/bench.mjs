// npm run bench [-- --quick] [--rows N] [--runs N] [--only WORK]: Scoreline against its contenders on the same files, each in a fresh process.
// The outputs are compared before anything is timed; runs are interleaved, so that a slow minute of the machine hits all alike. Raw figures are
// kept in bench/runs/ (of a quick run, which proves only that it works, in build/bench/).
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { compareOutputs } from './compare.mjs';
import { featureNames, generateFloats } from './generate.mjs';
import { describeMachine } from './machine.mjs';
import { measure, spread } from './measure.mjs';
import { preparePython } from './python.mjs';

const root = resolve(import.meta.dirname, '..');
const folder = join(root, 'build', 'bench');
const contenders = join(import.meta.dirname, 'contenders');
const say = (line) => process.stderr.write(`${line}\n`);

const { values: options } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, rows: { type: 'string' }, runs: { type: 'string' }, only: { type: 'string' } },
});
const rows = Number(options.rows ?? (options.quick ? 20_000 : 1_000_000));
const runs = Number(options.runs ?? (options.quick ? 2 : 5));
const threads = availableParallelism();
const WORKS = [
  { name: 'logistic', title: 'logistic regression, 28 floats' },
  { name: 'lightgbm', title: 'LightGBM, 100 trees x 31 leaves, 28 floats' },
].filter(({ name }) => options.only === undefined || options.only === name);

mkdirSync(folder, { recursive: true });
const python = preparePython(folder, join(contenders, 'requirements.txt'), say);
if (python === undefined) {
  say('bench: the models are made with Python too, so there is nothing to run without it');
  process.exitCode = 1;
} else {
  await bench();
}

async function bench() {
  const data = join(folder, `floats-${rows}.csv`);
  say(`data: ${rows} rows x ${featureNames.length} floats`);
  generateFloats(data, rows);
  // Always trained on the same rows, so that the model does not depend on the size of the run.
  const training = join(folder, 'training.csv');
  generateFloats(training, 20_000);
  must([python, join(contenders, 'make_models.py'), training, folder]);
  const features = join(folder, 'features.txt');
  writeFileSync(features, `${featureNames.join('\n')}\n`);

  const results = [];
  for (const work of WORKS) results.push(await compete(work, entrantsOf(work, data, features)));
  report(results);
  keep(results);
}

/** The command line of each entrant as it is timed, where its output goes, and a contender's command line with one thread. The first is the yardstick. */
function entrantsOf(work, data, features) {
  const model = join(folder, `${work.name}.onnx`);
  const output = (name) => join(folder, `${work.name}.${name}.csv`);
  const polars = [python, join(contenders, 'polars_ort.py'), model, data, output('polars')];
  const scoreline = [process.execPath, join(root, 'bin', 'scoreline.js'), 'score', '-m', model, data, '-o', output('scoreline')];
  return [
    { name: 'polars+ort', output: output('polars'), command: [...polars, String(threads)], oneThread: [...polars, '1'] },
    { name: 'scoreline', output: output('scoreline'), command: [...scoreline, '--features', `@${features}`, '--keep', 'id'] },
  ];
}

/**
 * Every contender's output must be ours. ONNX Runtime adds up trees in another order with another number of threads, and each session of
 * ours has one: with one thread a contender agrees to 1e-6 of the value, as it is timed to what sums of float32 allow.
 */
async function compareAll(entrants) {
  const ours = entrants.find(({ name }) => name === 'scoreline');
  must(ours.command);
  for (const { name, output, command, oneThread } of entrants.filter((entrant) => entrant !== ours)) {
    for (const [run, absolute] of [
      [oneThread, 1e-7],
      [command, 1e-6],
    ]) {
      must(run);
      const compared = await compareOutputs(ours.output, output, { relative: 1e-6, absolute });
      if (compared !== rows) throw new Error(`${name} and scoreline wrote ${compared} rows of ${rows}`);
    }
  }
}

async function compete(work, entrants) {
  say(`${work.name}: comparing the outputs ...`);
  await compareAll(entrants);
  const figures = new Map(entrants.map(({ name }) => [name, []]));
  for (let run = 0; run < runs; run++) {
    say(`${work.name}: run ${run + 1} of ${runs}`);
    // Each goes first in turn.
    for (let place = 0; place < entrants.length; place++) {
      const { name, command } = entrants[(place + run) % entrants.length];
      figures.get(name).push(measure(command, { cwd: folder, figures: join(folder, 'figures.txt') }));
    }
  }
  return { ...work, rows, entrants: entrants.map(({ name }) => ({ name, runs: figures.get(name) })) };
}

function report(results) {
  for (const { title, rows: count, entrants } of results) {
    process.stdout.write(`\n${title}, ${count} rows, ${threads} threads, ${runs} runs\n`);
    const yardstick = spread(entrants[0].runs.map(({ seconds }) => seconds)).median;
    for (const { name, runs: measured } of entrants) {
      const wall = spread(measured.map(({ seconds }) => seconds));
      const cpu = measured[0].cpuSeconds === undefined ? '-' : `${spread(measured.map(({ cpuSeconds }) => cpuSeconds)).median.toFixed(2)} s`;
      const peak = measured[0].peakMB === undefined ? '-' : `${Math.round(spread(measured.map(({ peakMB }) => peakMB)).most)} MB`;
      const range = `${wall.least.toFixed(2)}-${wall.most.toFixed(2)}`;
      process.stdout.write(
        `  ${name.padEnd(12)} ${wall.median.toFixed(2).padStart(7)} s  (${range})  CPU ${cpu.padStart(8)}  peak ${peak.padStart(8)}  ${(wall.median / yardstick).toFixed(2)} x ${entrants[0].name}\n`,
      );
    }
  }
}

function keep(results) {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const date = new Date().toISOString();
  const requirements = readFileSync(join(contenders, 'requirements.txt'), 'utf8').trim().split('\n');
  const record = { date, quick: options.quick, scoreline: version, machine: describeMachine(), threads, contenders: requirements, results };
  const target = join(
    options.quick ? folder : join(import.meta.dirname, 'runs'),
    `${date.slice(0, 19).replaceAll(':', '')}-${options.quick ? 'quick' : 'full'}.json`,
  );
  mkdirSync(join(target, '..'), { recursive: true });
  writeFileSync(target, `${JSON.stringify(record, null, 2)}\n`);
  process.stdout.write(`\nraw figures: ${relative(root, target)}\n`);
}

function must(command) {
  const done = spawnSync(command[0], command.slice(1), { cwd: folder, encoding: 'utf8', maxBuffer: 64 << 20 });
  if (done.status !== 0) throw new Error(`${command.join(' ')}\nended with status ${done.status}\n${done.stdout}${done.stderr}`);
}
