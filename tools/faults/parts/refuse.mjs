// The system refuses: each call that changes a file fails once, or the filesystem turns read-only at it; writes take half, or lie about what they took.
import { statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { again } from '../again.mjs';
import { run } from '../command.mjs';
import { checkFinished, checkInstant, describe, firstLine, same } from '../oracle.mjs';
import { contents, entriesOf, lastEntry } from '../scene.mjs';
import { readTrace } from '../trace.mjs';

/** What an error of the system may end a run with: it cannot be created, cannot be written, not permitted. */
const STATUSES = new Set([73, 74, 77]);
const LOCK = '.out.csv.scoreline-run';

/** @type {import('../schedule.mjs').Part} */
export const refuse = {
  name: 'refuse',
  about: 'ENOSPC, EIO, EDQUOT once at every call that changes a file, EROFS from it on; then the same command',
  promises: ['P7'],
  quick: 5,
  trials: async (context) => {
    const scene = await context.scene('csv');
    return scene.calls.flatMap((call) => [
      ...['ENOSPC', 'EIO', 'EDQUOT'].map((act) => refusal(context, scene, call, { act, at: call.number })),
      refusal(context, scene, call, { act: 'EROFS', at: call.number, until: 1e9 }),
    ]);
  },
};

/** @type {import('../schedule.mjs').Part} */
export const shortWrites = {
  name: 'short',
  about: 'every write takes half of what it is given; the same, and the next write fails',
  promises: ['P7'],
  quick: 4,
  trials: async (context) => {
    const scene = await context.scene('csv');
    const writes = scene.calls.filter(({ name }) => name === 'write');
    return writes.flatMap((call) => ['short', 'spent'].map((act) => shortWrite(context, scene, call, act)));
  },
};

/** One call refused, or all from it on, then the same command. @param {import('../scene.mjs').Scene} scene of one output, out.csv */
export function refusal(context, scene, call, faults) {
  const { name, ends = 0 } = scene.spec;
  return {
    name: `${name} ${faults.act} at ${call.number} (${call.name} ${call.path.split('/').at(-1)})`,
    run: async (point, lane) => {
      const folder = lane.copy(scene);
      const trace = `${folder}.trace`;
      const refused = await run(scene.spec.args, { cwd: folder, faults: { ...faults, trace }, bin: context.bin });
      const calls = readTrace(trace);
      const failed = calls.filter(({ number, result }) => result < 0 && number >= faults.at && number <= (faults.until ?? faults.at));
      // What could not be removed stays, and is empty: nothing but the lock is known to be there by anybody but the run itself.
      const mayLeave = new Set(failed.filter((each) => each.name === 'unlink' && isEmptyTemp(each.path)).map(({ path }) => relative(folder, path)));
      if (refused.status === ends) {
        const journal = join(folder, scene.spec.journal);
        const commit = lastEntry(journal, 'COMMIT');
        const prepared = calls.findLast(({ name, path }) => name === 'write' && path === join(folder, LOCK))?.number;
        // A run that fails for its model is not kept from that by its journal, nor the fallback from taking over.
        const begins =
          scene.spec.fallback === 'whole' ? scene.calls.findLast((each) => each.name === 'create' && each.path.endsWith(LOCK)).number : 0;
        const unrecorded = failed.some(({ number, path }) => number < begins && path.startsWith(journal));
        for (const each of failed.filter(({ number }) => number >= begins)) {
          const may = mayFail(each, journal);
          point.check('P7', may, `status ${ends}, though ${each.name} ${each.path} failed`);
          // What comes after can stand in no COMMIT.
          const told = !may || each.number > prepared || commit.warnings.some(({ code }) => code === may.told);
          point.check('P7', may.told === undefined || told, `${each.name} ${each.path} failed, and the COMMIT says nothing of it`);
        }
        const lock = failed.some(({ path }) => path === join(folder, LOCK)) ? [LOCK] : [];
        const headToo = !failed.some(({ path }) => path.startsWith(`${journal}.head`));
        await checkFinished(point, scene, folder, refused, { mayLeave: new Set([...mayLeave, ...lock]), headToo, unrecorded });
      } else {
        point.check('P7', STATUSES.has(refused.status), () => `ended with ${refused.status ?? refused.signal}: ${firstLine(refused.stderr)}`);
        point.check('P7', refused.stderr.startsWith('scoreline: error: '), () => `said ${JSON.stringify(firstLine(refused.stderr))}`);
      }
      const twice = syncedAgain(calls);
      point.check('P7', twice === undefined, () => `${twice.path} was synced again after a sync of it had failed`);
      await checkInstant(point, scene, folder);
      await again(point, scene, folder, { bin: context.bin, mayLeave });
    },
  };
}

/**
 * A write that takes half says so: what is left is written by the next, and nobody notices. libuv goes on by itself, but where that next write fails
 * (`spent`) it says how much was taken, and nothing of the failure.
 */
function shortWrite(context, scene, call, act) {
  return {
    name: `csv ${act} at ${call.number} (${call.path.split('/').at(-1)})`,
    run: async (point, lane) => {
      const folder = lane.copy(scene);
      const ended = await run(scene.spec.args, { cwd: folder, faults: { act, at: call.number }, bin: context.bin });
      if (act === 'spent' && ended.status === 74) {
        // The call that failed was not that write's own going on, but another: then it is as in any other refusal.
        await checkInstant(point, scene, folder);
        await checkFinished(point, scene, folder, await run(scene.spec.args, { cwd: folder, bin: context.bin }));
        return;
      }
      point.check('P7', ended.status === 0, () => `a short write ended the run with ${ended.status}: ${firstLine(ended.stderr)}`);
      const found = contents(folder, scene.spec.published.flat());
      for (const [name, bytes] of scene.golden)
        point.check('P7', same(found.get(name), bytes), () => `${name} is not whole: ${describe(found.get(name))}`);
      await checkFinished(point, scene, folder, ended);
    },
  };
}

/**
 * What may fail without failing the run, because the next run mends it or nothing hangs on it, and under which code the COMMIT tells of it:
 * - the head of the journal, which the journal itself goes on from;
 * - the removal of an empty temp file, and that of the lock at the end, which is then taken as it is by the next run;
 * - the lock and the opening for a CHECKPOINT line, which is all that the journal can lack where it has START, PREPARE and COMMIT. A line that was begun may not.
 */
function mayFail({ name, path }, journal) {
  if (path.startsWith(`${journal}.head`)) return { told: 'journal-head' };
  if (name === 'unlink') return (path === join(dirname(journal), LOCK) || isEmptyTemp(path)) && {};
  const notBegun = path === `${journal}.lock` || (path === journal && (name === 'open' || name === 'create'));
  return notBegun && hasAllButCheckpoints(journal) && { told: 'checkpoint-not-recorded' };
}

function isEmptyTemp(path) {
  return path.endsWith('.scoreline-tmp') && statSync(path, { throwIfNoEntry: false })?.size === 0;
}

function hasAllButCheckpoints(journal) {
  const entries = entriesOf(journal);
  const kinds = entries.filter(({ run: id }) => id === entries.at(-1).run).map(({ kind }) => kind);
  return ['START', 'PREPARE', 'COMMIT'].every((kind) => kinds.includes(kind));
}

/** A sync that fails is final: the kernel may have dropped the bytes, and the next sync says that all is well. */
function syncedAgain(calls) {
  const failed = new Set();
  return calls.find(({ name, result, inode }) => {
    if (name === 'create') failed.delete(inode); // a new file may get the number of one that is gone
    if (name !== 'sync') return false;
    if (result < 0) failed.add(inode);
    return result >= 0 && failed.has(inode);
  });
}
