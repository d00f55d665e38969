import { mkdir, realpath } from 'node:fs/promises';
import { dirname, isAbsolute, relative, sep } from 'node:path';
import { OutputError } from '../errors/errors.js';
import { systemCode } from '../errors/system-code.js';
import { syncFolder } from '../files/sync-folder.js';
import { outputFailure } from './failure.js';
import { realTarget } from './target.js';
import { lstatOf } from './there.js';

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
    const missing: string[] = [];
    for (let each = folder; each.length > within.length && (await lstatOf(each)) === undefined; each = dirname(each)) missing.unshift(each);
    // before anything is made: a link on the way may lead elsewhere
    proveInside(root, await realpath(missing[0] === undefined ? folder : dirname(missing[0])), path);
    for (const each of missing) {
      await mkdir(each).catch((error: unknown) => {
        if (systemCode(error) !== 'EEXIST') throw error;
      });
      await syncFolder(dirname(each));
    }
    proveInside(root, await realTarget(path), path);
  } catch (error) {
    throw outputFailure(error, { name: path, action: 'create' });
  }
}

function proveInside(root: string, real: string, path: string): void {
  const below = relative(root, real);
  if (below !== '..' && !below.startsWith(`..${sep}`) && !isAbsolute(below)) return;
  throw new OutputError('output-escapes', `'${path}' is, or is behind, a link that leads out of its folder, to '${real}'`, {
    status: 'permission',
    place: { file: path },
    fix: 'Remove the link, or name the folder that it leads to in the job file.',
  });
}
