import { lstat } from 'node:fs/promises';
import { OutputError } from '../errors/errors.js';

/** A job publishes files: into a pipe or a device that stands in their place nothing can be published once. A link there is not followed, but replaced. Throws OutputError `output-special` (73). */
export async function refuseSpecialOutput(path: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (found === undefined || found.isFile() || found.isDirectory() || found.isSymbolicLink()) return;
  const what = found.isFIFO() ? 'a pipe' : found.isSocket() ? 'a socket' : 'a device';
  throw new OutputError('output-special', `cannot create '${path}': a job writes files, found ${what}`, {
    place: { file: path },
    fix: 'Find out who has put it there, and remove it; or name another output in the job file.',
  });
}
