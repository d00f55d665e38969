// npm run bench [-- --quick] [--big] [--h2o] [--rows N] [--runs N] [--only WORK,...] [--contenders all|yardsticks|NAME,...]
// Scoreline against its contenders on the same files, each in a fresh process. The outputs are compared before anything is timed; runs are
// interleaved, so that a slow minute of the machine hits all alike. Raw figures are kept in bench/runs/ (of a quick run, which proves only that
// it works, in build/bench/).
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { checkOutputs } from './check.mjs';
import { lastRun } from './journal.mjs';
import { BenchError, prepareKit } from './kit.mjs';
import { describeMachine, describeVersions } from './machine.mjs';
import { measure } from './measure.mjs';
import { report } from './report.mjs';
import { listWorks } from './works.mjs';

const SLOW_RUNS = 3;
const say = (line) => process.stderr.write(`bench: ${line}\n`);

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    big: { type: 'boolean', default: false },
    h2o: { type: 'boolean', default: false },
    rows: { type: 'string' },
    runs: { type: 'string' },
    only: { type: 'string' },
    contenders: { type: 'string', default: 'all' },
  },
});
const rows = Number(options.rows ?? (options.quick ? 20_000 : 1_000_000));
const runs = Number(options.runs ?? (options.quick ? 2 : 5));
const slowRuns = Math.min(runs, options.quick ? 1 : SLOW_RUNS);

try {
  await bench();
} catch (error) {
  if (!(error instanceof BenchError)) throw error;
  say(error.message);
  process.exitCode = 1;
}

async function bench() {
  const machine = describeMachine();
  const kit = prepareKit(say);
  const results = [];
  for (const work of listWorks(kit, { rows, big: options.big, h2o: options.h2o })) {
    if (options.only !== undefined && !options.only.split(',').includes(work.name)) continue;
    try {
      results.push(await compete(kit, work));
    } finally {
      for (const path of work.leftovers ?? []) rmSync(path, { force: true });
    }
  }
  if (results.length === 0) throw new BenchError(`no work is called ${options.only}`);
  const record = {
    date: new Date().toISOString(),
    quick: options.quick,
    ...describeVersions(kit),
    machine,
    threads: kit.threads,
    results,
  };
  process.stdout.write(report(record));
  keep(kit, record);
}

async function compete(kit, work) {
  say(`${work.name}: ${work.rows.toLocaleString('en')} rows, making the input, comparing the outputs ...`);
  const entrants = work.open().filter(isWanted);
  forgetJournals(kit);
  await checkOutputs(kit, work, entrants);
  const figures = new Map(entrants.map(({ name }) => [name, []]));
  const rounds = runs * work.runsFactor;
  for (let run = 0; run < rounds; run++) {
    say(`${work.name}: run ${run + 1} of ${rounds}`);
    const running = entrants.filter(({ slow }) => !slow || run < slowRuns);
    // Each goes first in turn.
    for (let place = 0; place < running.length; place++) {
      const { name, command, journal } = running[(place + run) % running.length];
      const measured = measure(command, { cwd: kit.folder, figures: kit.file('figures.txt') });
      figures.get(name).push(journal === undefined ? measured : { ...measured, ...lastRun(journal) });
    }
  }
  const { name, title, rows: count } = work;
  return { name, title, rows: count, entrants: entrants.map((entrant) => ({ name: entrant.name, runs: figures.get(entrant.name) })) };
}

/** Ours always run: they are what the others are compared with. Yardsticks are the contenders that the claims name. */
function isWanted({ name, slow = false }) {
  if (name.startsWith('scoreline') || options.contenders === 'all') return true;
  return options.contenders === 'yardsticks' ? !slow : options.contenders.split(',').includes(name);
}

/** A journal that grew over many benchmarks would not be what a user's first run meets. */
function forgetJournals({ folder }) {
  for (const name of readdirSync(folder)) if (name.includes('.journal.jsonl')) rmSync(join(folder, name));
}

function keep(kit, record) {
  const target = join(
    options.quick ? kit.folder : join(import.meta.dirname, 'runs'),
    `${record.date.slice(0, 19).replaceAll(':', '')}-${options.quick ? 'quick' : 'full'}.json`,
  );
  mkdirSync(join(target, '..'), { recursive: true });
  if (existsSync(target)) throw new BenchError(`${target} is there already`);
  writeFileSync(target, `${JSON.stringify(record, null, 2)}\n`);
  process.stdout.write(`\nraw figures: ${relative(kit.root, target)}\n`);
}
