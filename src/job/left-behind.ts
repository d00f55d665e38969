import { lstat } from 'node:fs/promises';
import { systemCode } from '../errors/system-code.js';
import { hasRunState } from '../publish/output-lock.js';
import type { Known } from './history.js';

/** Of so many inputs at most is looked for what a run has left: a crash concerns the newest ones. */
const NEWEST = 100;
/** As the outputs of a job are written. */
const NO_LINKS = { followLinks: false };

/**
 * Inputs that no run of the job scores again, though at their output there is what a dead run has left: published ones, where a kill or a power cut came in the midst of the
 * removal of the state file, and ones that were tried and have been taken away since. Published ones that are not settled are left out: their outputs are looked after with them.
 */
export async function leftBehind(all: readonly Known[]): Promise<readonly Known[]> {
  const published = all.filter(({ published: done, settled }) => done !== undefined && settled);
  published.sort((a, b) => (a.published?.at ?? '').localeCompare(b.published?.at ?? ''));
  const tried = all.filter(({ published: done }) => done === undefined).sort((a, b) => a.firstAt.localeCompare(b.firstAt));
  const found: Known[] = [];
  for (const known of published.slice(-NEWEST)) if (await hasRunState(known.paths.output, NO_LINKS)) found.push(known);
  for (const known of tried.slice(-NEWEST)) if ((await hasRunState(known.paths.output, NO_LINKS)) && (await isGone(known.path))) found.push(known);
  return found;
}

async function isGone(path: string): Promise<boolean> {
  return lstat(path).then(
    () => false,
    (error: unknown) => systemCode(error) === 'ENOENT',
  );
}
