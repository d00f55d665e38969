import { appendToLedger, compactLedger, scanLedger, type LedgerLine, type LedgerPosition, type Trust } from '../publish/ledger.js';
import { stampKey, type Stamp } from './inputs.js';
import type { Job } from './job.js';
import { omit } from './omit.js';

/** Where the predictions of an input go. Settled when it is tried for the first time, so that a run that was killed is gone on with, whatever the date says since. */
export interface Paths {
  readonly output: string;
  readonly rejects: string | null;
  readonly journal: string | null;
  /** Digest of the templates that they were made from: with others, they are made anew. */
  readonly templates: string;
}

export interface Published {
  /** ISO 8601. */
  readonly at: string;
  readonly run: string;
  readonly output: { readonly path: string; readonly bytes: number; readonly sha256: string };
  /** Where a fallback scored all of it: its path, the code of what the model failed by, how many rows. Where it scored single rows: `rows`, and how many. */
  readonly fallback?: { readonly model?: string; readonly why: string; readonly rows?: number };
}

export interface Failure {
  readonly at: string;
  readonly code: string;
  /** Exit status. */
  readonly status: number;
  readonly message: string;
}

/** All that is known of an input: a name with a content. */
export interface Known {
  readonly name: string;
  /** Of its content, hex; UNREAD where it could not be read. */
  readonly sha256: string;
  /** Absolute, where it lay last. */
  readonly path: string;
  /** Of the file as it was seen last. */
  readonly stamp: Stamp;
  /** When it was taken up for the first time, ISO 8601. */
  readonly firstAt: string;
  readonly attempts: number;
  readonly paths: Paths;
  readonly published?: Published;
  /** Of the last attempt, where that failed. */
  readonly failure?: Failure;
  /** False while something is left to do with the file of a published input: move it, delete it, or find that it is kept. */
  readonly settled: boolean;
  /** Since when it is known that its file is there no more, ISO 8601. */
  readonly goneAt?: string;
}

/** The job file that a ledger is of; all paths absolute. */
export interface JobFile {
  /** As it was given. */
  readonly file: string;
  /** The same with the links of its folder resolved. */
  readonly real: string;
  /** `real`, as it is reached from the state folder: it stays the same where both are moved together. */
  readonly below: string;
}

/** What a line must say of an input that is about to be scored, or is published. */
export type KnownFile = Pick<Known, 'name' | 'sha256' | 'path' | 'stamp' | 'paths'>;

/** What a job has done so far, as its ledger says. */
export class History {
  readonly path: string;
  readonly #identity: Job['identity'];
  readonly #trust: Trust;
  readonly #known = new Map<string, Known>();
  readonly #byStamp = new Map<string, string>();
  /** Identities of what is published. */
  readonly #published = new Map<string, Known>();
  /** Of each output and rejects file, the input that it was published for last. */
  readonly #writers = new Map<string, Known>();
  /** Digests of all predictions that were ever published, by their size. */
  readonly #contents = new Map<number, Set<string>>();
  #jobFile: JobFile | undefined;
  #position: LedgerPosition | undefined;
  #lines = 0;
  #damaged = 0;

  private constructor(path: string, identity: Job['identity'], trust: Trust) {
    this.path = path;
    this.#identity = identity;
    this.#trust = trust;
  }

  /** Reads the ledger of a job. Throws as scanLedger. */
  static async open(path: string, identity: Job['identity'], trust: Trust = 'own'): Promise<History> {
    const history = new History(path, identity, trust);
    await history.refresh();
    return history;
  }

  /** Lines that do not prove themselves. */
  get damaged(): number {
    return this.#damaged;
  }

  /** The job file whose run wrote here last; undefined where none has said so. */
  get jobFile(): JobFile | undefined {
    return this.#jobFile;
  }

