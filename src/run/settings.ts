import { createHash } from 'node:crypto';
import { lstatSync, realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { UsageError } from '../errors/errors.js';
import { isStdout } from '../publish/special.js';
import { sameFile } from '../publish/target.js';
import type { Limit, ScoreOptions } from './options.js';

/** Where a run reads and writes, with every default filled in. Paths are as given; undefined is "none". */
export interface Places {
  /** undefined for a stream. */
  readonly input: string | undefined;
  readonly output: string | undefined;
  readonly rejects: string | undefined;
  readonly journal: string | undefined;
  /** Whether a link under the very name of each leads to it. Under a name that nobody gave it may have been planted. */
  readonly follows: { readonly output: boolean; readonly rejects: boolean; readonly journal: boolean };
  /** For messages. */
  readonly inputName: string;
  readonly outputName: string;
}

/** Devices are not files that a run could spoil by reading and writing them at once. */
const SPECIAL = /^\/dev\/|^\/proc\//;

/** Works out every path of a run from its options. A special output (stdout, FIFO, device) gets nothing beside it unless that is named. */
export function placesOf(options: ScoreOptions, special: boolean): Places {
  const input = typeof options.input === 'string' && options.input !== '-' ? options.input : undefined;
  const output = typeof options.output === 'string' && options.output !== '-' ? options.output : undefined;
  const beside = output !== undefined && !special ? output : undefined;
  return {
    input,
    output,
    rejects: options.rejects ?? (beside === undefined ? undefined : `${beside}.rejects.csv`),
    journal:
      options.journal === false
        ? undefined
        : (options.journal ?? (beside === undefined ? undefined : stateFileOf(beside, options.stateDir, 'journal.jsonl'))),
    follows: followsOf(options),
    inputName: input ?? (options.input === '-' ? 'stdin' : 'input stream'),
    outputName: output ?? (options.output === '-' ? 'stdout' : 'output stream'),
  };
}

/** Its rejects file, for whoever recovers an output. */
export function rejectsOf({ rejects: path, follows }: Places): { readonly path: string; readonly followLinks: boolean } | undefined {
  return path === undefined ? undefined : { path, followLinks: follows.rejects };
}

/** Which links are followed: those that the caller names, unless he says otherwise. */
export function followsOf({
  rejects,
  journal,
  followLinks: follows = true,
}: Pick<ScoreOptions, 'rejects' | 'journal' | 'followLinks'>): Places['follows'] {
  return { output: follows, rejects: follows && rejects !== undefined, journal: follows && journal !== undefined };
}

/** `OUTPUT.journal.jsonl` for the suffix `journal.jsonl`, or in a shared state folder a name made from the digest of the output's real path. */
export function stateFileOf(output: string, stateDir: string | undefined, suffix: string): string {
  if (stateDir === undefined) return `${output}.${suffix}`;
  const digest = createHash('sha256').update(realPath(output)).digest('hex').slice(0, 16);
  return join(stateDir, `${basename(output)}.${digest}.${suffix}`);
}

/** The path with its links followed as far as it exists: a file that is still to be made is named by its folder's real path. */
export function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const folder = dirname(resolve(path));
    return folder === resolve(path) ? folder : join(realPath(folder), basename(path));
  }
}

/**
 * Refuses to follow a link that stands under a name which nobody gave, only this run's own habit: in a folder where others may write, too, it would lead
 * rejects or journal wherever they like. A link that the user names is followed.
 *
 * @throws UsageError `planted-link`.
 */
export function refusePlantedLinks(places: Places, options: Pick<ScoreOptions, 'rejects' | 'journal'>): void {
  const assumed = [
    ['the rejects file', options.rejects === undefined ? places.rejects : undefined, '--rejects'],
    ['the journal', options.journal === undefined ? places.journal : undefined, '--journal'],
  ] as const;
  for (const [what, path, flag] of assumed) {
    if (path === undefined || !isLink(path)) continue;
    throw new UsageError('planted-link', `${what} would go through a symbolic link that nobody named: ${path}`, {
      place: { file: path },
      fix: `Remove the link; or name the file where it shall lead, with ${flag}.`,
    });
  }
}

