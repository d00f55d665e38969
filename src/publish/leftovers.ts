import { lstat, readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { outputFailure } from './failure.js';
import { realTarget, type LinkOptions } from './target.js';
import { isTempNameOf } from './temp-name.js';

/** A temp file that a killed run left, or that a running one is writing: only its lock can tell. */
export interface Leftover {
  readonly path: string;
  readonly bytes: number;
  /** Last change, in milliseconds since 1970. */
  readonly modifiedMs: number;
}

/** The temp files of this target, oldest first; those of other targets and other programs are not listed. Deletes nothing. */
export async function findLeftovers(target: string, links: LinkOptions = {}): Promise<Leftover[]> {
  const real = await realTarget(target, links);
  const folder = dirname(real);
  const found: Leftover[] = [];
  for (const name of await namesIn(folder, target)) {
    if (!isTempNameOf(basename(real), name)) continue;
    const path = join(folder, name);
    // Gone again between the listing and here: published or removed by its own run.
    const seen = await lstat(path).catch(() => undefined);
    if (seen?.isFile() === true) found.push({ path, bytes: seen.size, modifiedMs: seen.mtimeMs });
  }
  return found.sort((a, b) => a.modifiedMs - b.modifiedMs);
}

async function namesIn(folder: string, target: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    throw outputFailure(error, { name: target, action: 'read' });
  }
}
