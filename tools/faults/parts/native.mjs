// Trouble inside native code, where JavaScript has no say: a model that never comes back, a crash of the scoring process, its supervisor gone.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { again } from '../again.mjs';
import { run, signalGroup, start } from '../command.mjs';
import { endlessModel } from '../endless.mjs';
import { checkChain, checkFinished, checkInstant, firstLine } from '../oracle.mjs';
import { spread } from '../point.mjs';
import { childStops, peakMemory } from '../processes.mjs';
import { entriesOf, lastEntry, namesBelow } from '../scene.mjs';

/** A run is gone this long after its deadline, or after the signal that ends it; beside other tests the machine may be busy with anything else. */
const graceMs = ({ full }) => (full ? 500 : 2000);
const SUPERVISED = ['--deadline', '10m'];

/** @type {import('../schedule.mjs').Part} */
export const endless = {
  name: 'endless',
  about:
    'a model whose native code never comes back: --deadline of 1, 2, 3 s, SIGTERM and SIGINT end it within half a second, with FAIL and nothing left',
  promises: ['P8'],
  quick: 2,
  trials: async (context) => [
    ...[2, 1, 3].map((seconds) => ({
      name: `--deadline ${seconds}s`,
      run: async (point, lane) => {
        const folder = endlessFolder(lane);
        const ended = await run([...ENDLESS, '--deadline', `${seconds}s`], { cwd: folder, bin: context.bin });
        point.check('P8', ended.status === 124, () => `ended with ${ended.status ?? ended.signal}: ${firstLine(ended.stderr)}`);
        context.note('ms after the deadline', Math.round(ended.ms - seconds * 1000));
        point.check('P8', ended.ms <= seconds * 1000 + graceMs(context), `gone after ${Math.round(ended.ms)} ms`);
        await checkGone(point, folder, 124);
      },
    })),
    ...['SIGTERM', 'SIGINT'].map((signal) => ({
      name: signal,
      run: async (point, lane) => {
        const folder = endlessFolder(lane);
        const { child, ended } = start([...ENDLESS, ...SUPERVISED], { cwd: folder, bin: context.bin });
        while (child.exitCode === null && !hasStarted(folder)) await wait(10);
        await wait(300); // into the model
        const sent = performance.now();
        child.kill(signal);
        const { status, signal: by, stderr } = await ended;
        const ms = Math.round(performance.now() - sent);
        context.note('ms after the signal', ms);
        point.check('P8', by === signal, () => `ended with ${status ?? by}: ${firstLine(stderr)}`);
        point.check('P8', ms <= graceMs(context), `gone ${ms} ms after ${signal}`);
        await checkGone(point, folder, signal === 'SIGTERM' ? 143 : 130);
      },
    })),
  ],
};

const ENDLESS = ['score', '-m', 'model.onnx', 'in.csv', '-o', 'out.csv', '--workers', '1'];

function endlessFolder(lane, grows) {
  const folder = lane.folder();
  writeFileSync(join(folder, 'model.onnx'), endlessModel(grows));
  writeFileSync(join(folder, 'in.csv'), 'X\n1\n2\n');
  return folder;
}

function hasStarted(folder) {
  return namesBelow(folder).includes('out.csv.journal.jsonl') && readFileSync(join(folder, 'out.csv.journal.jsonl')).includes('"START"');
}

async function checkGone(point, folder, status) {
  const journal = join(folder, 'out.csv.journal.jsonl');
  const kinds = entriesOf(journal).map(({ kind }) => kind).join(' '); // prettier-ignore
  point.check('P10', kinds === 'START FAIL', `the journal has ${kinds}`);
  point.check('P10', lastEntry(journal, 'FAIL')?.error.status === status, 'the journal has another status');
  await checkChain(point, journal);
  const left = namesBelow(folder).filter((name) => !/^(model\.onnx|in\.csv|out\.csv\.journal\.jsonl(\.head|\.lock)?)$/.test(name));
  point.check('P8', left.length === 0, () => `left behind: ${left.join(', ')}`);
}

