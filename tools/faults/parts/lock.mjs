// One at a time: ten starters at once, holders that are stopped, holders that are killed.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { run, signalGroup, start } from '../command.mjs';
import { checkFinished, checkInstant } from '../oracle.mjs';
import { spread } from '../point.mjs';
import { stops } from '../processes.mjs';

const STARTERS = 10;
/** A lock that goes by age would be taken for a dead one's by then. */
const STOPPED_MS = 30_000;
/** The lock of an output is free this soon after its holder was killed. */
const FREE_MS = 100;
const LOCK = '.out.csv.scoreline-run';

/** @type {import('../schedule.mjs').Part} */
export const starters = {
  name: 'starters',
  about: '30 rounds of ten starters of one command at once, the winner stopped in its midst until the others are through',
  promises: ['P5'],
  quick: 1,
  trials: async (context) => {
    const scene = await context.scene('csv');
    return spread(held(scene), 30).map((at, round) => ({
      name: `ten starters, round ${round + 1}, stopped at ${at}`,
      run: async (point, lane) => {
        const folder = lane.copy(scene);
        const all = Array.from({ length: STARTERS }, () => start(scene.spec.args, { cwd: folder, faults: { act: 'stop', at }, bin: context.bin }));
        const stopped = [];
        for (const each of all) if (await stops(each.child)) stopped.push(each);
        point.check('P5', stopped.length === 1, `${stopped.length} of ${STARTERS} had the output at the same time`);
        for (const each of all) if (!stopped.includes(each)) checkBusy(point, await each.ended);
        for (const each of stopped) signalGroup(each.child.pid, 'SIGCONT');
        for (const each of stopped) await checkFinished(point, scene, folder, await each.ended);
      },
    }));
  },
};

/** @type {import('../schedule.mjs').Part} */
export const stoppedHolder = {
  name: 'holder',
  about: 'a holder under SIGSTOP (30 s) keeps its output; one that is killed frees it within 100 ms',
  promises: ['P5'],
  quick: 2,
  tools: ['flock'],
  trials: async (context) => {
    const scene = await context.scene('csv');
    const points = spread(held(scene), 10);
    return [
      { name: 'stopped, goes on', run: (point, lane) => keepsLock(context, scene, point, lane, points[4]) },
      ...points.map((at) => ({ name: `stopped at ${at}, killed`, run: (point, lane) => freesLock(context, scene, point, lane, at) })),
    ];
  },
};

/** The calls of an undisturbed run between which it surely has its output: from the first byte of the staged file to its renaming. */
function held({ calls }) {
  const staged = calls.filter(({ path, name }) => name === 'write' && path.endsWith('.scoreline-tmp'));
  return calls.map(({ number }) => number).filter((number) => number >= staged[0].number && number <= staged.at(-1).number);
}

async function keepsLock(context, scene, point, lane, at) {
  const folder = lane.copy(scene);
  const holder = start(scene.spec.args, { cwd: folder, faults: { act: 'stop', at }, bin: context.bin });
  if (!point.check('P5', await stops(holder.child), 'the holder was not stopped')) return;
  checkBusy(point, await run(scene.spec.args, { cwd: folder, bin: context.bin }));
  if (context.full) await wait(STOPPED_MS);
  checkBusy(point, await run(scene.spec.args, { cwd: folder, bin: context.bin }));
  signalGroup(holder.child.pid, 'SIGCONT');
  await checkFinished(point, scene, folder, await holder.ended);
}

async function freesLock(context, scene, point, lane, at) {
  const folder = lane.copy(scene);
  const holder = start(scene.spec.args, { cwd: folder, faults: { act: 'stop', at }, bin: context.bin });
  if (!point.check('P5', await stops(holder.child), 'the holder was not stopped')) return;
  checkBusy(point, await run(scene.spec.args, { cwd: folder, bin: context.bin }));
  const path = join(folder, LOCK);
  point.check('P5', existsSync(path), 'the file that is locked is not there');
  const isFree = () => spawnSync('flock', ['-xn', path, 'true']).status === 0;
  point.check('P5', !isFree(), 'the file that is locked is free');
  const killed = performance.now();
  signalGroup(holder.child.pid, 'SIGKILL');
  if (context.full) {
    while (!isFree() && performance.now() - killed < 5000) await wait(1);
    const ms = Math.round(performance.now() - killed);
    context.note('lock free after ms', ms);
    point.check('P5', ms <= FREE_MS, `the lock was free ${ms} ms after its holder was killed`);
  }
  await holder.ended;
  point.check('P5', isFree(), 'the holder was killed and is gone, its lock is held');
  await checkInstant(point, scene, folder);
  await checkFinished(point, scene, folder, await run(scene.spec.args, { cwd: folder, bin: context.bin }));
}

/** Busy is 75 at once, and nothing is said where nobody looks. */
function checkBusy(point, { status, signal, stderr }) {
  point.check('P5', status === 75, `while another held the output, the command ended with ${status ?? signal}`);
  point.check('P18', status !== 75 || stderr === '', `busy, it printed ${JSON.stringify(stderr)}`);
}
