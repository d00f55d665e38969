import { basename } from 'node:path';
import { access, lstat } from 'node:fs/promises';
import { JobError, type ScorelineError } from '../errors/errors.js';
import { secureFolder } from '../publish/folder.js';
import { moveInto, removeFile } from '../publish/move.js';
import { digestFile } from './digest.js';
import type { Known, Published } from './history.js';
import { sameStamp, stampOf } from './inputs.js';
import type { After } from './job.js';
import { fillTemplate, templateFolder, type Fill } from './template.js';

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
 * @throws JobError `output-not-as-published` (74), OutputError of the move.
 */
export async function finishInput(request: AfterRequest): Promise<string> {
  const { after, path, known, doneMarker, fill } = request;
  if (after.kind === 'keep') return 'kept';
  let action = 'gone';
  if (await isSameFile(path, known)) {
    if (after.kind === 'delete') {
      await proveOutput(request);
      await removeFile(path);
      action = 'deleted';
    } else {
      const folder = fillTemplate(after.folder, fill);
      await secureFolder(`${folder}/${basename(path)}`, templateFolder(`${after.folder}/`));
      action = `moved to ${await moveInto(path, folder, known.sha256.slice(0, 12))}`;
    }
  }
  // the marker says that the file is whole: without the file it would vouch for the next one of its name
  if (doneMarker !== undefined && !(await exists(path))) await removeFile(path + doneMarker);
  return action;
}

/** Without the time of its last change of state: a move that was interrupted has set that. */
async function isSameFile(path: string, { stamp }: Known): Promise<boolean> {
  const found = await lstat(path, { bigint: true }).catch(() => undefined);
  return found?.isFile() === true && sameStamp({ ...stampOf(found), ctimeNs: '' }, { ...stamp, ctimeNs: '' });
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