const LIMIT_MB = 300;
/** Memory is looked at 20 times a second: what native code can touch in that time comes on top. */
const OVER_MB = 400;

/** @type {import('../schedule.mjs').Part} */
export const memory = {
  name: 'memory',
  about: `models whose native code takes ever more memory, by 4 MB or doubling, under --max-memory ${LIMIT_MB}MB: 69, and never ${OVER_MB} MB more than that`,
  promises: ['P13'],
  quick: 1,
  trials: async (context) =>
    ['creeps', 'doubles'].flatMap((grows) =>
      Array.from({ length: 5 }, (_, index) => ({
        name: `memory that ${grows} (${index + 1})`,
        run: async (point, lane) => {
          const folder = endlessFolder(lane, grows);
          const { child, ended } = start([...ENDLESS, '--max-memory', `${LIMIT_MB}MB`], { cwd: folder, bin: context.bin });
          const peak = await peakMemory(child);
          const { status, signal, stderr } = await ended;
          point.check('P13', status === 69, () => `ended with ${status ?? signal}: ${firstLine(stderr)}`);
          point.check(
            'P13',
            lastEntry(join(folder, 'out.csv.journal.jsonl'), 'FAIL')?.error.code === 'memory-exceeded',
            'it did not end for its memory',
          );
          const over = Math.round(peak / 2 ** 20) - LIMIT_MB;
          context.note('MB over the limit', over);
          // Beside other tests it may be long until the supervisor has its turn.
          point.check('P13', over > 0 && over <= (context.full ? OVER_MB : 20 * OVER_MB), `it had ${over} MB more than it may`);
          await checkGone(point, folder, 69);
        },
      })),
    ),
};

/** @type {import('../schedule.mjs').Part} */
export const crashes = {
  name: 'crashes',
  about: 'SIGSEGV and SIGKILL in the scoring process, SIGKILL to its supervisor, to both, each at 10 calls; then the same command',
  promises: ['P13'],
  quick: 4,
  trials: async (context) => {
    const scene = await context.scene('csv');
    const args = [...scene.spec.args, ...SUPERVISED];
    const started = scene.calls.findIndex(({ name, path }) => name === 'write' && path.endsWith('.scoreline-tmp'));
    const places = spread(scene.calls.slice(started), 10).map(({ number }) => number);
    const scorer = (act, at) => ({
      name: `scorer: ${act} at ${at}`,
      run: async (point, lane) => {
        const folder = lane.copy(scene);
        const ended = await run(args, { cwd: folder, faults: { act, at }, bin: context.bin });
        // Once all was prepared it is published in the place of the dead.
        if (ended.status === 0) await checkFinished(point, scene, folder, ended);
        else point.check('P13', ended.status === 69, () => `ended with ${ended.status ?? ended.signal}: ${firstLine(ended.stderr)}`);
        point.check(
          'P13',
          ended.status === 0 || ended.stderr.startsWith('scoreline: error: '),
          () => `said ${JSON.stringify(firstLine(ended.stderr))}`,
        );
        await anew(point, folder);
      },
    });
    const supervisor = (at) => ({
      name: `supervisor: kill at ${at}`,
      run: async (point, lane) => {
        const folder = lane.copy(scene);
        // The scorer is stopped, so that it is known where it stands when its supervisor is killed.
        const { child, ended } = start(args, { cwd: folder, faults: { act: 'stop', at }, bin: context.bin });
        point.check('P13', await childStops(child), 'the scorer was not stopped');
        child.kill('SIGKILL');
        signalGroup(child.pid, 'SIGCONT');
        await ended;
        await anew(point, folder);
      },
    });
    const both = (at) => ({
      name: `both: kill at ${at}`,
      run: async (point, lane) => {
        const folder = lane.copy(scene);
        await run(args, { cwd: folder, faults: { act: 'killgroup', at }, bin: context.bin });
        await anew(point, folder);
      },
    });
    const anew = async (point, folder) => {
      await checkInstant(point, scene, folder);
      await again(point, scene, folder, { bin: context.bin, args });
    };
    return places.flatMap((at) => [scorer('segv', at), scorer('kill', at), supervisor(at), both(at)]);
  },
};
