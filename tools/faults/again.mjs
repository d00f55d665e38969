// The same command once more: it ends as if nothing had been, and scores no more than it has to.
import { readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { decodeCheckedLine } from '../../dist/files/checked-line.js';
import { run } from './command.mjs';
import { checkFinished } from './oracle.mjs';
import { entriesOf, namesBelow } from './scene.mjs';

/**
 * What a dead run has left beside an output.
 * @typedef {object} Left
 * @property {string} run its id
 * @property {number | undefined} rows of its last checkpoint
 * @property {boolean} prepared all was written and synced: nothing is left but to publish it
 * @property {number | undefined} bytes of predictions that are written, be they safe or not
 */

/**
 * Gives the command again and looks at what it does.
 * @param {import('./point.mjs').Point} point @param {import('./scene.mjs').Scene} scene
 * @param {{ bin?: string, args?: readonly string[], mayLeave?: ReadonlySet<string> }} [options]
 */
export async function again(point, scene, folder, { bin, args = scene.spec.args, mayLeave } = {}) {
  const before = lookBefore(scene, folder);
  const ended = await run(args, { cwd: folder, bin });
  // Whoever finds all inputs published has nothing to warn of: that is for `status` then.
  const { journal, once, ends } = scene.spec;
  const begun = entriesOf(join(folder, journal)).slice(before.lines).some(({ kind }) => kind === 'START'); // prettier-ignore
  await checkFinished(point, scene, folder, ended, { mayLeave, ends: once && !begun ? 0 : ends });
  checkRescored(point, scene, folder, before);
}

/** What is there before the command is given again. @param {import('./scene.mjs').Scene} scene */
export function lookBefore({ spec }, folder) {
  const present = new Set(namesBelow(folder));
  return {
    lines: present.has(spec.journal) ? entriesOf(join(folder, spec.journal)).length : 0,
    /** @type {Map<string, Left | undefined>} */
    left: new Map(spec.published.map(([, output]) => [output, leftAt(folder, output, present)])),
  };
}

/**
 * Nothing that stands in a checkpoint is scored a second time, and behind the last one there is little to score: the checkpoint that was being made, and what was
 * written beside it. What was prepared is published without scoring anything.
 */
export function checkRescored(point, { spec, golden, checkpoints }, folder, { lines, left }) {
  const since = entriesOf(join(folder, spec.journal)).slice(lines);
  for (const [output, dead] of left) {
    // Where a fallback stands in, the run that it stands in for has a START, too.
    const isOwn = ({ kind, fallback }) => kind === 'START' && (spec.fallback !== 'whole' || fallback !== undefined);
    const starts = since.filter((entry) => isOwn(entry) && resolve(folder, entry.output.path) === join(folder, output));
    if (dead?.prepared) point.check('P4', starts.length === 0, `${output} was prepared, and scored again all the same`);
    else if (dead?.rows !== undefined) {
      const resumed = starts.length === 1 && starts[0].resumes === dead.run;
      point.check('P4', resumed, `${output}: the checkpoint at row ${dead.rows} was not gone on from`);
      if (!resumed || !spec.everyChunk) continue;
      const found = since.flatMap(({ kind, rows }) => (kind === 'CHECKPOINT' ? [rows.in] : [])).join(' ');
      const expected = checkpoints.flatMap(({ rows }) => (rows > dead.rows ? [rows] : [])).join(' ');
      point.check('P4', found === expected, `gone on from row ${dead.rows}, there were checkpoints at ${found}, not at ${expected}`);
    } else point.check('P4', starts.every(({ resumes }) => resumes === undefined), `${output}: gone on from a checkpoint that nobody had made`); // prettier-ignore
    if (!spec.everyChunk || dead?.bytes === undefined) continue;
    const safe = checkpoints.findIndex(({ rows }) => rows === dead.rows);
    const most = checkpoints[safe + 2]?.bytes ?? golden.get(output).length;
    point.check('P4', dead.bytes <= most, `${dead.bytes} bytes were written when no more than the checkpoint at row ${dead.rows ?? 0} was safe`);
  }
}

/** @returns {Left | undefined} undefined where no run was under way */
function leftAt(folder, output, present) {
  const name = join(dirname(output), `.${basename(output)}.scoreline-run`);
  if (!present.has(name)) return undefined;
  /** @type {Left | undefined} */
  let left;
  for (const text of readFileSync(join(folder, name), 'utf8').split('\n')) {
    const line = decodeCheckedLine(text);
    const staged = [...(line?.staged instanceof Array ? line.staged : []), ...(line?.kind === 'staged' ? [line] : [])].find(
      ({ of }) => of === 'output',
    );
    if (line?.kind === 'run') left = { run: line.run, rows: rowsOf(line.checkpoint), prepared: false, bytes: undefined };
    if (left === undefined) continue;
    if (line?.kind === 'checkpoint') left.rows = rowsOf(line.checkpoint);
    if (line?.kind === 'prepared') left.prepared = true;
    if (staged !== undefined) left.bytes = statSync(staged.staged, { throwIfNoEntry: false })?.size;
  }
  return left;
}

function rowsOf(checkpoint) {
  return checkpoint?.accounting.sums.rowsIn;
}
