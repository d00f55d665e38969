import { constants } from 'node:fs';
import { lstat, open, rename, unlink } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { systemCode } from '../errors/system-code.js';
import { hashFile } from '../files/hash-file.js';
import { removeStale, syncFolders } from './commit.js';
import { outputFailure } from './failure.js';
import { findLeftovers } from './leftovers.js';
import type { OutputLock } from './output-lock.js';
import type { Prepared, PreparedPart, StagedName } from './run-state.js';
import { fileThere } from './target.js';
import { lstatOf } from './there.js';
import { isMarkedBy, isTempNameOf } from './temp-name.js';

/**
 * Publishes what a dead run had prepared, by the order of commit.ts: its files are known by their digests, so that whatever it had done already is done
 * once. True when the output that it prepared is in its place, and durable. False where that cannot be: a staged file is gone or changed, or what may not be replaced stands
 * there (--no-clobber), or a file that may not be removed would have to go; then nothing is touched. Only under the lock of the output. Throws OutputError where the system
 * refuses.
 *
 * @param known real path of the rejects file that is known to be this output's from elsewhere than the state file, where there is one. The state file alone could name any file
 *   to be removed: only this one and the one beside the output ever are.
 */
export async function rollForward(lock: OutputLock, prepared: Prepared, known?: string): Promise<boolean> {
  const { output, rejects, removes, noClobber } = prepared;
  if (output === null || output.path !== lock.target || !isPlausible(output)) return false;
  if (rejects !== null && !isPlausible(rejects)) return false;
  const outputIs = await whereIs(output);
  const rejectsAre = rejects === null ? 'published' : await whereIs(rejects);
  // Once predictions are visible their rejects were too: what became of these since is their owner's matter.
  if (outputIs === 'lost' || (outputIs === 'staged' && rejectsAre === 'lost')) return false;
  if (outputIs === 'staged' && noClobber && (await fileThere(output.path, output.path)) && !(await holds(output.path, output))) return false;
  try {
    const stale = removes !== null && [known, rejectsBeside(lock)].includes(removes) ? removes : undefined;
    if (outputIs === 'staged' && removes !== null && stale === undefined && (await lstatOf(removes)) !== undefined) return false;
    // Also beside predictions that are visible: of a filesystem that cannot sync a folder a power cut may have brought it back.
    if (stale !== undefined) await removeStale(stale);
    if (rejects !== null && rejectsAre === 'staged') await rename(rejects.staged, rejects.path);
    await syncFolders([rejects?.path, stale]);
    // Also where the run had linked it already, by --no-clobber: the second name goes, and the file is the same.
    if (outputIs === 'staged') await rename(output.staged, output.path);
    await unlink(output.staged).catch(() => undefined);
  } catch (error) {
    throw outputFailure(error, { name: output.path, action: 'publish' });
  }
  await syncFolders([output.path]);
  return true;
}

/** Removes temp files that a dead run had named. Those of this output are found by their names (sweep). */
export async function removeStaged(names: readonly StagedName[]): Promise<void> {
  for (const name of names) if (isPlausible(name)) await unlink(name.staged).catch(() => undefined);
}

/**
 * Removes what killed runs left of this output and of the rejects file beside it; `isOurs` says which temp files are this run's own. A folder that cannot be listed, or that keeps a file, is no fault of this
 * run. Only under the lock of the output: its own temp files, and those that bear its mark, were made by runs that held it. Others of the rejects file's name may be those of
 * a run at work into another output.
 */
export async function sweep(lock: OutputLock, isOurs: (path: string) => boolean): Promise<void> {
  const leftovers = await findLeftovers(lock.target).catch(() => []);
  const ofRejects = await findLeftovers(rejectsBeside(lock), { followLinks: false }).catch(() => []);
  const marked = ofRejects.filter(({ path }) => isMarkedBy(lock.target, basename(path)));
  for (const { path } of [...leftovers, ...marked]) if (!isOurs(path)) await unlink(path).catch(() => undefined);
}

/** The rejects file of a run that was told no other. */
function rejectsBeside({ target }: OutputLock): string {
  return `${target}.rejects.csv`;
}

/** Even a state file that was tampered with names no other file to be renamed or removed than a temp file beside its target. */
function isPlausible({ path, staged }: Pick<PreparedPart, 'path' | 'staged'>): boolean {
  return dirname(staged) === dirname(path) && isTempNameOf(basename(path), basename(staged));
}

async function whereIs(part: PreparedPart): Promise<'staged' | 'published' | 'lost'> {
  if (await holds(part.staged, part)) return 'staged';
  return (await holds(part.path, part)) ? 'published' : 'lost';
}

/** Has a plain file these very bytes? Throws OutputError where it cannot be read. */
export async function holds(path: string, { bytes, sha256 }: Pick<PreparedPart, 'bytes' | 'sha256'>): Promise<boolean> {
  try {
    if (!(await lstat(path)).isFile()) return false;
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      return (await file.stat()).size === bytes && (await hashFile(file)).sha256 === sha256;
    } finally {
      await file.close();
    }
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false;
    throw outputFailure(error, { name: path, action: 'read' });
  }
}