  /** Reads what was appended since, by a scoring process too. */
  async refresh(): Promise<void> {
    const take = (line: LedgerLine): void => {
      this.#lines++;
      this.#take(line);
    };
    const { end, damaged } = await scanLedger(this.path, take, this.#position, this.#trust);
    this.#position = end;
    this.#damaged += damaged;
  }

  all(): readonly Known[] {
    return [...this.#known.values()];
  }

  get(name: string, sha256: string): Known | undefined {
    return this.#known.get(keyOf(name, sha256));
  }

  /** The input that makes one of this name and content a repetition; undefined where it is new, and where its output holds the predictions of another by now. */
  publishedAs(name: string, sha256: string): Known | undefined {
    const known = this.#published.get(this.#identityOf(name, sha256));
    const last = known === undefined ? undefined : this.#writers.get(known.paths.output);
    return last === undefined || (last.name === known?.name && last.sha256 === known.sha256) ? known : undefined;
  }

  /** The input that was published last into an output or rejects file. */
  writerOf(path: string): Known | undefined {
    return this.#writers.get(path);
  }

  /** Digests of the predictions of this size that were published, wherever; hex. */
  contentsOf(bytes: number): ReadonlySet<string> {
    return this.#contents.get(bytes) ?? NONE;
  }

  /** The digest of a file that was read before and has not changed since. */
  digestOf(stamp: Stamp): string | undefined {
    return this.#byStamp.get(stampKey(stamp));
  }

  /** The ledger is of this job file from now on. */
  async ofJobFile(jobFile: JobFile, at: string): Promise<void> {
    await this.#append([{ kind: 'job', at, ...jobFile }]);
  }

  /** An input is about to be scored. */
  async attempt(input: KnownFile, at: string): Promise<void> {
    await this.#append([{ kind: 'attempt', at, ...input }]);
  }

  async failed({ name, sha256 }: Pick<Known, 'name' | 'sha256'>, failure: Failure): Promise<void> {
    await this.#append([{ kind: 'failed', name, sha256, ...failure }]);
  }

  /** Nothing is left to do with the file of an input. `action`: what was done. */
  async settled({ name, sha256 }: Pick<Known, 'name' | 'sha256'>, action: string, at: string): Promise<void> {
    await this.#append([{ kind: 'settled', at, name, sha256, action }]);
  }

  /** Files of known content lie there under other stamps, or again: they need not be read anew. */
  async seen(files: readonly Pick<Known, 'name' | 'sha256' | 'path' | 'stamp'>[]): Promise<void> {
    if (files.length > 0) await this.#append(files.map(({ name, sha256, path, stamp }) => ({ kind: 'seen', name, sha256, path, stamp })));
  }

  /** Files of inputs were found to be there no more. */
  async gone(inputs: readonly Known[], at: string): Promise<void> {
    if (inputs.length > 0) await this.#append(inputs.map(({ name, sha256 }) => ({ kind: 'gone', at, name, sha256 })));
  }

  /**
   * Rewrites the ledger with a line for each input, where it has grown far beyond that, or holds many that may be forgotten: those whose file has been gone since before
   * `forgetBefore`, in milliseconds since 1970.
   */
  async compact(forgetBefore: number): Promise<void> {
    const isOld = ({ goneAt }: Known): boolean => goneAt !== undefined && Date.parse(goneAt) < forgetBefore;
    const old = this.all().filter(isOld).length;
    const grown = this.#lines >= LEAST_LINES && this.#lines >= this.#known.size * 3;
    if (!grown && (old < LEAST_FORGOTTEN || old * 4 < this.#known.size)) return;
    await compactLedger(this.path, (lines) => {
      // what stands there under the lock, and not what was read before: a line may have come since
      const whole = new History(this.path, this.#identity, this.#trust);
      for (const line of lines) whole.#take(line);
      const inputs = whole.all().filter((known) => !isOld(known));
      return [...(whole.#jobFile === undefined ? [] : [{ kind: 'job', ...whole.#jobFile }]), ...inputs.map((known) => ({ kind: 'input', ...known }))];
    });
    this.#lines = 0;
    this.#position = undefined;
  }

  async #append(lines: readonly LedgerLine[]): Promise<void> {
    await appendToLedger(this.path, lines);
    await this.refresh();
  }

  #identityOf(name: string, sha256: string): string {
    return this.#identity === 'content' ? sha256 : keyOf(name, sha256);
  }

  #take(line: LedgerLine): void {
    const { kind, name, sha256, at } = line;
    if (kind === 'job') {
      const { file, real, below } = line as unknown as JobFile;
      this.#jobFile = { file, real, below };
    }
    if (typeof name !== 'string' || typeof sha256 !== 'string') return;
    const before = this.#known.get(keyOf(name, sha256));
    switch (kind) {
      case 'input':
        this.#set(line as unknown as Known);
        return this.#own(name, sha256);
      case 'attempt': {
        const { path, stamp, paths } = line as unknown as Known;
        const unread = this.#known.get(keyOf(name, UNREAD));
        const rest = before === undefined ? { firstAt: unread?.firstAt ?? String(at), settled: true } : omit(before, 'failure', 'goneAt');
        if (sha256 !== UNREAD) this.#known.delete(keyOf(name, UNREAD));
        return this.#set({ ...rest, name, sha256, path, stamp, paths, attempts: (before?.attempts ?? 0) + 1 });
      }
      case 'published': {
        const { run, output, fallback, path, stamp, paths } = line as unknown as Published & Known;
        // a run that died behind its line may have it written once more by whoever ends it
        const settled = before?.published?.run === run && before.settled;
        const rest = before === undefined ? { firstAt: String(at), attempts: 1 } : omit(before, 'failure', 'goneAt');
        if (before?.published?.run !== run) this.#known.delete(keyOf(name, sha256)); // in the order of publication
        this.#set({
          ...rest,
          name,
          sha256,
          path,
          stamp,
          paths,
          published: { at: String(at), run, output, ...(fallback === undefined ? {} : { fallback }) },
          settled,
        });
        return before?.published?.run === run ? undefined : this.#own(name, sha256);
      }
      case 'failed': {
        const { code, status, message } = line as unknown as Failure;
        if (before !== undefined) this.#set({ ...before, failure: { at: String(at), code, status, message } });
        return;
      }
      case 'settled':
        if (before === undefined) return;
        return this.#set({ ...before, settled: true, ...(line['action'] === 'kept' ? {} : { goneAt: String(at) }) });
      case 'gone':
        if (before !== undefined) this.#set({ ...before, goneAt: String(at) });
        return;
      case 'seen':
        if (before === undefined) return;
        return this.#set({ ...omit(before, 'goneAt'), path: (line as unknown as Known).path, stamp: (line as unknown as Known).stamp });
    }
  }

  /** What is published is what stands in its files, until another is published there. */
  #own(name: string, sha256: string): void {
    const known = this.#known.get(keyOf(name, sha256));
    if (known?.published === undefined) return;
    for (const path of [known.paths.output, known.paths.rejects]) if (path !== null) this.#writers.set(path, known);
    const { bytes, sha256: content } = known.published.output;
    this.#contents.set(bytes, (this.#contents.get(bytes) ?? new Set()).add(content));
  }

  #set(known: Known): void {
    this.#known.set(keyOf(known.name, known.sha256), known);
    if (known.sha256 !== UNREAD) this.#byStamp.set(stampKey(known.stamp), known.sha256);
    if (known.published !== undefined) this.#published.set(this.#identityOf(known.name, known.sha256), known);
  }
}

/** In place of the digest of an input that could not be read. */
export const UNREAD = '';

/** A ledger of fewer lines is not worth a rewrite. */
const LEAST_LINES = 256;
/** So few inputs are not worth forgetting. */
const LEAST_FORGOTTEN = 64;
const NONE: ReadonlySet<string> = new Set();

function keyOf(name: string, sha256: string): string {
  return `${sha256}/${name}`;
}

/** What a job's scoring process writes in the ledger once an input is published; the run adds itself, the time and the output. */
export function publishedEntry({ name, sha256, path, stamp, paths }: KnownFile): LedgerLine {
  return { kind: 'published', name, sha256, path, stamp, paths };
}
