// Published once: jobs that are started again, together, without their journal, with another model.
import { readdirSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run, start } from '../command.mjs';
import { TREES } from '../material.mjs';
import { checkFinished, firstLine } from '../oracle.mjs';
import { entriesOf } from '../scene.mjs';

const STARTERS = 10;

/** @type {import('../schedule.mjs').Part} */
export const jobStarters = {
  name: 'job-starters',
  about: '30 rounds of ten starters of a job with three inputs at once: one publishes, the others end with 75 or find nothing to do',
  promises: ['P3'],
  quick: 1,
  trials: async (context) => {
    const scene = await context.scene('job');
    return Array.from({ length: 30 }, (_, round) => ({
      name: `ten starters of a job, round ${round + 1}`,
      run: async (point, lane) => {
        const folder = lane.copy(scene);
        const all = await Promise.all(Array.from({ length: STARTERS }, () => start(scene.spec.args, { cwd: folder, bin: context.bin }).ended));
        for (const { status, signal, stderr } of all) {
          point.check('P3', status === 0 || status === 75, () => `a starter ended with ${status ?? signal}: ${firstLine(stderr)}`);
          point.check('P18', stderr === '', () => `printed ${JSON.stringify(stderr.slice(0, 200))}`);
        }
        point.check('P3', all.some(({ status }) => status === 0), 'no starter won'); // prettier-ignore
        await checkFinished(point, scene, folder, { status: 0, signal: null, stderr: '' });
      },
    }));
  },
};

/** What happens to a job's folder between two nights. @type {Record<string, (folder: string) => void>} */
const BETWEEN = {
  nothing: () => undefined,
  'the journal is lost': (folder) => remove(folder, /^nightly\.journal\.jsonl/),
  'the journal is rotated': (folder) => renameSync(join(folder, 'nightly.journal.jsonl'), join(folder, 'nightly.journal.jsonl.1')),
  'the model is replaced': (folder) => writeFileSync(join(folder, 'model.onnx'), TREES),
  'the inputs are touched': (folder) => {
    for (const name of ['a', 'b', 'c']) utimesSync(join(folder, 'inbox', `${name}.csv`), new Date(), new Date());
  },
  'a prediction is taken away': (folder) => rmSync(join(folder, 'scores', 'b.csv')),
};

/** @type {import('../schedule.mjs').Part} */
export const jobAgain = {
  name: 'job-again',
  about: 'a job run again after nothing, a lost and a rotated journal, another model, touched inputs, predictions taken away: nothing is scored',
  promises: ['P3'],
  quick: 3,
  trials: async (context) => {
    const scene = await context.scene('job');
    return Object.entries(BETWEEN).map(([what, act]) => ({
      name: what,
      run: async (point, lane) => {
        const folder = lane.copy(scene);
        await checkFinished(point, scene, folder, await run(scene.spec.args, { cwd: folder, bin: context.bin }));
        act(folder);
        const before = outputsOf(folder);
        const commits = commitsIn(folder);
        const again = await run(scene.spec.args, { cwd: folder, bin: context.bin });
        point.check('P3', again.status === 0, () => `ended with ${again.status ?? again.signal}: ${firstLine(again.stderr)}`);
        point.check('P3', outputsOf(folder) === before, 'predictions were written again');
        point.check('P3', commitsIn(folder) === commits, 'an input was published again');
      },
    }));
  },
};

/** Names, inodes and times of what was published. */
function outputsOf(folder) {
  const scores = join(folder, 'scores');
  return readdirSync(scores)
    .sort()
    .map((name) => [name, statSync(join(scores, name)).ino, statSync(join(scores, name)).mtimeMs].join(' '))
    .join('\n');
}

function commitsIn(folder) {
  const journals = readdirSync(folder).filter((name) => /^nightly\.journal\.jsonl(\.1)?$/.test(name));
  return journals.flatMap((name) => entriesOf(join(folder, name))).filter(({ kind }) => kind === 'COMMIT').length;
}

function remove(folder, names) {
  for (const name of readdirSync(folder)) if (names.test(name)) rmSync(join(folder, name));
}

/** @type {import('../schedule.mjs').Part} */
export const skipPublished = {
  name: 'skip',
  about: '30 rounds of ten starters of `score --skip-if-published` at once, then once more: one COMMIT',
  promises: ['P3'],
  quick: 1,
  trials: async (context) => {
    const scene = await context.scene('skip');
    return Array.from({ length: 30 }, (_, round) => ({
      name: `ten starters with --skip-if-published, round ${round + 1}`,
      run: async (point, lane) => {
        const folder = lane.copy(scene);
        const all = await Promise.all(Array.from({ length: STARTERS }, () => start(scene.spec.args, { cwd: folder, bin: context.bin }).ended));
        for (const { status, signal, stderr } of all) {
          point.check('P3', status === 0 || status === 75, () => `a starter ended with ${status ?? signal}: ${firstLine(stderr)}`);
        }
        await checkFinished(point, scene, folder, await run(scene.spec.args, { cwd: folder, bin: context.bin }));
      },
    }));
  },
};
