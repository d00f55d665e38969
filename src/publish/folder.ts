import { mkdir, realpath } from 'node:fs/promises';
import { dirname, isAbsolute, relative, sep } from 'node:path';
import { OutputError } from '../errors/errors.js';
import { syncFolder } from '../files/sync-folder.js';
import { outputFailure } from './failure.js';
import { realTarget } from './target.js';

/**
 * Makes the folders of a path that are missing below a folder that must be there, durably, and proves that the path really lies within it: a link planted in a shared folder
 * leads nowhere else.
 *
 * @throws OutputError `output-escapes` (77), and as the staging of an output.
 */
export async function secureFolder(path: string, within: string): Promise<void> {
  const folder = dirname(path);
  try {
    const root = await realpath(within);
    const first = folder === within ? undefined : await mkdir(folder, { recursive: true });
    if (first !== undefined) for (let made = folder; made.length >= dirname(first).length; made = dirname(made)) await syncFolder(made);
    const real = await realTarget(path);
    const below = relative(root, real);
    if (below !== '' && below !== '..' && !below.startsWith(`..${sep}`) && !isAbsolute(below)) return;
    throw new OutputError('output-escapes', `'${path}' is, or is behind, a link that leads out of its folder, to '${real}'`, {
      status: 'permission',
      place: { file: path },
      fix: 'Remove the link, or name the folder that it leads to in the job file.',
    });
  } catch (error) {
    throw outputFailure(error, { name: path, action: 'create' });
  }
}
