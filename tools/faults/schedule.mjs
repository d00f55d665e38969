// Runs the points of a part in lanes and adds up what they found.
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Lane } from './lane.mjs';
import { Point, spread } from './point.mjs';
import { prepare, SCENES } from './scene.mjs';

/**
 * A kind of fault, tried at many places.
 * @typedef {object} Part
 * @property {string} name
 * @property {string} about what is tried, for the report
 * @property {readonly string[]} promises that it is there to show
 * @property {number} quick points of it that are tried with every commit, by the long suite; 0 where none are
 * @property {readonly string[]} [tools] that it needs
 * @property {() => boolean} [possible] whether this user may do what it does; the whole matrix does not ask
 * @property {(context: Context) => Promise<Trial[]>} trials
 */

/**
 * @typedef {object} Trial
 * @property {string} name
 * @property {(point: Point, lane: Lane) => Promise<void>} run
 */

/**
 * @typedef {object} Result
 * @property {string} part
 * @property {number} points
 * @property {number} seconds
 * @property {Record<string, { points: number, violations: number }>} promises points at which a promise was checked, and violations of it
 * @property {{ promise: string, point: string, message: string }[]} violations
 * @property {Record<string, number>} notes
 */

export class Context {
  #scenes = new Map();
  /** Figures that a part wants in the record, by name. @type {Record<string, number>} */
  notes = {};

  /** @param {{ lanes?: number, bin?: string, full?: boolean }} [options] `bin`: another build of the command, for controls */
  constructor({ lanes = 2, bin, full = false } = {}) {
    this.work = realpathSync(mkdtempSync(join(tmpdir(), 'scoreline-faults-')));
    chmodSync(this.work, 0o755); // for the run that has no privileges
    this.bin = bin;
    this.full = full;
    this.lanes = Array.from({ length: lanes }, (_, index) => new Lane(this.work, index));
  }

  /** A scene, made at its first use. @param {keyof typeof SCENES} name @returns {Promise<import('./scene.mjs').Scene>} */
  scene(name) {
    if (!this.#scenes.has(name)) this.#scenes.set(name, prepare(SCENES[name](), this.work));
    return this.#scenes.get(name);
  }

  /** Remembers the largest of a figure. */
  note(name, value) {
    this.notes[name] = Math.max(this.notes[name] ?? -Infinity, value);
  }

  async close() {
    for (const lane of this.lanes) await lane.close();
    rmSync(this.work, { recursive: true, force: true });
  }
}

/**
 * @param {Part} part @param {Context} context
 * @param {{ points?: number, only?: string, keepIn?: string, until?: (result: Result) => boolean, onPoint?: (done: number, of: number) => void }} [options]
 * `points`: as many of its points, spread; `until` ends it early: a control needs to be caught once.
 * @returns {Promise<Result>}
 */
export async function runPart(part, context, { points, only, keepIn, until, onPoint } = {}) {
  const begun = performance.now();
  context.notes = {};
  let trials = await part.trials(context);
  if (points !== undefined) trials = spread(trials, points);
  if (only !== undefined) trials = trials.filter(({ name }) => name.includes(only));
  const result = { part: part.name, points: 0, seconds: 0, promises: {}, violations: [], notes: context.notes };
  let next = 0;
  const work = async (lane) => {
    while (next < trials.length && until?.(result) !== true) {
      const trial = trials[next++];
      const point = new Point(trial.name);
      try {
        await trial.run(point, lane);
      } catch (error) {
        throw new Error(`${part.name}: ${trial.name}: the harness itself failed`, { cause: error });
      }
      add(result, point);
      lane.clear(keepIn !== undefined && point.violations.length > 0 ? folderFor(keepIn, part, point) : undefined);
      onPoint?.(result.points, trials.length);
    }
  };
  await Promise.all(context.lanes.map(work));
  result.seconds = Math.round((performance.now() - begun) / 100) / 10;
  return result;
}

function add(result, point) {
  result.points++;
  for (const promise of point.promises) (result.promises[promise] ??= { points: 0, violations: 0 }).points++;
  for (const { promise, message } of point.violations) {
    result.promises[promise].violations++;
    result.violations.push({ promise, point: point.name, message });
  }
}

function folderFor(keepIn, part, point) {
  const folder = join(keepIn, part.name, point.name.replace(/[^\w.-]+/g, '-').slice(0, 100));
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** A generator of numbers below 1 that is the same every time (mulberry32). */
export function randomOf(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
