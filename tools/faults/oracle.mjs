// What must hold: at any instant of a run, and after the same command was given again.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { verifyJournal } from '../../dist/journal/verify.js';
import { contents, entriesOf, namesBelow } from './scene.mjs';

/**
 * The folder at an instant: under each published name stands what was there before, or the whole new file; new predictions never stand beside old rejects; a
 * COMMIT in the journal has its files; the journal proves itself, but for a line that was being written.
 * @param {import('./point.mjs').Point} point @param {import('./scene.mjs').Scene} scene
 */
export async function checkInstant(point, scene, folder) {
  const { spec, old, golden, commits } = scene;
  const found = contents(folder, spec.published.flat());
  const isNew = (name) => same(found.get(name), golden.get(name));
  for (const [rejects, output] of spec.published) {
    for (const name of [rejects, output]) {
      point.check('P1', isNew(name) || same(found.get(name), old.get(name)), () => `${name} is neither old nor new: ${describe(found.get(name))}`);
    }
    if (isNew(output)) point.check('P1', isNew(rejects), `${output} is new, ${rejects} is not`);
  }
  const journal = join(folder, spec.journal);
  if (!existsSync(journal)) return;
  const digests = new Set(entriesOf(journal).flatMap(({ kind, output }) => (kind === 'COMMIT' ? [output.sha256] : [])));
  for (const [rejects, output] of spec.published) {
    if (!digests.has(commits.get(output).output.sha256)) continue;
    point.check('P2', isNew(output) && isNew(rejects), `the journal says COMMIT, ${output} and its rejects are not there`);
  }
  await checkChain(point, journal);
}

/**
 * The end of a run that says that all went well.
 * @param {import('./command.mjs').Ended} ended
 * @param {{ mayLeave?: ReadonlySet<string>, headToo?: boolean, unrecorded?: boolean, ends?: number }} [options] `mayLeave`: files whose removal the system refused; `headToo`: unless it refused that; `unrecorded`: the journal refused the
 *   run that failed before a fallback scored; `ends`: the
 *   status, where it is not that of the scene
 */
export async function checkFinished(point, scene, folder, ended, { mayLeave, headToo, unrecorded = false, ends = scene.spec.ends ?? 0 } = {}) {
  const { spec, golden, names, commits } = scene;
  const isWell = ended.status === ends;
  point.check('P4', isWell, () => `the command given again ended with ${ended.status ?? ended.signal}: ${firstLine(ended.stderr)}`);
  if (spec.fallback !== undefined) point.check('P19', isWell, () => `a fallback scored, and the command ended with ${ended.status ?? ended.signal}`);
  // published with a warning: that, in a line, and nothing else; one that finds all done, or finishes another's work, has nothing to warn of
  const said = ends === 3 ? /^(scoreline: warning: .*\[(fallback-scored|rows-by-fallback)\]\n)?$/ : /^$/;
  point.check('P18', !isWell || said.test(ended.stderr), () => `printed ${JSON.stringify(ended.stderr.slice(0, 200))}`);
  const found = contents(folder, spec.published.flat());
  for (const name of spec.published.flat()) {
    point.check('P4', same(found.get(name), golden.get(name)), () => `${name} differs from that of an undisturbed run: ${describe(found.get(name))}`);
  }
  const strange = namesBelow(folder).filter((name) => !names.includes(name) && mayLeave?.has(name) !== true);
  point.check('P4', strange.length === 0, () => `left behind: ${strange.join(', ')}`);
  await checkJournal(point, scene, folder, { headToo });
  const entries = entriesOf(join(folder, spec.journal));
  const committed = entries.filter(({ kind }) => kind === 'COMMIT');
  for (const [output, whole] of commits) {
    const own = committed.filter((entry) => entry.output?.sha256 === whole.output.sha256);
    if (spec.once) {
      point.check('P3', own.length === 1, `${output} was published ${own.length} times`);
      const later = entries.slice(entries.indexOf(own[0]) + 1).some((entry) => entry.kind === 'START' && entry.output.path === own[0]?.output.path);
      point.check('P3', !later, `${output} was published, and begun again`);
    }
    const rows = own.at(-1)?.rows;
    const expected = whole.rows;
    point.check('P6', rows?.in === rows?.scored + rows?.rejected, () => `rows in ${rows?.in}, scored ${rows?.scored}, rejected ${rows?.rejected}`);
    const equal = rows?.in === expected.in && rows.rejected === expected.rejected;
    if (spec.fallback !== undefined) checkMarks(point, spec.fallback, { commit: own.at(-1), whole, entries, unrecorded, bytes: found.get(output) });
    point.check('P6', equal, () => `counted ${rows?.in} rows and ${rows?.rejected} rejects, not ${expected.in} and ${expected.rejected}`);
  }
}

