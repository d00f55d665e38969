// Inputs that are cut, and inputs that change while they are read: neither passes for whole.
import { createHash } from 'node:crypto';
import { appendFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run, signalGroup, start } from '../command.mjs';
import { arrowInput, csvInput } from '../material.mjs';
import { checkFinished, checkInstant, firstLine, same } from '../oracle.mjs';
import { spread } from '../point.mjs';
import { contents, lastEntry } from '../scene.mjs';
import { stops } from '../processes.mjs';

/** @type {import('../schedule.mjs').Part} */
export const cutInputs = {
  name: 'cuts',
  about: 'inputs cut at 150 places: CSV with --expect-sha256, CSV on stdin within a record, Arrow files, Arrow streams on stdin',
  promises: ['P9'],
  quick: 5,
  trials: async (context) => {
    const csv = await context.scene('csv');
    const arrow = await context.scene('arrow');
    const stream = arrowInput({ container: 'stream' });
    const ofFile = (scene, name, extra) => (at) => ({
      name: `${name} cut at ${at}`,
      run: (point, lane) => {
        const folder = lane.copy(scene);
        truncateSync(join(folder, name), at);
        return refused(context, point, scene, folder, [...scene.spec.args, ...extra]);
      },
    });
    const ofStdin = (bytes, format) => (at) => ({
      name: `${format} on stdin cut at ${at}`,
      run: (point, lane) => {
        const args = [
          'score',
          '-m',
          'model.onnx',
          '-',
          '--input-format',
          format,
          '-o',
          'out.csv',
          '--journal',
          'out.csv.journal.jsonl',
          ...csv.spec.args.slice(6),
        ];
        return refused(context, point, csv, lane.copy(csv), args, bytes.subarray(0, at));
      },
    });
    const text = csvInput();
    // At the end of a record a cut cannot be told from a shorter input: on stdin that is what --expect-rows is for.
    const within = places(text.length, 38).map((at) => (text[at - 1] === 0x0a ? at + 1 : at));
    return [
      ...places(text.length, 37).map(ofFile(csv, 'in.csv', ['--expect-sha256', createHash('sha256').update(text).digest('hex')])),
      ...within.map(ofStdin(text, 'csv')),
      ...places(readFileSync(join(arrow.template, 'in.arrow')).length, 38).map(ofFile(arrow, 'in.arrow', [])),
      ...places(stream.length, 37).map(ofStdin(stream, 'arrows')),
    ];
  },
};

/** Offsets to cut at: the first bytes, the last ones, and between. */
function places(length, count) {
  const between = Array.from({ length: count - 6 }, (_, index) => Math.floor(((index + 1) * length) / (count - 5)));
  return [1, 9, 70, ...between, length - 9, length - 2, length - 1];
}

async function refused(context, point, scene, folder, args, stdin) {
  const ended = await run(args, { cwd: folder, stdin, bin: context.bin });
  point.check('P9', ended.status === 65, () => `ended with ${ended.status ?? ended.signal}: ${firstLine(ended.stderr)}`);
  const found = contents(folder, scene.spec.published.flat());
  const output = scene.spec.published[0][1];
  point.check('P9', same(found.get(output), scene.old.get(output)), `${output} is not what it was`);
  const fail = lastEntry(join(folder, scene.spec.journal), 'FAIL');
  point.check('P10', fail?.error.status === 65 || ended.status !== 65, 'the journal has no FAIL of it');
}

/** What somebody may do to an input while it is read. */
const CHANGES = {
  'a row is appended': (path) => appendFileSync(path, readFileSync(path, 'utf8').split('\n')[1] + '\n'),
  'it is cut to half': (path) => truncateSync(path, readFileSync(path).length >> 1),
  'a byte that was read is changed in place': (path) => changeByte(path, 200),
  'a byte that comes is changed in place': (path) => changeByte(path, -200),
  'it is written anew, longer': (path) => writeFileSync(path, csvInput({ rows: 70_000, seed: 2 })),
};

function changeByte(path, place) {
  const bytes = readFileSync(path);
  bytes[(place + bytes.length) % bytes.length] ^= 1;
  writeFileSync(path, bytes);
}

/** @type {import('../schedule.mjs').Part} */
export const changedInputs = {
  name: 'changed',
  about: 'inputs that grow, shrink or change while the run is stopped in its midst, at 4 calls each',
  promises: ['P9'],
  quick: 1,
  trials: async (context) => {
    const scene = await context.scene('large');
    const writes = scene.calls.filter(({ name, path }) => name === 'write' && path.endsWith('.scoreline-tmp'));
    return Object.entries(CHANGES).flatMap(([change, act]) =>
      spread(writes.slice(0, writes.length >> 1), 4).map(({ number: at }) => ({
        name: `large csv, stopped at ${at}: ${change}`,
        run: async (point, lane) => {
          const folder = lane.copy(scene);
          const running = start(scene.spec.args, { cwd: folder, faults: { act: 'stop', at }, bin: context.bin });
          if (!point.check('P9', await stops(running.child), 'the run was not stopped')) return;
          act(join(folder, 'in.csv'));
          signalGroup(running.child.pid, 'SIGCONT');
          const ended = await running.ended;
          point.check('P9', ended.status === 65, () => `ended with ${ended.status ?? ended.signal}: ${firstLine(ended.stderr)}`);
          await checkInstant(point, scene, folder);
          const found = contents(folder, scene.spec.published.flat());
          point.check('P9', same(found.get('out.csv'), scene.old.get('out.csv')), 'out.csv is not what it was');
          writeFileSync(join(folder, 'in.csv'), scene.spec.files['in.csv']);
          await checkFinished(point, scene, folder, await run(scene.spec.args, { cwd: folder, bin: context.bin }));
        },
      })),
    );
  },
};
