import type { BigIntStats } from 'node:fs';
import { access } from 'node:fs/promises';
import { dirname } from 'node:path';
import { InterruptedError, JobError, ScorelineError } from '../errors/errors.js';
import { secureFolder } from '../publish/folder.js';
import { heldName, putBack, takeAway } from '../publish/hold.js';
import { outputFailure } from '../publish/failure.js';
import { isThere, moveMeant, removeFile, removeMeant, type Meant } from '../publish/move.js';
import { digestFile } from './digest.js';
import type { Known, Published } from './history.js';
import { sameStamp, stampOf } from './inputs.js';
import type { After } from './job.js';
import { archiveRoot, fillTemplate, type Fill } from './template.js';

export interface AfterRequest {
  readonly after: After;
  /** Absolute path of the input. */
  readonly path: string;
  readonly known: Known & { readonly published: Published };
  readonly doneMarker: string | undefined;
  readonly fill: Fill;
  readonly signal: AbortSignal;
}

/**
 * Does with a published input what the job says, and tells what was done. A file that is another one by now, or gone, is let be: only the file that was scored is meant. An input is
 * deleted only after the predictions have been read back. Interrupted, it can be done again.
 *
 * @throws JobError `output-not-as-published` (74), `input-not-moved`, `input-not-deleted` (as the system refuses it).
 */
export async function finishInput(request: AfterRequest): Promise<string> {
  const { after, path, known, doneMarker } = request;
  if (after.kind === 'keep') return 'kept';
  const meant = { path, sha256: known.sha256, is: (found: BigIntStats) => isScored(found, known) };
  try {
    return await withoutMarker(path, doneMarker, () => act(request, after, meant));
  } catch (error) {
    throw notDone(request, after, error);
  }
}

/** The marker goes before the file: once that is gone, a marker under this name may be the next one's. Where a file stays there, its marker does. */
async function withoutMarker(path: string, doneMarker: string | undefined, act: () => Promise<string>): Promise<string> {
  if (doneMarker === undefined) return act();
  const marker = path + doneMarker;
  try {
    await takeAway(marker);
    return await act();
  } catch (error) {
    throw outputFailure(error, { name: marker, action: 'remove' });
  } finally {
    if (await exists(path)) await putBack(marker);
    else if (await exists(heldName(marker))) await removeFile(heldName(marker));
  }
}

async function act(request: AfterRequest, after: Exclude<After, { readonly kind: 'keep' }>, meant: Meant): Promise<string> {
  if (after.kind === 'delete') {
    if (!(await isThere(meant))) return 'gone';
    await proveOutput(request);
    return (await removeMeant(meant)) ? 'deleted' : 'gone';
  }
  const folder = fillTemplate(after.folder, request.fill);
  await secureFolder(`${folder}/${request.fill.name}`, archiveRoot(after.folder));
  const target = await moveMeant(meant, folder);
  return target === undefined ? 'gone' : `moved to ${target}`;
}

/** What failed is not the scoring, and what helps is not another output. */
function notDone({ path, fill, known }: AfterRequest, after: After, error: unknown): unknown {
  if (!(error instanceof ScorelineError) || error instanceof InterruptedError || error instanceof JobError) return error;
  const archive = after.kind === 'move' ? fillTemplate(after.folder, fill) : undefined;
  const what = archive === undefined ? 'deleted' : 'moved';
  const folders = archive === undefined ? `'${dirname(path)}'` : `'${archive}' and '${dirname(path)}'`;
  return new JobError(
    archive === undefined ? 'input-not-deleted' : 'input-not-moved',
    `the predictions are published, but the input could not be ${what}: ${error.message}`,
    {
      status: error.statusName,
      place: { file: path },
      details: { archive: archive ?? null, output: known.published.output.path, code: error.code },
      fix: `Let this user write in ${folders}, and see that there is room; the next run tries this again, and scores nothing anew.`,
      cause: error,
    },
  );
}

/** Without the time of its last change of state: a move that was interrupted has set that. */
function isScored(found: BigIntStats, { stamp }: Known): boolean {
  return found.isFile() && sameStamp({ ...stampOf(found), ctimeNs: '' }, { ...stamp, ctimeNs: '' });
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** The predictions are what was published, on the disk as in the ledger. */
async function proveOutput({ path, known: { published }, signal }: AfterRequest): Promise<void> {
  const { output } = published;
  const found = await digestFile(output.path, signal, true).catch((error: unknown) => error as Error);
  if (found !== undefined && !(found instanceof Error) && found.sha256 === output.sha256) return;
  throw notAsPublished(path, output.path, found === undefined || found instanceof Error ? undefined : found.sha256, output.sha256);
}

function notAsPublished(input: string, output: string, found: string | undefined, expected: string): ScorelineError {
  const is = found === undefined ? 'they cannot be read back' : 'they are other bytes than were published';
  return new JobError(
    'output-not-as-published',
    `the input is not deleted, because its predictions in '${output}' are not there as published: ${is}`,
    {
      status: 'io',
      place: { file: input },
      details: { output, expected, found: found ?? null },
      fix: 'See what became of the predictions; to score the input again, run the job with --rescore. Else delete it yourself.',
    },
  );
}