/** Each row that a fallback scored says so, and is counted; the journal says in whose place, and that run has failed. */
function checkMarks(point, kind, { commit, whole, entries, unrecorded, bytes = Buffer.alloc(0) }) {
  const lines = bytes.toString('utf8').split('\n').slice(1, -1);
  const [marked, others] = ['fallback', 'model'].map((mark) => lines.filter((line) => line.endsWith(`,${mark}`)).length);
  const { rows, fallback } = commit ?? {};
  point.check('P19', marked + others === rows?.scored, () => `${rows?.scored} rows are scored, ${marked} and ${others} say by what`);
  const counted = [rows?.byFallback, fallback?.rows];
  point.check(
    'P19',
    counted.every((count) => count === marked),
    () => `${marked} rows are marked, ${counted.join(' and ')} counted`,
  );
  point.check('P19', marked > 0 && (kind === 'rows') === others > 0, () => `${marked} rows are marked as the fallback’s, ${others} as the model’s`);
  const same = ['kind', 'why'].every((key) => fallback?.[key] === whole.fallback[key]);
  point.check('P19', same, () => `the COMMIT says ${JSON.stringify(fallback)}, that of an undisturbed run ${JSON.stringify(whole.fallback)}`);
  if (kind === 'rows') return;
  const start = entries.find((entry) => entry.kind === 'START' && entry.run === commit?.run);
  const failed = unrecorded || entries.some((entry) => entry.kind === 'FAIL' && entry.run === fallback?.of);
  point.check('P19', start?.fallback?.of === fallback?.of && failed, `run ${fallback?.of}, in whose place it scored, has no FAIL`);
}

/** Nobody runs any more: each run has one START and one end, and the chain is whole. */
export async function checkJournal(point, scene, folder, { headToo = true } = {}) {
  const journal = join(folder, scene.spec.journal);
  const report = await checkChain(point, journal);
  point.check('P10', report?.open.length === 0, () => `runs without an end: ${report?.open.join(', ')}`);
  if (headToo) point.check('P10', report?.head === 'current', () => `the head of the journal is ${report?.head}`);
  const runs = new Map();
  for (const { run, kind } of entriesOf(journal)) {
    const seen = runs.get(run) ?? { starts: 0, ends: 0 };
    if (kind === 'START') seen.starts++;
    if (['COMMIT', 'FAIL', 'ABORT'].includes(kind)) seen.ends++;
    runs.set(run, seen);
  }
  for (const [run, { starts, ends }] of runs) point.check('P10', starts === 1 && ends <= 1, `run ${run} has ${starts} START and ${ends} ends`);
}

/** The journal's lines prove themselves and each other; gives the report. */
export async function checkChain(point, journal) {
  try {
    const report = await verifyJournal(journal);
    point.check('P10', report.ok, () => `the journal does not prove itself: ${report.problems.map(({ message }) => message).join('; ')}`);
    return report;
  } catch (error) {
    point.check('P10', false, `the journal cannot be read: ${error.message}`);
    return undefined;
  }
}

/** Absent, or the same bytes. */
export function same(a, b) {
  return a === undefined || b === undefined ? a === b : a.equals(b);
}

export function describe(bytes) {
  return bytes === undefined ? 'absent' : `${bytes.length} bytes`;
}

export function firstLine(text) {
  return text.split('\n', 1)[0];
}
