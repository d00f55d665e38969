import { lstat, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { systemCode } from '../errors/system-code.js';
import { syncFolder } from '../files/sync-folder.js';
import { outputFailure } from './failure.js';
import type { Sink } from './sink.js';
import { asDirectory, realTarget } from './target.js';

/** The files of one run, all written, none visible yet. */
export interface Publication {
  /** The predictions. Absent where they are withheld and only the rejects shall be seen. */
  readonly output?: Sink | undefined;
  readonly rejects?: Sink | undefined;
  /** Without `rejects`: where an earlier run may have left a rejects file, which would now be taken for this run's. */
  readonly staleRejects?: string | undefined;
  /** Called when everything is durable and nothing is visible: the place of PREPARE. What it throws stops the publication. */
  readonly prepared?: (() => void | Promise<void>) | undefined;
}

/**
 * The protocol of publishing, in its order. Rejects are settled before predictions appear, so that whoever waits for predictions finds beside them the rejects
 * of the same run or none. When it throws, whatever was not visible yet is gone and its target is as it was; a sync of a folder that fails (`sync-failed`,
 * 74) comes after the new files are visible.
 */
export async function publish(publication: Publication): Promise<void> {
  const { output, rejects, staleRejects, prepared } = publication;
  const sinks = [rejects, output].filter((sink) => sink !== undefined);
  try {
    for (const sink of sinks) await sink.finish();
    const stale = rejects === undefined && staleRejects !== undefined ? await findStale(staleRejects) : undefined;
    await prepared?.();
    if (stale !== undefined) await removeStale(stale);
    for (const sink of sinks) await sink.reveal();
    await syncFolders([...sinks.map((sink) => sink.path), stale]);
  } catch (error) {
    const cause = error instanceof Error ? error : undefined;
    for (const sink of sinks) await sink.abort(cause);
    throw error;
  }
}

/** The real path of the stale file; undefined where there is none. Looked at early: a directory of that name must not stop a half-done publication. */
async function findStale(path: string): Promise<string | undefined> {
  try {
    const real = await realTarget(path);
    const found = await lstat(real);
    if (found.isDirectory()) throw asDirectory(path);
    return found.isFile() ? real : undefined;
  } catch (error) {
    if (['ENOENT', 'output-folder-missing'].includes(systemCode(error))) return undefined;
    throw outputFailure(error, { name: path, action: 'publish' });
  }
}

async function removeStale(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw outputFailure(error, { name: path, action: 'publish' });
  }
}

/** One sync a folder, after the last rename in it. */
async function syncFolders(paths: readonly (string | undefined)[]): Promise<void> {
  const folders = new Map<string, string>();
  for (const path of paths) if (path !== undefined) folders.set(dirname(path), path);
  for (const [folder, name] of folders) {
    await syncFolder(folder).catch((error: unknown) => {
      throw outputFailure(error, { name, action: 'sync' });
    });
  }
}
