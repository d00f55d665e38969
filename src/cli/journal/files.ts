import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { JournalError } from '../../errors/errors.js';
import { readFailure } from '../../journal/failure.js';
import { headPath } from '../../journal/head.js';
import { readEntries } from '../../journal/reader.js';
import { usageError } from '../usage.js';

/** A journal: the file that is being written, and those that were rotated away, oldest first. */
export interface JournalFiles {
  readonly path: string;
  readonly rotated: readonly string[];
}

const JOURNAL_NAME = /\.journal\.jsonl$/;
/** What stands beside a journal and is none: so that `JOURNAL*` can be given. */
const BESIDE = /\.(?:head|head\.new|lock|lock\.owner)$/;
/** What logrotate puts behind the name: a number, or a date; and what it compresses. */
const ROTATION = /^[.-]\d[\d._-]*(?:\.gz)?$/;

/**
 * The files that a command is to read, folders looked into. Throws UsageError `missing-journal` where none is named and the default folder has none, JournalError
 * (`journal-missing` 66 for a path or folder without, and what reading throws).
 */
export async function namedFiles(
  named: readonly string[] | undefined,
  env: Readonly<Record<string, string | undefined>>,
): Promise<readonly string[]> {
  if (named !== undefined) return (await Promise.all(named.filter((path) => !BESIDE.test(path) || named.length === 1).map(filesAt))).flat();
  const folder = (env['SCORELINE_STATE_DIR'] || env['STATE_DIRECTORY']?.split(':')[0]) ?? '';
  const found = await journalsIn(folder === '' ? '.' : folder);
  if (found.length > 0) return found;
  throw usageError(
    'missing-journal',
    `no journal is named, and the ${folder === '' ? 'current folder' : `folder '${folder}'`} has none`,
    'Name it: scoreline journal show OUTPUT.journal.jsonl',
  );
}

async function filesAt(path: string): Promise<readonly string[]> {
  if (path === '-' || !(await isFolder(path))) return [path];
  const found = await journalsIn(path);
  if (found.length > 0) return found;
  throw new JournalError('journal-missing', `the folder '${path}' has no journal: expected files called *.journal.jsonl`, {
    status: 'missing',
    place: { file: path },
    fix: 'Name the journal itself.',
  });
}

async function journalsIn(folder: string): Promise<string[]> {
  const names = await namesIn(folder);
  return names.filter((name) => JOURNAL_NAME.test(name)).map((name) => (folder === '.' ? name : join(folder, name)));
}

/** The rotated files beside a journal, oldest first. */
export async function rotatedBeside(journal: string): Promise<readonly string[]> {
  if (journal === '-') return [];
  const base = basename(journal);
  const names = (await namesIn(dirname(journal))).filter((name) => name.startsWith(base) && ROTATION.test(name.slice(base.length)));
  return inOrder(names.map((name) => (dirname(journal) === '.' && !journal.startsWith('.') ? name : join(dirname(journal), name))));
}

/**
 * Files named together, by the journal that they are parts of. A journal's present file is the one with a head beside it; the others are its rotated ones,
 * put in order by the lines that they hold, whatever order they were given in. With stdin among them the order is the one given.
 */
export async function groupFiles(paths: readonly string[]): Promise<readonly JournalFiles[]> {
  if (paths.includes('-')) return [{ path: paths.at(-1) ?? '-', rotated: paths.slice(0, -1) }];
  const withHead = await Promise.all(paths.map(hasHead));
  const present = paths.filter((_, index) => withHead[index]);
  const others = await inOrder(paths.filter((_, index) => withHead[index] === false));
  if (present.length === 0) return others.length === 0 ? [] : [{ path: others.at(-1) ?? '', rotated: others.slice(0, -1) }];
  const [only] = present;
  // a journal of its own by its name, though it has no line yet or its head is lost, is a part of no other
  const ownerOf = (path: string) =>
    present.find((each) => basename(path).startsWith(basename(each))) ?? (present.length === 1 && !JOURNAL_NAME.test(path) ? only : undefined);
  const orphans = others.filter((path) => ownerOf(path) === undefined);
  return [
    ...present.map((path) => ({ path, rotated: others.filter((other) => ownerOf(other) === path) })),
    ...orphans.map((path) => ({ path, rotated: [] })),
  ];
}

/** A journal that was ever written has its head beside it. */
export async function hasHead(path: string): Promise<boolean> {
  const real = await realpath(path).catch(() => path);
  return stat(headPath(real)).then(() => true, () => false); // prettier-ignore
}

/** By the sequence number of each file's first line; a file without a line proves nothing wherever it stands. */
async function inOrder(paths: readonly string[]): Promise<readonly string[]> {
  const numbered = await Promise.all(paths.map(async (path) => ({ path, seq: await firstSeq(path) })));
  return numbered.sort((a, b) => a.seq - b.seq).map(({ path }) => path);
}

async function firstSeq(path: string): Promise<number> {
  for await (const { seq } of readEntries(path)) return seq;
  return 0;
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then((found) => found.isDirectory(), () => false); // prettier-ignore
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    throw readFailure(error, folder);
  }
}
