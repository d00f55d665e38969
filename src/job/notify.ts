import { constants } from 'node:fs';
import { access, stat, type FileHandle } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
import { JobError } from '../errors/errors.js';
import { foreignFile } from '../files/foreign-file.js';
import type { Notify } from './job.js';

const OTHERS_WRITE = 0o002;
const GROUP_WRITES = 0o020;

/**
 * Why somebody else than this user or root may have written an open job file; undefined where nobody else could. Who writes a job file that names a command runs what he likes as the user
 * of the job: under root that is also true of a group of root's.
 */
export async function foreignAuthor(file: FileHandle): Promise<string | undefined> {
  const foreign = await foreignFile(file);
  if (foreign !== undefined) return foreign;
  const { mode, gid } = await file.stat();
  if ((mode & OTHERS_WRITE) !== 0) return 'everybody may write to it';
  return (mode & GROUP_WRITES) !== 0 && gid !== 0 && process.geteuid?.() === 0 ? `its group (${gid}) may write to it, and root runs it` : undefined;
}

/** Throws JobError `notify-foreign` (77) where the command may not be this user's. */
export function refuseForeignCommand({ foreign }: Notify, file: string): void {
  if (foreign === undefined) return;
  throw new JobError('notify-foreign', `notify names a command, and the job file may be somebody else's: ${foreign}`, {
    status: 'permission',
    place: { file },
    fix: `Let the job file belong to who runs the job, and to nobody else: chown and chmod go-w ${file}; or take notify out.`,
  });
}

/** Path of the command, looked for as the system will, in the folders of `path` (colon-separated). Throws JobError `notify-missing`. */
export async function findCommand({ argv, folder }: Notify, path: string, file: string): Promise<string> {
  const [program = ''] = argv;
  const places = program.includes('/') ? [program] : path.split(delimiter).map((each) => join(resolve(folder, each), program));
  let isThere = false;
  for (const place of places) {
    if ((await stat(place).catch(() => undefined))?.isFile() !== true) continue;
    isThere = true;
    const mayRun = await access(place, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (mayRun) return place;
  }
  throw new JobError('notify-missing', `the command of notify, ${program}, ${isThere ? 'may not be executed' : 'is not there'}`, {
    place: { file },
    details: { path },
    fix: isThere ? `chmod +x ${program}` : 'Give its whole path, or see that it is in a folder of PATH as cron or systemd has it.',
  });
}
