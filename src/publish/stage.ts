import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { link, open, rename, unlink, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { DefectError, OutputError, type ScorelineError } from '../errors/errors.js';
import { OutputDigest } from './digest.js';
import { systemCode } from '../errors/system-code.js';
import { outputFailure, type Attempt } from './failure.js';
import { setMode } from './mode.js';
import type { Sink } from './sink.js';
import { reopenStaged, type StagedPrefix } from './reopen.js';
import { fileThere, realTarget, type LinkOptions } from './target.js';
import { tempName } from './temp-name.js';
import { syncFolder } from '../files/sync-folder.js';
import { writeAll } from '../files/write-all.js';

export interface StageOptions extends LinkOptions {
  /** Mode of the published file; default: that of the file which it replaces, else by the umask. A file of a given mode belongs to whoever runs this. */
  readonly mode?: number;
  /** An existing target is not replaced: `output-exists` (73), at the start and again at the last moment. */
  readonly noClobber?: boolean;
  /** False: nobody will ask for a digest. */
  readonly hashed?: boolean;
  /** Decides, when the stage is given up, whether the temp file stays: for a later run to go on from. Default: never. */
  readonly keeps?: (cause: Error | undefined) => boolean;
  /** Told the temp file's path before it is made, so that whoever finds it knows whose it was. What it throws stops the opening. */
  readonly announce?: (staged: string, path: string) => Promise<void>;
  /** The output beside which this file is made, by its real path: it marks the temp file's name as left by a run into that output. Default: none. */
  readonly beside?: string;
  /** Random bytes for the temp file's name. */
  readonly random?: (bytes: number) => Uint8Array;
}

/** A file being written beside its target. */
export interface Stage extends Sink {
  /** Real path of the target. */
  readonly path: string;
  /** Path of the temp file. */
  readonly staged: string;
  /** Gives a finished file another name beside the target, durably, and leaves the target as it is. Replaces what has that name. Gives its path. */
  setAside(suffix: string): Promise<string>;
  /** Makes what was written before the call durable, and the temp file's name; writing may go on meanwhile. A failure is final, as of a write. */
  sync(): Promise<void>;
}

/** A stage that goes on where another run left it. */
export interface ReopenedStage extends Stage {
  /** Reads what was written; gives the number of bytes. */
  readAt(into: Uint8Array, position: number): Promise<number>;
}

/** Is this output staged? */
export function isStage(sink: Sink): sink is Stage {
  return sink.path !== undefined;
}

/**
 * Opens a temp file in the real folder of the target, 0600, under a name that nobody can have planted. Throws OutputError: `output-is-directory`,
 * `output-folder-missing`, `output-name-too-long`, `output-link-loop`, `output-read-only`, `output-exists`, `output-special` (73), `output-permission` (77),
 * `no-space` (74).
 */
export async function openStage(target: string, options: StageOptions = {}): Promise<Stage> {
  const path = await realTarget(target, options);
  await checkTarget(path, target, options.noClobber === true);
  try {
    const { file, staged } = await createTemp(path, options);
    return new StagedFile(target, path, staged, file, options);
  } catch (error) {
    throw outputFailure(error, { name: target, action: 'create' });
  }
}

/**
 * Opens the temp file of a dead run to go on from its checkpoint, as if this run had written it so far; see reopenStaged. Its words where that cannot be.
 * Throws as openStage does where the target itself is at fault.
 */
export async function reopenStage(
  target: string,
  prefix: StagedPrefix,
  options: Omit<StageOptions, 'hashed' | 'random'> = {},
): Promise<ReopenedStage | string> {
  const path = await realTarget(target, options);
  await checkTarget(path, target, options.noClobber === true);
  const reopened = await reopenStaged(prefix, path);
  if (typeof reopened === 'string') return reopened;
  return new StagedFile(target, path, prefix.staged, reopened.file, options, { digest: reopened.digest, bytes: prefix.bytes });
}

async function checkTarget(path: string, name: string, noClobber: boolean): Promise<void> {
  if ((await fileThere(path, name)) && noClobber)
    throw outputFailure(Object.assign(new Error('file exists'), { code: 'EEXIST' }), { name, action: 'create' });
}

async function createTemp(path: string, { random = randomBytes, announce, beside }: StageOptions): Promise<{ file: FileHandle; staged: string }> {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  for (let attempt = 1; ; attempt++) {
    const staged = join(dirname(path), tempName(basename(path), random, beside));
    await announce?.(staged, path);
    try {
      return { file: await open(staged, flags, 0o600), staged };
    } catch (error) {
      if (systemCode(error) !== 'EEXIST' || attempt === 10) throw error;
    }
  }
}

class StagedFile implements ReopenedStage {
  readonly name: string;
  readonly path: string;
  readonly staged: string;
  bytes: number;
  readonly #file: FileHandle;
  readonly #options: StageOptions;
  readonly #digest: OutputDigest;
  #state: 'open' | 'finished' | 'revealed' | 'aside' | 'aborted' = 'open';
  #nameIsDurable = false;
  #failure: ScorelineError | undefined;

  constructor(
    name: string,
    path: string,
    staged: string,
    file: FileHandle,
    options: StageOptions,
    written: { readonly digest: OutputDigest; readonly bytes: number } = { digest: new OutputDigest(options.hashed ?? true), bytes: 0 },
  ) {
    this.name = name;
    this.path = path;
    this.staged = staged;
    this.#file = file;
    this.#options = options;
    this.#digest = written.digest;
    this.bytes = written.bytes;
  }

  get visible(): boolean {
    return this.#state === 'revealed';
  }

  digest(): string {
    return this.#digest.hex();
  }

  async write(bytes: Uint8Array): Promise<void> {
    await this.#attempt('write', 'open', () =>
      writeAll(this.#file, bytes, (taken) => {
        this.#digest.update(taken);
        this.bytes += taken.length;
      }),
    );
  }

  async sync(): Promise<void> {
    await this.#attempt('sync', 'open', async () => {
      await Promise.all([this.#file.datasync(), this.#syncName()]);
    });
  }

  async readAt(into: Uint8Array, position: number): Promise<number> {
    return (await this.#file.read(into, 0, into.length, position)).bytesRead;
  }

  async finish(): Promise<void> {
    await this.#attempt('sync', 'open', async () => {
      await this.#checkCount();
      await setMode(this.#file, this.path, this.#options);
      await this.#file.sync();
      await this.#file.close();
      // Given up meanwhile: then it stays so.
      if (this.#state === 'open') this.#state = 'finished';
    });
  }

  async reveal(): Promise<void> {
    await this.#attempt('publish', 'finished', async () => {
      if (this.#options.noClobber === true) {
        await this.#link();
        this.#state = 'revealed';
        await unlink(this.staged);
      } else {
        await rename(this.staged, this.path);
        this.#state = 'revealed';
      }
    });
  }

  async setAside(suffix: string): Promise<string> {
    const aside = `${this.path}${suffix}`;
    await this.#attempt('publish', 'finished', async () => {
      await rename(this.staged, aside);
      this.#state = 'aside';
      await syncFolder(dirname(aside));
    });
    return aside;
  }

  async abort(cause?: Error): Promise<void> {
    if (this.#state === 'revealed' || this.#state === 'aside' || this.#state === 'aborted') return;
    this.#state = 'aborted';
    // Waits for a write under way. What closing says no longer matters: the file goes.
    await this.#file.close().catch(() => undefined);
    if (this.#options.keeps?.(cause) === true) return;
    await unlink(this.staged).catch(() => undefined);
  }

  /** Bytes that are synced under a name that is not would be gone after a power cut. */
  async #syncName(): Promise<void> {
    if (this.#nameIsDurable) return;
    await syncFolder(dirname(this.staged));
    this.#nameIsDurable = true;
  }

  /** rename(2) replaces without asking; link(2) refuses in the same step. */
  async #link(): Promise<void> {
    try {
      await link(this.staged, this.path);
    } catch (error) {
      if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP'].includes(systemCode(error))) throw error;
      throw new OutputError(
        'no-clobber-unsupported',
        `cannot publish '${this.name}' without the risk of replacing a file: this filesystem has no hard links`,
        {
          place: { file: this.name },
          fix: 'Run without --no-clobber, or write the output to a filesystem that has hard links.',
          cause: error,
        },
      );
    }
  }

  /** What the system says it holds, against what it said it took. */
  async #checkCount(): Promise<void> {
    const { size } = await this.#file.stat();
    if (size === this.bytes) return;
    throw new OutputError('write-failed', `cannot publish '${this.name}': ${this.bytes} bytes were written, the staged file has ${size}`, {
      status: 'io',
      place: { file: this.name },
      fix: 'Check the device, and that nothing else writes in this folder, before running again.',
      details: { expected: this.bytes, found: size },
    });
  }

  /** A failure is final: after fsync has failed once, a second one may succeed without the data being there. */
  async #attempt(action: Attempt['action'], needed: 'open' | 'finished', act: () => Promise<void>): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#state !== needed) throw new DefectError(`cannot ${action} '${this.name}': the stage is ${this.#state}, not ${needed}`);
    try {
      await act();
    } catch (error) {
      this.#failure = outputFailure(error, { name: this.name, action, bytes: this.bytes });
      throw this.#failure;
    }
  }
}
