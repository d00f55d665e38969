// The model fails: a fallback scores, and the run is disturbed before, while and after it takes over.
import { again } from '../again.mjs';
import { run } from '../command.mjs';
import { checkFinished, checkInstant, firstLine } from '../oracle.mjs';
import { spread } from '../point.mjs';
import { canMount, smallDisk } from './disk.mjs';
import { killTrial } from './kill.mjs';
import { refusal } from './refuse.mjs';

/** @type {import('../schedule.mjs').Part} */
export const fallbackKill = {
  name: 'fallback-kill',
  about:
    'SIGKILL before every call that changes a file, and within every write, while a fallback scores the whole input, single rows, the inputs of a job; then the same command',
  promises: ['P19'],
  quick: 0,
  trials: async (context) => {
    const job = await context.scene('spare-job');
    const jobs = spread(job.calls, 60).map(({ number, name }) => warned(context, killTrial(context, job, number, 'killgroup', name)));
    return [...(await killsOf(context, 'spare')), ...(await killsOf(context, 'spare-rows')), ...jobs];
  },
};

/** A kill before each call of a scene, and within each write. */
export async function killsOf(context, name) {
  const scene = await context.scene(name);
  return scene.calls.flatMap((call) =>
    (call.name === 'write' ? ['kill', 'tear'] : ['kill']).map((act) => killTrial(context, scene, call.number, act, call.name)),
  );
}

/** Whatever a run of a job has told whom before it was killed: its `status` warns of what the fallback scored. */
function warned(context, trial) {
  return {
    name: trial.name,
    run: async (point, lane) => {
      const { status, stdout } = await run(['status', 'nightly.yaml'], { cwd: await trial.run(point, lane), bin: context.bin });
      point.check('P19', status === 1 && stdout.includes('was scored by the fallback'), () => `status ${status}: ${firstLine(stdout.toString())}`);
    },
  };
}

/** @type {import('../schedule.mjs').Part} */
export const fallbackRefuse = {
  name: 'fallback-refuse',
  about:
    'at every call that changes a file, in turn, ENOSPC once, EIO once, or EROFS from it on, and a tmpfs with too little room at 10 sizes, while a fallback scores; then the same command; sinks that cannot be told',
  promises: ['P19'],
  quick: 0,
  tools: ['unshare'],
  possible: canMount,
  trials: async (context) => {
    const scenes = await Promise.all(['spare', 'spare-rows'].map((name) => context.scene(name)));
    return scenes.flatMap((scene) => [
      ...scene.calls.map((call, index) => {
        const act = ['ENOSPC', 'EIO', 'EROFS'][index % 3];
        return refusal(context, scene, call, { act, at: call.number, ...(act === 'EROFS' ? { until: 1e9 } : {}) });
      }),
      ...smallDisk(context, scene, 5),
      ...DEAF.map((sink) => untold(context, scene, sink)),
    ]);
  },
};

/** Nothing listens there, and no file can be made there. */
const DEAF = ['--metrics=nowhere/run.prom', '--openlineage=http://127.0.0.1:9/', '--openlineage=nowhere/run.jsonl'];

function untold(context, scene, sink) {
  return {
    name: `${scene.spec.name} ${sink}`,
    run: async (point, lane) => {
      const folder = lane.copy(scene);
      await checkFinished(point, scene, folder, await run([...scene.spec.args, sink], { cwd: folder, bin: context.bin }));
    },
  };
}

/** @type {import('../schedule.mjs').Part} */
export const fallbackCrash = {
  name: 'fallback-crash',
  about:
    'SIGSEGV and SIGKILL in the scoring process, at 20 calls of a run by the model (then the fallback takes over) and at 20 of one by the fallback (then the run fails); then the same command',
  promises: ['P19', 'P13'],
  quick: 2,
  trials: async (context) => {
    const [spare, well] = [await context.scene('spare'), await context.scene('spare-crash')];
    const acts = ['segv', 'kill'];
    return [
      ...acts.flatMap((act) => scoring(spare).map((at) => fail(context, spare, act, at))),
      ...acts.flatMap((act) => scoring(well).map((at) => takeOver(context, { well, spare }, act, at))),
    ];
  },
};

/** Calls from the first one that writes predictions on. */
function scoring({ calls }) {
  const first = calls.findIndex(({ name, path }) => name === 'write' && path.endsWith('.scoreline-tmp'));
  return spread(calls.slice(first), 20).map(({ number }) => number);
}

/** The kernel kills where memory runs out, and nobody else is there to do so. */
const WHY = { segv: 'runtime-crashed', kill: 'memory-exceeded' };

/** What the fallback makes of it is what it makes of any input whose model is none. */
function takeOver(context, { well, spare }, act, at) {
  const [[output, commit]] = spare.commits;
  const taken = { ...spare, commits: new Map([[output, { ...commit, fallback: { ...commit.fallback, why: WHY[act] } }]]) };
  return {
    name: `the model’s process: ${act} at ${at}`,
    run: async (point, lane) => {
      const folder = lane.copy(well);
      const ended = await run(well.spec.args, { cwd: folder, faults: { act, at }, bin: context.bin });
      // What was prepared is published in the place of the dead.
      await checkFinished(point, ended.status === 0 ? well : taken, folder, ended);
      await checkFinished(point, well, folder, await run(well.spec.args, { cwd: folder, bin: context.bin })); // the model is well again
    },
  };
}

/** There is none for the fallback itself: the run fails, what was published before stands, and the same command goes on. */
function fail(context, scene, act, at) {
  const args = scene.spec.args.filter((arg) => arg !== '--fallback-on' && arg !== 'load'); // for crashes, too: supervised
  return {
    name: `the fallback’s process: ${act} at ${at}`,
    run: async (point, lane) => {
      const folder = lane.copy(scene);
      const ended = await run(args, { cwd: folder, faults: { act, at }, bin: context.bin });
      if (ended.status === 3) await checkFinished(point, scene, folder, ended);
      else point.check('P13', ended.status === 69, () => `ended with ${ended.status ?? ended.signal}: ${firstLine(ended.stderr)}`);
      await checkInstant(point, scene, folder);
      await again(point, scene, folder, { bin: context.bin, args });
    },
  };
}
