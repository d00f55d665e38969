import { lstat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { OutputError } from '../errors/errors.js';
import { systemCode } from '../errors/system-code.js';
import { takeLock, type Lock } from '../files/lock.js';
import { syncFolder } from '../files/sync-folder.js';
import { writeAll, type ByteWriter } from '../files/write-all.js';
import { outputFailure } from './failure.js';
import { encodeCheckpoint, encodePrepared, encodeReleased, encodeRun, encodeStaged, readRunState } from './run-state.js';
import type { Prepared, RunHeader, RunState, StagedName, TakenOver } from './run-state.js';
import { fileThere, realTarget, type LinkOptions } from './target.js';
import { stateName } from './temp-name.js';

export interface OutputLockOptions extends LinkOptions {
  /** How long to wait for another run into the same output; default: not at all. */
  readonly waitMs?: number;
  /** Called where flock(1) is missing and a lock file stands in. */
  readonly onFallback?: () => void;
  /** Names under which flock(1) is looked for. */
  readonly flockCommands?: readonly string[];
  /** Ends the wait; its reason is thrown. */
  readonly signal?: AbortSignal;
}

/**
 * The lock of an output, and what the run that holds it writes down of itself: both are the file `.NAME.scoreline-run` beside the real target. Always beside it: runs
 * with different state folders must exclude each other, and the folder is writable anyway.
 */
export interface OutputLock {
  /** Real path of the output. */
  readonly target: string;
  /** Path of the run-state file. */
  readonly path: string;
  /** What a dead run left here. */
  readonly found: RunState | undefined;
  /** This run begins; what was found is settled, or taken over. Throws `output-locked` where a run without flock(1) has come meanwhile. */
  begin(header: RunHeader, takenOver?: TakenOver): Promise<void>;
  /** A temp file is about to be made. */
  staged(name: StagedName): Promise<void>;
  /** Durable when it resolves. The staged bytes that it speaks of must be synced before. */
  checkpoint(checkpoint: unknown): Promise<void>;
  /** Durable when it resolves, the file's own name too. The staged files must be synced before. */
  prepared(prepared: Prepared): Promise<void>;
  /** The output is free. `keep`: the file stays, for the same command to go on from. Does nothing the second time. */
  release(keep?: 'keep'): Promise<void>;
}

/** Private: the rejects file's name and the labels of a job need not be everybody's to read. */
const PRIVATE_MODE = 0o600;

/**
 * Takes the lock of an output that is staged. Throws OutputError `output-locked` (75) where another run holds it, `run-state-foreign` (77) where the file is none of ours, and as
 * the staging of the output would.
 */
export async function lockOutput(target: string, options: OutputLockOptions = {}): Promise<OutputLock> {
  const real = await realTarget(target, options);
  const path = statePath(real);
  // Before a file is made beside it: a folder of that name has its own message.
  await fileThere(real, target);
  const { waitMs = 0, onFallback = () => undefined, flockCommands: commands, signal } = options;
  try {
    const lock = await takeLock(path, {
      mode: PRIVATE_MODE,
      waitMs,
      onFallback,
      ownerIn: async (file) => {
        const state = await readRunState(file);
        return state?.released === true ? undefined : state?.header.process;
      },
      ...(commands === undefined ? {} : { commands }),
      ...(signal === undefined ? {} : { signal }),
    });
    try {
      return await open(real, lock);
    } catch (error) {
      await lock.release();
      throw error;
    }
  } catch (error) {
    throw lockFailure(error, target, path);
  }
}

/** Is a run writing this output, or has a dead one left something there? Changes nothing. Where its folder is gone, nothing is left. */
export async function hasRunState(target: string, links: LinkOptions = {}): Promise<boolean> {
  try {
    await lstat(statePath(await realTarget(target, links)));
    return true;
  } catch {
    return false; // whoever locks the output says what is wrong with it
  }
}

/** `real`: as realTarget gives it. */
function statePath(real: string): string {
  return join(dirname(real), stateName(basename(real)));
}

async function open(target: string, lock: Lock): Promise<OutputLock> {
  const stats = await lock.file.stat();
  const { size, uid, nlink } = stats;
  // What is written here decides over renames and removals: it must be by nobody but this user, and by no other name.
  if (!stats.isFile() || uid !== process.geteuid?.() || nlink !== 1)
    throw foreign(lock.path, !stats.isFile() ? 'that is a pipe' : nlink === 1 ? 'of another user' : 'with a second name');
  const found = size === 0 ? undefined : await readRunState(lock.file);
  return new HeldOutput(target, lock, found, size);
}

/** A state file that has grown by so much is written over from where this run began: a run of days makes many thousand checkpoints, and needs the last. */
const LARGEST_BYTES = 1 << 20;

class HeldOutput implements OutputLock {
  readonly target: string;
  readonly path: string;
  readonly found: RunState | undefined;
  readonly #lock: Lock;
  #end: number;
  /** Behind the line by which this run began. */
  #begun = 0;
  /** Where the last checkpoint stands. */
  #lastAt = 0;
  readonly #names: StagedName[] = [];
  #turn: Promise<void> = Promise.resolve();
  #failure: Error | undefined;
  #nameIsDurable = false;
  #released = false;
  /** Another run has the file for its own, too. */
  #isContested = false;

  constructor(target: string, lock: Lock, found: RunState | undefined, size: number) {
    this.target = target;
    this.path = lock.path;
    this.found = found;
    this.#lock = lock;
    this.#end = size;
  }

  async begin(header: RunHeader, takenOver?: TakenOver): Promise<void> {
    // A dead run may have left a part of a line: this one stands on a line of its own.
    const gap = this.#end === 0 ? [] : [Buffer.from('\n')];
    await this.#append(Buffer.concat([...gap, encodeRun(header, takenOver)]));
    try {
      await this.#lock.prove();
    } catch (error) {
      this.#isContested = true;
      throw lockFailure(error, this.target, this.path);
    }
    this.#begun = this.#end;
    this.#names.push(...(takenOver?.staged ?? []));
  }

  staged(name: StagedName): Promise<void> {
    this.#names.push(name);
    // Beside the output it would be found by its name; elsewhere only by this line.
    return this.#append(encodeStaged(name), dirname(name.path) === dirname(this.target) ? undefined : 'durable');
  }

  async checkpoint(checkpoint: unknown): Promise<void> {
    const line = encodeCheckpoint(checkpoint);
    const anew = Buffer.concat([...this.#names.map(encodeStaged), line]);
    // The checkpoint before this one counts until this one is durable, so it must not be written over.
    const fits = this.#begun + anew.length <= this.#lastAt;
    if (fits && this.#end - this.#begun > LARGEST_BYTES) await this.#append(anew, 'durable', this.#begun);
    else await this.#append(line, 'durable');
    this.#lastAt = this.#end - line.length;
  }

  prepared(prepared: Prepared): Promise<void> {
    return this.#append(encodePrepared(prepared), 'durable');
  }

  async release(keep?: 'keep'): Promise<void> {
    if (this.#released) return;
    this.#released = true;
    if (keep !== undefined) await this.#append(encodeReleased()).catch(() => undefined);
    await this.#lock.release(keep === undefined && !this.#isContested ? 'remove' : undefined).catch((error: unknown) => {
      throw outputFailure(error, { name: this.path, action: 'publish' });
    });
  }

  /** One line after the other: a temp file may be named while a checkpoint is being made. `from`: what stands from there on goes. */
  #append(lines: Buffer, durable?: 'durable', from?: number): Promise<void> {
    const turn = this.#turn.then(() => this.#write(lines, durable, from));
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  /** A failure is final: what a failed write or sync has left is not known. */
  async #write(lines: Buffer, durable: 'durable' | undefined, from: number | undefined): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    try {
      const { file } = this.#lock;
      let end = from ?? this.#end;
      const writer: ByteWriter = { write: (bytes, offset, length) => file.write(bytes, offset, length, end) };
      await writeAll(writer, lines, (taken) => (end += taken.length));
      if (durable !== undefined) await Promise.all([file.datasync(), this.#syncName()]);
      if (from !== undefined) await file.truncate(end);
      this.#end = end;
    } catch (error) {
      this.#failure = outputFailure(error, { name: this.path, action: 'write' });
      throw this.#failure;
    }
  }

  async #syncName(): Promise<void> {
    if (this.#nameIsDurable) return;
    await syncFolder(dirname(this.path));
    this.#nameIsDurable = true;
  }
}

function lockFailure(error: unknown, target: string, path: string): Error {
  switch (systemCode(error)) {
    case 'LOCKED':
      return new OutputError('output-locked', `another run is writing '${target}'`, {
        status: 'locked',
        place: { file: target },
        fix: `Wait for it (--lock-wait 10m), or see which process has '${path}' open (fuser shows it).`,
        cause: error,
      });
    case 'FLOCK':
      return new OutputError('output-lock-failed', `cannot lock '${path}': ${error instanceof Error ? error.message : ''}`, {
        status: 'io',
        place: { file: target },
        fix: 'Write the output to a filesystem that has locks.',
        cause: error,
      });
    // A link where our file should be; what the output itself is stands in the message of its staging.
    case 'ELOOP':
      return foreign(path, 'that is a link');
    case 'EISDIR':
      return foreign(path, 'that is a folder');
    case 'ENXIO':
      return foreign(path, 'that is a socket');
    default:
      return outputFailure(error, { name: target, action: 'create' });
  }
}

function foreign(path: string, found: string): OutputError {
  return new OutputError('run-state-foreign', `cannot use '${path}': expected a file of this user's own, found one ${found}`, {
    status: 'permission',
    place: { file: path },
    fix: 'Remove it, if no run of that user is at work, or name an output in a folder of your own.',
  });
}
