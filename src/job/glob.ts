import { stat } from 'node:fs/promises';
import { basename, dirname, relative, resolve, sep } from 'node:path';
import picomatch from 'picomatch';
import type { Source } from './job.js';

/**
 * An input as a job file names it: a glob (`inbox/*.csv`), a folder (it is one, or ends with `/`), or the path of a file, which need not be there yet. Only what stands
 * in the job file is a pattern: a folder above it may be called `[a]`.
 */
export async function sourceOf(given: string, folder: string): Promise<Source> {
  const { base, glob, isGlob } = picomatch.scan(given);
  if (isGlob) return { given, root: resolve(folder, base), match: { kind: 'glob', text: glob } };
  const path = resolve(folder, given);
  const found = await stat(path).catch(() => undefined);
  if (given.endsWith('/') || found?.isDirectory() === true) return { given, root: path, match: { kind: 'all' } };
  return { given, root: dirname(path), match: { kind: 'name', text: basename(path) } };
}

/** Tells for a path below the source's root, with forward slashes, whether the source means it. Names that start with a dot are never meant by a pattern. */
export function matcherOf({ match }: Source): (below: string) => boolean {
  switch (match.kind) {
    case 'all':
      return (below) => !below.includes('/') && !below.startsWith('.');
    case 'name':
      return (below) => below === match.text;
    case 'glob':
      return picomatch(match.text, { dot: false });
  }
}

/** How many folders deep below its root a source can mean a file. */
export function depthOf({ match }: Source): number {
  if (match.kind !== 'glob') return 0;
  return match.text.includes('**') ? Infinity : match.text.split('/').length - 1;
}

/** Would an absolute path be taken for an input of one of the sources? */
export function isInput(path: string, sources: readonly Source[]): boolean {
  return sources.some((source) => {
    const below = relative(source.root, path).split(sep).join('/');
    return below !== '' && !below.startsWith('../') && below !== '..' && matcherOf(source)(below);
  });
}

/** A path that a source would mean: its pattern with a plain name in place of what is left open. For trying templates when there is no input yet. */
export function samplePath({ root, match }: Source): string {
  if (match.kind === 'name') return resolve(root, match.text);
  if (match.kind === 'all') return resolve(root, 'sample.csv');
  return resolve(root, match.text.replace(/\*\*\//g, '').replace(/\[[^\]]*\]|\?/g, 'x').replace(/\{([^,}]*)[^}]*\}/g, '$1').replace(/[*+@!()|]+/g, 'sample')); // prettier-ignore
}
