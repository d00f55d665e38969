import { fork, type ChildProcess } from 'node:child_process';
import { setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { ScorelineError } from '../errors/errors.js';
import { TELEMETRY_SWITCH } from '../model/telemetry.js';
import { inheritedStdio } from './descriptors.js';
import { startError, type Death } from './failures.js';
import type { FromScorer, ToScorer } from './protocol.js';

export interface ChildOptions {
  /** Descriptors beyond stdin, stdout and stderr that it inherits. */
  readonly descriptors: readonly number[];
  /** It yields to everything else that wants the processor. */
  readonly lowPriority: boolean;
}

/** How long a process that was asked to close may take for it. */
const CLOSE_MS = 500;
/** The same for one that was killed, and may have much memory to give back. */
const KILL_MS = 2000;

/** How long what it said before its end may take to come through. */
const LAST_WORDS_MS = 100;

/** A scoring process, as its supervisor holds it. Its constructor throws `no-process` and `too-many-open-files` (74), as far as that is known at once. */
export class ScoringChild {
  readonly #process: ChildProcess;
  readonly descriptors: readonly number[];
  #ended: Death | ScorelineError | undefined;
  #onMessage: ((message: FromScorer) => void) | undefined;
  /** Killed, and there all the same. */
  #abandoned = false;
  /** Resolves when the process is gone; an error where it could not be started. Never rejects. */
  readonly ended: Promise<Death | ScorelineError>;

  constructor({ descriptors, lowPriority }: ChildOptions) {
    this.descriptors = descriptors;
    this.#process = start(descriptors);
    if (lowPriority) this.#yield();
    this.#process.on('message', (message) => this.#onMessage?.(message as FromScorer));
    this.ended = new Promise((resolve) => {
      const end = (how: Death | ScorelineError): void => {
        this.#ended ??= how;
        resolve(this.#ended);
      };
      this.#process.on('exit', (status, signal) => {
        // what it said last may still be on its way
        if (!this.#process.connected) return end({ status, signal });
        this.#process.on('disconnect', () => end({ status, signal }));
        setTimeout(() => end({ status, signal }), LAST_WORDS_MS).unref();
      });
      this.#process.on('error', (error) => {
        if (this.#process.pid === undefined) end(startError(error)); // later on: a message that could not be sent, and the end comes by itself
      });
    });
  }

  /** Undefined where it could not be started. */
  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** Can it be told to score? */
  get isUsable(): boolean {
    return this.#ended === undefined && !this.#abandoned;
  }

  /** Who hears its messages from now on. */
  listen(listener: ((message: FromScorer) => void) | undefined): void {
    this.#onMessage = listener;
  }

  /** To one that is gone nothing is sent: its end says all. */
  tell(message: ToScorer): void {
    if (this.#process.connected) this.#process.send(message, () => undefined);
  }

  /** Ends it at once, wherever it is. False where it does not go: a process that waits for a device cannot be killed. It is left to itself then, and keeps nobody waiting. */
  async kill(): Promise<boolean> {
    this.#process.kill('SIGKILL');
    if (await this.#gone(KILL_MS)) return true;
    this.#abandoned = true;
    this.#process.unref();
    if (this.#process.connected) this.#process.disconnect();
    return false;
  }

  /** Lets it end by itself, and sees to it that it does. */
  async close(): Promise<void> {
    if (this.#abandoned) return;
    this.tell({ kind: 'close' });
    if (!(await this.#gone(CLOSE_MS))) await this.kill();
  }

  async #gone(withinMs: number): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<false>((resolve) => (timer = setTimeout(() => resolve(false), withinMs)));
    const gone = await Promise.race([this.ended.then(() => true), late]);
    clearTimeout(timer);
    return gone;
  }

  /** At once, before it has threads: each has a priority of its own, and inherits that of the one which starts it. */
  #yield(): void {
    try {
      if (this.#process.pid !== undefined) setPriority(this.#process.pid, 19);
    } catch {
      // gone already, or not allowed: a matter of courtesy
    }
  }
}

function start(descriptors: readonly number[]): ChildProcess {
  try {
    return fork(fileURLToPath(new URL('./scoring-process.js', import.meta.url)), [], {
      stdio: inheritedStdio(descriptors),
      serialization: 'advanced', // which knows undefined, whole numbers of any size, and infinity
      execArgv: process.execArgv.filter((flag) => !flag.startsWith('--inspect')),
      env: { ...process.env, [TELEMETRY_SWITCH]: '1' },
    });
  } catch (error) {
    throw startError(error);
  }
}
