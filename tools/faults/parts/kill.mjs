// SIGKILL: before every call that changes a file, within every write, at any time, and again during the recovery from it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { again } from '../again.mjs';
import { run, signalGroup, start } from '../command.mjs';
import { checkFinished, checkInstant } from '../oracle.mjs';
import { spread } from '../point.mjs';
import { restore } from '../power-cut.mjs';
import { randomOf } from '../schedule.mjs';
import { namesBelow } from '../scene.mjs';

const SCENES = ['csv', 'arrow'];

/** @type {import('../schedule.mjs').Part} */
export const killAtEveryCall = {
  name: 'kill',
  about: 'SIGKILL before every call that changes a file, and within every write; then the same command',
  promises: ['P1', 'P4'],
  quick: 6,
  trials: async (context) => {
    const trials = [];
    for (const name of SCENES) {
      const scene = await context.scene(name);
      for (const { number, name: call } of scene.calls) {
        trials.push(killTrial(context, scene, number, 'kill', call));
        if (call === 'write') trials.push(killTrial(context, scene, number, 'tear', call));
      }
    }
    return trials;
  },
};

/** @type {import('../schedule.mjs').Part} */
export const killJob = {
  name: 'job-kill',
  about: 'SIGKILL to a job of three inputs, supervisor and scorer together, before every call that changes a file; then the same command',
  promises: ['P3', 'P1'],
  quick: 3,
  trials: async (context) => {
    const scene = await context.scene('job');
    return scene.calls.map(({ number, name }) => killTrial(context, scene, number, 'killgroup', name));
  },
};

/** A kill at one call, then the same command; its run gives the folder. */
export function killTrial(context, scene, at, act, call) {
  return {
    name: `${scene.spec.name} ${act} at ${at} (${call})`,
    run: async (point, lane) => {
      const folder = lane.copy(scene);
      const stop = watch(lane, scene, folder);
      const killed = await run(scene.spec.args, { cwd: folder, faults: { at, act }, bin: context.bin });
      point.check('P1', killed.signal === 'SIGKILL', `the process was to be killed, it ended with status ${killed.status}`);
      await checkInstant(point, scene, folder);
      await again(point, scene, folder, context);
      await checkSeen(point, stop);
      return folder;
    },
  };
}

/** @type {import('../schedule.mjs').Part} */
export const killTwice = {
  name: 'kill-twice',
  about: 'SIGKILL at 20 calls, then at 20 calls of the run that recovers; then the same command',
  promises: ['P1', 'P4'],
  quick: 4,
  trials: async (context) => {
    const scene = await context.scene('csv');
    // At the end, where there is something to recover; each first kill belongs to one lane, as its state is bound to its folder.
    const firsts = spread(scene.calls, 20).map(({ number }) => number);
    return firsts.flatMap((first) => {
      const shared = new FirstKill(context, scene, first);
      return Array.from({ length: 20 }, (_, index) => ({
        name: `csv kill at ${first}, then ${index + 1} of 20`,
        run: (point, lane) => shared.killAgain(point, lane, index / 19),
      }));
    });
  },
};

/** A folder as a killed run left it, brought back for each second kill. Each lane makes its own. */
class FirstKill {
  #lanes = new Map();

  constructor(context, scene, at) {
    Object.assign(this, { context, scene, at });
  }

  async killAgain(point, lane, share) {
    const { scene, context } = this;
    const { folder, files, inputs, calls } = await this.#in(lane);
    restore(folder, files, inputs);
    const at = 1 + Math.round(share * (calls - 1));
    const killed = await run(scene.spec.args, { cwd: folder, faults: { at, act: 'kill' }, bin: context.bin });
    point.check('P1', killed.signal === 'SIGKILL', `the recovery was to be killed, it ended with status ${killed.status}`);
    await checkInstant(point, scene, folder);
    await again(point, scene, folder, context);
  }

  #in(lane) {
    if (!this.#lanes.has(lane)) this.#lanes.set(lane, this.#make(lane));
    return this.#lanes.get(lane);
  }

  async #make(lane) {
    const { scene, context, at } = this;
    const folder = lane.keep(scene);
    await run(scene.spec.args, { cwd: folder, faults: { at, act: 'kill' }, bin: context.bin });
    const files = new Map(namesBelow(folder).map((name) => [name, readFileSync(join(folder, name))]));
    const inputs = new Set(Object.keys(scene.spec.files));
    const { calls } = await run(scene.spec.args, { cwd: folder, faults: {}, bin: context.bin });
    return { folder, files, inputs, calls };
  }
}

/** @type {import('../schedule.mjs').Part} */
export const killAtRandom = {
  name: 'kill-random',
  about: 'SIGKILL to the whole process group at 1,000 random times, checkpoints after every chunk or by the clock; then the same command',
  promises: ['P1', 'P4'],
  quick: 4,
  trials: async (context) => {
    const scenes = [await context.scene('csv'), await context.scene('clock')];
    const random = randomOf(1);
    const undisturbed = await run(scenes[1].spec.args, { cwd: context.lanes[0].copy(scenes[1]), bin: context.bin });
    return Array.from({ length: 1000 }, (_, index) => {
      const scene = scenes[index % 2];
      const share = random() * 1.1;
      return {
        name: `${scene.spec.name} killed at ${(share * 100).toFixed(1)}% of its time (${index + 1})`,
        run: async (point, lane) => {
          const folder = lane.copy(scene);
          const { child, ended } = start(scene.spec.args, { cwd: folder, bin: context.bin });
          const timer = setTimeout(() => signalGroup(child.pid, 'SIGKILL'), share * undisturbed.ms);
          const first = await ended;
          clearTimeout(timer);
          await checkInstant(point, scene, folder);
          if (first.status === 0) await checkFinished(point, scene, folder, first);
          await again(point, scene, folder, context);
        },
      };
    });
  },
};

/** A reader of all that is published, every millisecond. */
function watch(lane, scene, folder) {
  return lane.reader.watch(
    scene.spec.published.flat().map((name) => ({ path: join(folder, name), allowed: [scene.old.get(name), scene.golden.get(name)] })),
  );
}

async function checkSeen(point, stop) {
  const { reads, strange } = await stop();
  point.check('P1', reads > 0 && strange.length === 0, `a reader saw ${strange.length} of ${reads} times: ${strange[0]}`);
}