function isLink(path: string): boolean {
  try {
    return lstatSync(path).isSymbolicLink();
  } catch {
    return false; // whatever is wrong with the path shows, and is said, when it is used
  }
}

/**
 * Refuses a run whose paths contradict each other: the same file read and written, or written twice.
 *
 * @throws UsageError `same-file`.
 */
export function checkPlaces(places: Places, modelPath: string, contractPath: string | undefined, fallbackPath?: string): void {
  const reads: [string, string | undefined][] = [
    ['the input', places.input],
    ['the model', modelPath],
    ['the contract', contractPath],
    ['the fallback', fallbackPath],
  ];
  const writes: [string, string | undefined][] = [
    ['the output', places.output],
    ['the rejects file', places.rejects],
    ['the journal', places.journal],
  ];
  const seen = new Map<string, string>();
  for (const [what, path] of reads) if (path !== undefined && !SPECIAL.test(path)) seen.set(realPath(path), what);
  for (const [what, path] of writes) {
    if (path === undefined || SPECIAL.test(path)) continue;
    const real = realPath(path);
    const other = seen.get(real);
    if (other !== undefined) {
      throw new UsageError('same-file', `${what} and ${other} are the same file: ${path}`, {
        place: { file: path },
        fix: 'Write to another path; Scoreline never changes a file in place.',
      });
    }
    seen.set(real, what);
  }
}

/**
 * The same for streams of the process: `scoreline score in.csv >> in.csv` would read what it writes.
 *
 * @throws UsageError `same-file`.
 */
export async function checkStdio(options: Pick<ScoreOptions, 'input' | 'output' | 'rejects' | 'journal'>): Promise<void> {
  if (options.output === '-') {
    await refuseStdout('the rejects file', options.rejects);
    await refuseStdout('the journal', options.journal === false ? undefined : options.journal);
  }
  const [input, output] = [descriptorOr(options.input, 0), descriptorOr(options.output, 1)];
  if (input === undefined || output === undefined || (typeof input === 'string' && typeof output === 'string') || !(await sameFile(input, output)))
    return;
  throw new UsageError('same-file', 'the output and the input are the same file, by redirection', {
    fix: 'Write to another path; Scoreline never changes a file in place.',
  });
}

/** Where the predictions go to stdout, nothing else may. */
async function refuseStdout(what: string, path: string | undefined): Promise<void> {
  if (path === undefined || !(await isStdout(path))) return;
  throw new UsageError('same-file', `${what} and stdout are the same: the predictions go there`, {
    ...(path === '-' ? {} : { place: { file: path } }),
    fix: 'Name a file of its own, or give the predictions one with -o.',
  });
}

/** `-` as the descriptor that it stands for; nothing for a stream of the caller. */
function descriptorOr(place: ScoreOptions['input'] | ScoreOptions['output'], descriptor: number): string | number | undefined {
  if (place === '-') return descriptor;
  return typeof place === 'string' ? place : undefined;
}

export const DEFAULT_MAX_REJECTS: Limit = { kind: 'rows', rows: 0 };

/** What holds where nothing is said; the rest of the defaults depends on model, contract and input, and stands in the plan. */
const DEFAULTS = {
  maxRejects: DEFAULT_MAX_REJECTS,
  rejectedRows: 'drop',
  label: 'model',
  prefix: '',
  allowEmpty: false,
  noClobber: false,
} as const satisfies Partial<ScoreOptions>;

/** The options in force as the journal keeps them, defaults included: plain data, streams by kind, callbacks left out. */
export function effectiveOptions(options: ScoreOptions, contractHasIds: boolean): Record<string, unknown> {
  const kept: Record<string, unknown> = { ...DEFAULTS, keep: contractHasIds ? 'ids' : 'unused' };
  for (const [key, value] of Object.entries(options)) {
    if (
      value === undefined ||
      typeof value === 'function' ||
      value instanceof AbortSignal ||
      key === 'labels' ||
      key === 'ledger' ||
      key === 'insteadOf'
    )
      continue;
    kept[key] = (key === 'input' || key === 'output') && typeof value !== 'string' ? 'stream' : value;
  }
  return kept;
}
