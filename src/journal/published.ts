import { open, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { systemCode } from '../errors/system-code.js';
import { hashFile, type FileDigest } from '../files/hash-file.js';
import { TERMINAL, type Entry } from './entry.js';

/** A file that a COMMIT names: what must stand there, if it still does. */
export interface PublishedFile {
  /** As the journal has it. */
  readonly path: string;
  readonly role: 'output' | 'rejects';
  readonly sha256: string;
  readonly bytes: number;
  readonly run: string;
  /** When its COMMIT was written. */
  readonly at: string;
}

/**
 * `same`: as it was published · `changed` · `gone` · `unrecorded`: what a run that has no end yet was about to publish, as its PREPARE says; it is at
 * work, or died there, and the next run of the same output records it · `unreadable`.
 */
export type PublishedState = 'same' | 'changed' | 'gone' | 'unrecorded' | 'unreadable';

export interface CheckedFile extends PublishedFile {
  readonly state: PublishedState;
  /** Where it was looked for. */
  readonly place: string;
  /** Of what stands there now, where that is another. */
  readonly found: { readonly sha256: string; readonly bytes: number } | null;
}

/** Collects what the COMMITs of a journal have published. Only the newest COMMIT of an output counts, and the rejects file that it names. */
export class PublishedFiles {
  readonly #outputs = new Map<string, readonly PublishedFile[]>();
  /** Digests that runs without an end were about to publish. */
  readonly #prepared = new Map<string, ReadonlySet<string>>();

  add(entry: Entry): void {
    const { run, at } = entry;
    if (entry.kind === 'PREPARE') {
      this.#prepared.set(run, new Set([entry.output?.sha256, entry.rejects?.sha256].filter((digest) => digest !== undefined)));
    } else if (TERMINAL.has(entry.kind)) {
      this.#prepared.delete(run);
    }
    if (entry.kind !== 'COMMIT' || entry.output === null) return;
    const { output, rejects } = entry;
    // deleted first, so that the list is in the order of the newest COMMITs
    this.#outputs.delete(output.path);
    this.#outputs.set(output.path, [
      { path: output.path, role: 'output', sha256: output.sha256, bytes: output.bytes, run, at },
      ...(rejects === null ? [] : [{ path: rejects.path, role: 'rejects' as const, sha256: rejects.sha256, bytes: rejects.bytes, run, at }]),
    ]);
  }

  /** Looks at each file, one after the other. `journal` is where paths that are not whole are looked up from. */
  async *check(journal: string): AsyncGenerator<CheckedFile, void, undefined> {
    const prepared = new Set([...this.#prepared.values()].flatMap((digests) => [...digests]));
    // two outputs may share a rejects file: the last to name it wrote it
    const places = new Map([...this.#outputs.values()].flat().map((file) => [placeOf(file.path, journal), file]));
    for (const [place, file] of places) {
      const found = await look(place, file);
      if (found === 'special') continue;
      if (typeof found === 'string') yield { ...file, place, state: found, found: null };
      else yield { ...file, place, state: prepared.has(found.sha256) ? 'unrecorded' : 'changed', found };
    }
  }
}

/**
 * Paths stand in the journal as they were given to the run. One that is not whole is looked for beside a journal that is called after it, as journals are
 * by default; else from the current folder.
 */
function placeOf(path: string, journal: string): string {
  if (isAbsolute(path)) return path;
  for (const suffix of ['', '.rejects.csv']) {
    const output = path.endsWith(suffix) ? basename(path, suffix) : undefined;
    if (output !== undefined && basename(journal) === `${output}.journal.jsonl`) return join(dirname(resolve(journal)), basename(path));
  }
  return resolve(path);
}

/** `same`, `gone`, `unreadable`, or what is there instead; `special` for what never held what was written to it: stdout, a pipe, a device. */
async function look(
  path: string,
  expected: PublishedFile,
): Promise<'same' | 'gone' | 'unreadable' | 'special' | { readonly sha256: string; readonly bytes: number }> {
  if (['stdout', 'output stream'].includes(expected.path)) return 'special';
  try {
    if (!(await stat(path)).isFile()) return 'special';
    const found = await digestOf(path);
    return found.sha256 === expected.sha256 ? 'same' : found;
  } catch (error) {
    return ['ENOENT', 'ENOTDIR'].includes(systemCode(error)) ? 'gone' : 'unreadable';
  }
}

async function digestOf(path: string): Promise<FileDigest> {
  const file = await open(path, 'r');
  try {
    return await hashFile(file);
  } finally {
    await file.close();
  }
}
