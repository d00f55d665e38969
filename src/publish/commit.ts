import { lstat, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { systemCode } from '../errors/system-code.js';
import { syncFolder } from '../files/sync-folder.js';
import { outputFailure } from './failure.js';
import { recordPublished, type LedgerDraft } from './ledger.js';
import type { OutputLock } from './output-lock.js';
import type { Prepared, PreparedPart } from './run-state.js';
import type { Sink } from './sink.js';
import { isStage } from './stage.js';
import { asDirectory, realTarget } from './target.js';

/** The files of one run, all written, none visible yet. */
export interface Publication {
  /** The predictions. Absent where they are withheld and only the rejects shall be seen. */
  readonly output?: Sink | undefined;
  readonly rejects?: Sink | undefined;
  /** Without `rejects`: where an earlier run may have left a rejects file, which would now be taken for this run's. */
  readonly staleRejects?: string | undefined;
  /** False: a link under that name is itself what goes, whatever it leads to. Default: true. */
  readonly followStale?: boolean;
  /** What makes it recoverable. Absent where there is nothing to recover: predictions go through a pipe, or are withheld. */
  readonly recoverable?: Recoverable | undefined;
  /** Called when all is synced and nothing visible: the last moment to stop. What it throws stops the publication. */
  readonly sealed?: (() => void) | undefined;
  /** Told each step that is done, for whoever has to say what was published when a later one fails. */
  readonly onStep?: ((step: PublishStep) => void) | undefined;
}

/**
 * `rejects`: the rejects file is new, or the stale one gone · `output`: the predictions are visible · `durable`: and stay so after a power cut · `recorded`: ledger and journal have it, where it
 * is recoverable; the state file is about to go.
 */
export type PublishStep = 'rejects' | 'output' | 'durable' | 'recorded';

/** What a run leaves behind for a later one to finish what it had begun. */
export interface Recoverable {
  /** Held by this run; the state file goes when all is done. */
  readonly lock: OutputLock;
  readonly noClobber: boolean;
  /** What the run will have done, once it is published: plain data. */
  readonly outcome: () => unknown;
  /** Called when the journal has its PREPARE: from here on the run is rolled forward or given up, never gone on from. */
  readonly decided?: (() => void) | undefined;
  readonly chronicle: Chronicle;
  /** Run id. */
  readonly run: string;
  /** Where to say that this run was published; null for nowhere. */
  readonly ledger: LedgerDraft | null;
}

/** Where it is written that a run was published. */
export interface Chronicle {
  /** The run's journal, held from PREPARE to COMMIT: `act` is called once, with what writes these two lines. */
  readonly journal: (act: (lines: JournalLines) => Promise<void>) => Promise<void>;
}

export interface JournalLines {
  prepare(prepared: Prepared): Promise<void>;
  commit(prepared: Prepared): Promise<void>;
}

/**
 * The protocol of publishing, in its order. What is claimed is synced before the line that claims it, so that a crash at any point leaves the old output, or
 * enough to put the new one in its place (recover.ts). Rejects are settled before predictions appear, so that whoever waits for predictions finds beside them
 * the rejects of the same run or none.
 *
 * When it throws, whatever was not visible yet is gone and its target is as it was; `onStep` has said how far it came. A failed write or sync is
 * final: nothing is tried again. What fails after `durable` leaves the state file, by which a later run makes good what is missing.
 */
export async function publish(publication: Publication): Promise<void> {
  const { output, rejects, staleRejects, recoverable, sealed } = publication;
  const sinks = [rejects, output].filter((sink) => sink !== undefined);
  try {
    // Counted, given their mode, synced, closed.
    for (const sink of sinks) await sink.finish();
    const stale = rejects === undefined && staleRejects !== undefined ? await findStale(staleRejects, publication.followStale) : undefined;
    sealed?.();
    if (recoverable === undefined) {
      await reveal(publication, stale);
      return;
    }
    const { lock, noClobber, outcome, decided, chronicle, ledger, run } = recoverable;
    // The temp file's own name, which may be newer than any sync of its folder.
    await syncFolders([rejects?.path]);
    const prepared: Prepared = { output: partOf(output), rejects: partOf(rejects), removes: stale ?? null, noClobber, outcome: outcome() };
    await chronicle.journal(async (journal) => {
      // The journal first: a run that it knows as prepared is ended by the holder of the output's lock alone, and so never both aborted and rolled forward.
      await journal.prepare(prepared);
      decided?.();
      await lock.prepared(prepared);
      await reveal(publication, stale);
      if (ledger !== null && prepared.output !== null) await recordPublished(ledger, run, prepared.output);
      await journal.commit(prepared);
    });
    publication.onStep?.('recorded');
    await lock.release();
  } catch (error) {
    const cause = error instanceof Error ? error : undefined;
    for (const sink of sinks) await sink.abort(cause);
    throw error;
  }
}

async function reveal({ output, rejects, onStep }: Publication, stale: string | undefined): Promise<void> {
  if (stale !== undefined) await removeStale(stale);
  await rejects?.reveal();
  onStep?.('rejects');
  // Or a power cut could leave the new predictions beside the rejects of an earlier run.
  if (output?.path !== undefined) await syncFolders([rejects?.path, stale]);
  await output?.reveal();
  if (output !== undefined) onStep?.('output');
  await syncFolders(output?.path === undefined ? [rejects?.path, stale] : [output.path]);
  onStep?.('durable');
}

function partOf(sink: Sink | undefined): PreparedPart | null {
  if (sink === undefined || !isStage(sink)) return null;
  return { path: sink.path, staged: sink.staged, bytes: sink.bytes, sha256: sink.digest() };
}

/** The real path of what goes; undefined where there is nothing. Looked at early: a directory of that name must not stop a half-done publication. */
async function findStale(path: string, followLinks = true): Promise<string | undefined> {
  try {
    const real = await realTarget(path, { followLinks });
    const found = await lstat(real);
    if (found.isDirectory()) throw asDirectory(path);
    return found.isFile() || found.isSymbolicLink() ? real : undefined;
  } catch (error) {
    if (['ENOENT', 'output-folder-missing'].includes(systemCode(error))) return undefined;
    throw outputFailure(error, { name: path, action: 'publish' });
  }
}

/** Removes the rejects file of an earlier run, if it is still there. */
export async function removeStale(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw outputFailure(error, { name: path, action: 'publish' });
  }
}

/** One sync a folder. */
export async function syncFolders(paths: readonly (string | undefined)[]): Promise<void> {
  const folders = new Map<string, string>();
  for (const path of paths) if (path !== undefined) folders.set(dirname(path), path);
  for (const [folder, name] of folders) {
    await syncFolder(folder).catch((error: unknown) => {
      throw outputFailure(error, { name, action: 'sync' });
    });
  }
}
