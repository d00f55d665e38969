// Negative controls: builds with one safeguard taken out, and a system that lies. A harness that does not catch each of them proves nothing.
import { cpSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './command.mjs';
import { killAtEveryCall } from './parts/kill.mjs';
import { fallbackKill, killsOf } from './parts/fallback.mjs';
import { starters } from './parts/lock.mjs';
import { powerCut } from './parts/power.mjs';
import { shortWrites } from './parts/refuse.mjs';
import { spread } from './point.mjs';
import { Context, runPart } from './schedule.mjs';

/**
 * @typedef {object} Control
 * @property {string} name
 * @property {string} about
 * @property {string} promise of which at least one violation must be found
 * @property {import('./schedule.mjs').Part} part that must find it
 * @property {boolean} [backwards] the last trials first: after a power cut at the end of a run there is most to be lost
 * @property {Patch[]} [patches] to a copy of the compiled command
 */

/**
 * @typedef {object} Patch
 * @property {RegExp} file path below dist
 * @property {RegExp} find global
 * @property {string} put
 * @property {number} times that it is found at least: a patch that no longer applies is an error, not a pass
 */

const NO_FILE_SYNC = { file: /^(?!files\/sync-folder).*\.js$/, find: /[\w.#]+\.(?:sync|datasync)\(\)/g, put: 'Promise.resolve()', times: 3 };

const NO_BYTE_CHECK = [
  { file: /^files\/write-all\.js$/, find: /const \{ bytesWritten \} = await ([^;]+);/g, put: 'await $1; const bytesWritten = left;', times: 1 },
  { file: /^publish\/stage\.js$/, find: /if \(size === this\.bytes\)/g, put: 'if (true)', times: 1 },
];

/** @type {Control[]} */
export const CONTROLS = [
  {
    name: 'no file sync',
    about: 'a build that never syncs a file',
    promise: 'P2',
    part: powerCut(),
    backwards: true,
    patches: [NO_FILE_SYNC],
  },
  {
    name: 'no folder sync',
    about: 'a build that never syncs a folder',
    promise: 'P2',
    part: powerCut(),
    backwards: true,
    patches: [{ file: /^files\/sync-folder\.js$/, find: /\bhandle\.sync\(\)/g, put: 'Promise.resolve()', times: 1 }],
  },
  {
    name: 'lying sync',
    about: 'the command as it is, on a system whose syncs say 0 and do nothing (as under eatmydata)',
    promise: 'P2',
    part: powerCut({ lie: 'file,folder' }),
    backwards: true,
  },
  {
    name: 'no byte check',
    about: 'a build that takes every write for a whole one, and does not look at the size of what it publishes',
    promise: 'P7',
    part: shortWrites,
    patches: NO_BYTE_CHECK,
  },
  {
    name: 'in place',
    about: 'a build that writes the output under its own name',
    promise: 'P1',
    part: killAtEveryCall,
    patches: [
      {
        file: /^publish\/stage\.js$/,
        find: /const staged = join\(dirname\(path\), tempName\([^;]+\);/g,
        put: 'const staged = path; try { await unlink(path); } catch {}',
        times: 1,
      },
    ],
  },
  {
    name: 'no lock',
    about: 'a build to which every lock is free',
    promise: 'P5',
    part: starters,
    patches: [{ file: /^files\/flock\.js$/, find: /'-xn'/g, put: "'-sn'", times: 1 }],
  },
  {
    name: 'forgotten rows',
    about: 'a build that goes on from a checkpoint, and forgets how many of its rows the fallback has scored',
    promise: 'P19',
    part: { ...fallbackKill, trials: async (context) => spread(await killsOf(context, 'spare-rows'), 40) },
    patches: [{ file: /^run\/accounting\.js$/, find: /snapshot\.sums\[name\]/g, put: "(name === 'byFallback' ? 0 : snapshot.sums[name])", times: 1 }],
  },
];

/**
 * Runs the part of a control until it is caught.
 * @param {Control} control
 * @returns {Promise<{ name: string, promise: string, caught: boolean, points: number, by: string | undefined, seconds: number }>}
 */
export async function runControl(control, options = {}) {
  const context = new Context({ ...options, bin: buildControl(control) });
  try {
    const caught = ({ violations }) => violations.some(({ promise }) => promise === control.promise);
    const { part, backwards } = control;
    const ordered = backwards ? { ...part, trials: async (each) => (await part.trials(each)).reverse() } : part;
    const result = await runPart(ordered, context, { until: caught });
    const first = result.violations.find(({ promise }) => promise === control.promise);
    const by = first && `${first.point}: ${first.message}`;
    const { name, promise } = control;
    return { name, promise, caught: caught(result), points: result.points, by, seconds: result.seconds };
  } finally {
    await context.close();
  }
}

/** A copy of the compiled command with the patches of a control; gives the path that starts it. */
export function buildControl({ name, patches = [] }) {
  if (patches.length === 0) return undefined;
  const folder = join(ROOT, 'build', 'faults', `control-${name.replace(/\W+/g, '-')}`);
  rmSync(folder, { recursive: true, force: true });
  for (const part of ['bin', 'dist', 'package.json']) {
    // Without the joined files the command starts the modules, which are what is patched.
    cpSync(join(ROOT, part), join(folder, part), { recursive: true, filter: (source) => !source.endsWith('/dist/prebuilt') });
  }
  const dist = join(folder, 'dist');
  const files = readdirSync(dist, { recursive: true }).filter((file) => file.endsWith('.js'));
  for (const { file: which, find, put, times } of patches) {
    let found = 0;
    for (const file of files.filter((each) => which.test(each))) {
      const before = readFileSync(join(dist, file), 'utf8');
      found += [...before.matchAll(find)].length;
      writeFileSync(join(dist, file), before.replace(find, put));
    }
    if (found < times) throw new Error(`the control '${name}' no longer applies: ${find} was found ${found} times in ${which}`);
  }
  return join(folder, 'bin', 'scoreline.js');
}
