// Power cuts: a run is recorded, and every state that a cut could leave is made in its folder; then the same command is given.
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { again } from '../again.mjs';
import { run } from '../command.mjs';
import { checkInstant, same } from '../oracle.mjs';
import { fingerprint, Recording, restore } from '../power-cut.mjs';
import { spread } from '../point.mjs';
import { contents, namesBelow } from '../scene.mjs';
import { readTrace } from '../trace.mjs';

/** What each scene is, and which promise its last command shows. */
const RUNS = {
  csv: ['a run', 'P4'],
  clock: ['a run with checkpoints by the clock', 'P4'],
  job: ['a job of three inputs', 'P3'],
  clean: ['a run without rejects over the rejects of an earlier one', 'P4'],
  elsewhere: ['a run with its rejects in another folder', 'P4'],
};

/**
 * @param {{ scene?: keyof typeof RUNS, most?: number, lie?: string }} [options] `most`: as many states, spread; `lie`: kinds of syncs that do nothing
 * @returns {import('../schedule.mjs').Part}
 */
export function powerCut({ scene: sceneName = 'csv', most = Infinity, lie } = {}) {
  const [what, promise] = RUNS[sceneName];
  return {
    name: sceneName === 'csv' ? 'power' : `${sceneName}-power`,
    about: `${what}: a power cut after every call, with what was not synced lost: nothing, all, all bytes, all names, each alone, half of the last write${most === Infinity ? '' : ` (${most} of the states)`}; then the same command`,
    promises: ['P2', promise],
    quick: sceneName === 'csv' ? 3 : 0,
    trials: async (context) => {
      // A state is bound to its folder by the inode of the input: each lane records a run of its own, and takes every so many-th state of it.
      const scene = await context.scene(sceneName);
      const lanes = new Map();
      for (const lane of context.lanes) lanes.set(lane, await record(context, scene, lane, lie));
      const { states } = lanes.get(context.lanes[0]);
      const trials = states.map(({ label }, index) => ({
        name: `${sceneName} ${label}`,
        run: async (point, lane) => {
          const { folder, inputs, states: own } = lanes.get(lane);
          // Checkpoints are made by the clock, so that another lane's recording may have some states more or less: the last ones are the same.
          await judge(context, point, scene, folder, inputs, own[Math.max(0, own.length - states.length + index)]);
        },
      }));
      return spread(trials, most);
    },
  };
}

async function judge(context, point, scene, folder, inputs, { files, done }) {
  restore(folder, files(), inputs);
  await checkInstant(point, scene, folder);
  if (done) {
    const found = contents(folder, scene.spec.published.flat());
    for (const name of scene.spec.published.flat()) {
      point.check('P2', same(found.get(name), scene.golden.get(name)), `the run had ended with status 0, ${name} is not whole after the power cut`);
    }
  }
  await again(point, scene, folder, context);
}

async function record(context, scene, lane, lie) {
  const folder = lane.keep(scene);
  const before = new Map(
    namesBelow(folder).map((name) => [name, { inode: statSync(join(folder, name)).ino, bytes: readFileSync(join(folder, name)) }]),
  );
  const trace = `${folder}.trace`;
  const ended = await run(scene.spec.args, { cwd: folder, faults: { trace, ...(lie === undefined ? {} : { lie }) }, bin: context.bin });
  if (ended.status !== 0) throw new Error(`the recorded run ended with ${ended.status}: ${ended.stderr}`);
  const recording = new Recording(folder, before, readTrace(trace));
  const seen = new Set();
  const states = [];
  for (let cut = 0; cut <= recording.length; cut++) {
    const done = cut === recording.length;
    for (const { label, files } of recording.statesAfter(cut)) {
      const key = `${fingerprint(files())} ${done}`;
      if (seen.has(key)) continue;
      seen.add(key);
      states.push({ label: `after ${cut} calls, ${label}`, files, done });
    }
  }
  return { folder, inputs: new Set(Object.keys(scene.spec.files)), states };
}
