// Trouble inside native code, where JavaScript has no say: a model that never comes back, a crash of the scoring process, its supervisor gone.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { run, signalGroup, start } from '../command.mjs';
import { endlessModel } from '../endless.mjs';
import { checkChain, checkFinished, checkInstant, firstLine } from '../oracle.mjs';
import { spread } from '../point.mjs';
import { childStops } from '../processes.mjs';
import { entriesOf, lastEntry, namesBelow } from '../scene.mjs';

/** A run is gone this long after its deadline, or after the signal that ends it. */
const GRACE_MS = 500;
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
        point.check('P8', ended.ms <= seconds * 1000 + GRACE_MS, `gone after ${Math.round(ended.ms)} ms`);
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
        point.check('P8', ms <= GRACE_MS, `gone ${ms} ms after ${signal}`);
        await checkGone(point, folder, signal === 'SIGTERM' ? 143 : 130);
      },
    })),
  ],
};

const ENDLESS = ['score', '-m', 'model.onnx', 'in.csv', '-o', 'out.csv', '--workers', '1'];

function endlessFolder(lane) {
  const folder = lane.folder();
  writeFileSync(join(folder, 'model.onnx'), endlessModel());
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
        await again(point, scene, folder);
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
        await checkInstant(point, scene, folder);
        await again(point, scene, folder);
      },
    });
    const both = (at) => ({
      name: `both: kill at ${at}`,
      run: async (point, lane) => {
        const folder = lane.copy(scene);
        await run(args, { cwd: folder, faults: { act: 'killgroup', at }, bin: context.bin });
        await checkInstant(point, scene, folder);
        await again(point, scene, folder);
      },
    });
    const again = async (point, each, folder) => {
      await checkInstant(point, each, folder);
      await checkFinished(point, each, folder, await run([...args], { cwd: folder, bin: context.bin }));
    };
    return places.flatMap((at) => [scorer('segv', at), scorer('kill', at), supervisor(at), both(at)]);
  },
};
