import { fstat, type BigIntStats } from 'node:fs';
import { lstat, readlink, realpath, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { promisify } from 'node:util';
import { OutputError } from '../errors/errors.js';
import { systemCode } from '../errors/system-code.js';
import { outputFailure } from './failure.js';

/** As many links as Linux itself follows. */
const MAX_LINKS = 40;
/** What a descriptor links to (`pipe:[4711]`) need not be a path. */
const DESCRIPTOR = /^\/proc\/\d+\/(?:task\/\d+\/)?fd\/\d+$/;

/** Whether a symbolic link under the very name of an output leads to it, or is itself what is replaced. Links on the way to its folder are followed in any case. */
export interface LinkOptions {
  /** False where nobody has named the path (a default, a template): then a link there may have been planted. Default: true. */
  readonly followLinks?: boolean;
}

/**
 * The path at which an output of that name is published: its folder's real path, and behind a symbolic link (a dangling one too) what the link
 * points to. The file itself need not exist. Throws OutputError (`output-folder-missing`, `output-is-directory`, `output-link-loop`, ...).
 */
export async function realTarget(path: string, { followLinks = true }: LinkOptions = {}): Promise<string> {
  if (path === '' || path.endsWith('/')) throw asDirectory(path);
  try {
    return followLinks ? await followTarget(path) : join(await realpath(dirname(path)), basename(path));
  } catch (error) {
    throw outputFailure(error, { name: path, action: 'create' });
  }
}

async function followTarget(path: string): Promise<string> {
  let here = path;
  for (let links = 0; links < MAX_LINKS; links++) {
    // Not resolve(): it would take `link/..` for the folder that holds the link.
    const folder = await realpath(dirname(here));
    const real = join(folder, basename(here));
    const link = DESCRIPTOR.test(real) ? undefined : await linkText(real);
    if (link === undefined) return real;
    here = isAbsolute(link) ? link : `${folder}/${link}`;
  }
  throw Object.assign(new Error('too many symbolic links'), { code: 'ELOOP' });
}

async function linkText(path: string): Promise<string | undefined> {
  try {
    return (await lstat(path)).isSymbolicLink() ? await readlink(path) : undefined;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * True where a file, or a link that is not followed, stands at a real path; false where nothing does. Throws OutputError where something else does (`output-is-directory`, `output-special`, 73), and what
 * the system says.
 *
 * @param name the path as the user gave it.
 */
export async function fileThere(real: string, name: string): Promise<boolean> {
  let found;
  try {
    found = await lstat(real);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false;
    throw outputFailure(error, { name, action: 'create' });
  }
  if (found.isDirectory()) throw asDirectory(name);
  if (found.isFile() || found.isSymbolicLink()) return true;
  throw new OutputError('output-special', `cannot create '${name}': expected a file, found a socket or a device`, {
    place: { file: name },
    fix: 'Name a file.',
  });
}

/** The error `output-is-directory` (73). */
export function asDirectory(name: string): OutputError {
  return new OutputError('output-is-directory', `cannot create '${name}': expected the name of a file, found a directory`, {
    place: { file: name },
    fix: 'Name a file, for example one inside that directory.',
  });
}

const fstatOf = promisify<number, { bigint: true }, BigIntStats>(fstat);

/**
 * True where both are the same regular file, by device and inode: whatever their names, through links, and for a descriptor what the shell has
 * opened (0 for stdin). False where one does not exist, or is a device or a pipe.
 */
export async function sameFile(a: string | number, b: string | number): Promise<boolean> {
  const [one, other] = await Promise.all([statOf(a), statOf(b)]);
  if (one === undefined || other === undefined) return false;
  return one.isFile() && one.dev === other.dev && one.ino === other.ino;
}

/** Inodes go beyond 2^53 on some filesystems, hence bigint. */
async function statOf(file: string | number): Promise<BigIntStats | undefined> {
  try {
    return typeof file === 'number' ? await fstatOf(file, { bigint: true }) : await stat(file, { bigint: true });
  } catch {
    return undefined;
  }
}
