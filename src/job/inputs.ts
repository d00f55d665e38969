import { constants, type BigIntStats, type Dirent } from 'node:fs';
import { access, lstat, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { InputError } from '../errors/errors.js';
import { depthOf, matcherOf } from './glob.js';
import type { Job, Source } from './job.js';

/** What tells a file from any other, and from itself after a change, without reading it. Whole numbers as texts: inodes and nanoseconds go beyond 2^53. */
export interface Stamp {
  readonly device: string;
  readonly inode: string;
  readonly bytes: number;
  readonly mtimeNs: string;
  readonly ctimeNs: string;
}

/** A file that a job may score. */
export interface Candidate {
  /** Absolute. */
  readonly path: string;
  /** Below the folder that is looked through, with forward slashes: with the content, what the input is known by. */
  readonly name: string;
  readonly stamp: Stamp;
  /** Last change, in milliseconds since 1970. */
  readonly modifiedMs: number;
}

/** Not taken now: it was changed a moment ago, or its marker is not there. */
export type Waiting = Candidate & { readonly reason: 'settling' | 'no-marker' };
/** Never taken. */
export interface PassedOver {
  readonly path: string;
  readonly reason: 'link' | 'not-a-file' | 'not-utf-8';
}

/** Why, for people. */
export const PASSED_OVER: Readonly<Record<PassedOver['reason'], string>> = {
  link: 'a symbolic link',
  'not-a-file': 'no file',
  'not-utf-8': 'its name is not in UTF-8',
};

export interface Listing {
  /** Oldest first; of one age by path. */
  readonly ready: readonly Candidate[];
  readonly waiting: readonly Waiting[];
  readonly passedOver: readonly PassedOver[];
}

type LookOptions = Pick<Job, 'sources' | 'settleMs' | 'doneMarker' | 'followLinks'>;

/**
 * Looks through the folders of a job. Links are not followed, in no part of a path below the folder, unless the job says so.
 *
 * @throws InputError `input-folder-missing` (66), `input-permission` (77), `read-failed` (74), `input-link` (78) where the job names a link itself.
 */
export async function listInputs(job: LookOptions, nowMs: number): Promise<Listing> {
  const ready = new Map<string, Candidate>();
  const waiting = new Map<string, Waiting>();
  const passedOver = new Map<string, PassedOver>();
  for (const source of job.sources) {
    for await (const { path, name, isLink } of walk(source, job.followLinks)) {
      if (job.doneMarker !== undefined && name.endsWith(job.doneMarker)) continue;
      if (isLink && !job.followLinks) {
        if (source.match.kind === 'name') throw namedLink(path);
        passedOver.set(path, { path, reason: 'link' });
        continue;
      }
      const stats = await statOf(path, job.followLinks);
      if (stats === undefined) {
        // gone again since the folder was read; but a name that is no UTF-8 can never be asked for
        if (name.includes('\uFFFD')) passedOver.set(path, { path, reason: 'not-utf-8' });
      } else if (!stats.isFile()) {
        if (!stats.isDirectory()) passedOver.set(path, { path, reason: 'not-a-file' });
      } else {
        const candidate = { path, name, stamp: stampOf(stats), modifiedMs: Number(stats.mtimeNs / 1_000_000n) };
        const reason = await reasonToWait(candidate, job, nowMs);
        if (reason === undefined) ready.set(path, candidate);
        else waiting.set(path, { ...candidate, reason });
      }
    }
  }
  return { ready: [...ready.values()].sort(byAge), waiting: [...waiting.values()].sort(byAge), passedOver: [...passedOver.values()] };
}

/** Longer than this a run does not wait for files to settle: the next one takes them. */
const LONGEST_WAIT_MS = 60_000;

/** The same; files that must be left alone a little longer are waited for, once: what came just before a nightly run shall be in it. */
export async function awaitInputs(job: LookOptions, now: () => number, signal: AbortSignal): Promise<Listing> {
  const before = await listInputs(job, now());
  if (job.settleMs > LONGEST_WAIT_MS || !before.waiting.some(({ reason }) => reason === 'settling')) return before;
  await wait(job.settleMs + 50, undefined, { signal });
  const nowMs = now();
  const after = await listInputs(job, nowMs);
  // by a clock that went wrong a file may be of the future: it has settled when it stayed as it was
  const settled = after.waiting.filter(
    (file) => file.modifiedMs > nowMs && before.waiting.some(({ path, stamp }) => path === file.path && sameStamp(stamp, file.stamp)),
  );
  return {
    ready: [...after.ready, ...settled].sort(byAge),
    waiting: after.waiting.filter((file) => !settled.includes(file)),
    passedOver: after.passedOver,
  };
}

export function stampOf(stats: BigIntStats): Stamp {
  return {
    device: String(stats.dev),
    inode: String(stats.ino),
    bytes: Number(stats.size),
    mtimeNs: String(stats.mtimeNs),
    ctimeNs: String(stats.ctimeNs),
  };
}

export function sameStamp(one: Stamp, other: Stamp): boolean {
  return stampKey(one) === stampKey(other);
}

/** One text for all of a stamp. */
export function stampKey({ device, inode, bytes, mtimeNs, ctimeNs }: Stamp): string {
  return [device, inode, bytes, mtimeNs, ctimeNs].join(':');
}

function byAge(a: Candidate, b: Candidate): number {
  return a.modifiedMs - b.modifiedMs || (a.path < b.path ? -1 : 1);
}

async function reasonToWait({ path, modifiedMs }: Candidate, job: LookOptions, nowMs: number): Promise<Waiting['reason'] | undefined> {
  if (job.doneMarker === undefined) return job.settleMs > 0 && nowMs - modifiedMs < job.settleMs ? 'settling' : undefined;
  const marked = await access(path + job.doneMarker, constants.F_OK).then(
    () => true,
    () => false,
  );
  return marked ? undefined : 'no-marker';
}

interface Entry {
  readonly path: string;
  readonly name: string;
  readonly isLink: boolean;
}

/** The entries below the root of a source that it means, files and all else. */
async function* walk(source: Source, followLinks: boolean): AsyncGenerator<Entry, void, undefined> {
  const matches = matcherOf(source);
  const depth = depthOf(source);
  const folders: string[] = [''];
  for (let below = folders.shift(); below !== undefined; below = folders.shift()) {
    const entries = await entriesOf(join(source.root, below), source, below === '');
    for (const entry of entries) {
      const name = below === '' ? entry.name : `${below}/${entry.name}`;
      const isFolder = entry.isDirectory() || (followLinks && entry.isSymbolicLink() && (await leadsToFolder(join(source.root, name))));
      if (isFolder && !entry.name.startsWith('.') && name.split('/').length <= Math.min(depth, DEEPEST)) folders.push(name);
      else if (!isFolder && matches(name)) yield { path: join(source.root, name), name, isLink: entry.isSymbolicLink() };
    }
  }
}

/** Links that are followed may lead in a circle. */
const DEEPEST = 32;

async function leadsToFolder(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found?.isDirectory() === true;
}

async function entriesOf(folder: string, source: Source, isRoot: boolean): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (code === 'ENOENT' && !isRoot) return []; // gone again since its parent was read
    const context = { place: { file: folder }, cause: error };
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      const fix = 'Create the folder, or correct input in the job file.';
      throw new InputError('input-folder-missing', `the folder of the input ${source.given} does not exist`, { ...context, status: 'missing', fix });
    }
    if (code === 'EACCES' || code === 'EPERM') {
      const fix = 'Let this user read the folder.';
      throw new InputError('input-permission', `the folder of the input ${source.given} may not be read`, { ...context, status: 'permission', fix });
    }
    const fix = 'Check the device and the system log.';
    throw new InputError('read-failed', `the folder of the input ${source.given} cannot be read (${code})`, { ...context, status: 'io', fix });
  }
}

async function statOf(path: string, followLinks: boolean): Promise<BigIntStats | undefined> {
  try {
    return await (followLinks ? stat(path, { bigint: true }) : lstat(path, { bigint: true }));
  } catch {
    return undefined;
  }
}

function namedLink(path: string): InputError {
  return new InputError('input-link', `the input is a symbolic link, and the job does not say that it may be followed`, {
    status: 'config',
    place: { file: path },
    fix: 'Name the file itself, or add the line: followLinks: true',
  });
}
