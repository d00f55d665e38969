import { InterruptedError, ScorelineError, UsageError } from '../errors/errors.js';
import { packError, unpackError } from '../errors/transfer.js';
import type { Outcome } from '../run/claim.js';
import type { RunEvent, RunSummary } from '../run/options.js';
import type { BegunRun } from '../run/supervision.js';
import type { ToldBefore } from '../run/teller.js';
import type { ScoringChild } from './child.js';
import { deadlineError, deathError, memoryError, resumable, type Death } from './failures.js';
import { residentBytes } from './memory.js';
import type { FromScorer, PlainOptions } from './protocol.js';
import type { ScoreHooks } from './scorer.js';

/** What a run that is stopped may take to end by itself, before its process is killed: native code does not hear that it should stop. */
const GRACE_MS = 200;
/** The same where it publishes: what is synced and renamed then is whole, and takes as long as the disk takes. */
const PUBLISHING_GRACE_MS = 10_000;
/** How often the memory of the process is looked at. */
const MEMORY_MS = 50;
/** The longest time that a timer takes. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export interface SuperviseOptions extends ScoreHooks {
  readonly maxMemoryBytes: number | undefined;
  /** As those of Supervision, for whoever decides what follows a failed run. */
  readonly onBegun?: (runId: string) => void;
  readonly onReading?: () => void;
  /** Part of the deadline that is kept back for what follows a failed run; default 0. */
  readonly keptMs?: number;
}

/** One run in a scoring process, with an eye on time, memory, signals and the process itself. Throws what openScorer's `score` throws. */
export async function supervise(child: ScoringChild, options: PlainOptions, hooks: SuperviseOptions): Promise<RunSummary> {
  const run = new SupervisedRun(child, options, hooks);
  try {
    return await run.outcome();
  } finally {
    run.release();
  }
}

class SupervisedRun {
  readonly #child: ScoringChild;
  readonly #options: PlainOptions;
  readonly #hooks: SuperviseOptions;
  #begun: BegunRun | undefined;
  #publishing = false;
  /** What it has done, once that is published and recorded: then the end of its process takes nothing away. */
  #published: Outcome | undefined;
  /** What was heard of the run, so that it gets one START and one end. */
  #told: ToldBefore = { started: false, ended: false };
  /** It has ended by itself: what becomes of the process now is no matter of this run. */
  #answered = false;
  /** Why the run was stopped, by whoever came first. */
  #stopped: ScorelineError | undefined;
  #deadline: NodeJS.Timeout | undefined;
  #scales: NodeJS.Timeout | undefined;
  #grace: NodeJS.Timeout | undefined;
  /** Resolves where the process was killed and is there all the same. */
  readonly #stuck: Promise<Death>;
  #onStuck: () => void = () => undefined;

  constructor(child: ScoringChild, options: PlainOptions, hooks: SuperviseOptions) {
    this.#child = child;
    this.#options = options;
    this.#hooks = hooks;
    this.#stuck = new Promise((resolve) => (this.#onStuck = () => resolve({ status: null, signal: 'SIGKILL' })));
  }

  async outcome(): Promise<RunSummary> {
    const { signal, deadlineMs, elapsedMs = 0, keptMs = 0, maxMemoryBytes } = this.#hooks;
    const answer = new Promise<RunSummary>((resolve, reject) => this.#child.listen((message) => this.#hear(message, resolve, reject)));
    this.#child.tell({ kind: 'score', options: this.#options, events: this.#hooks.onEvent !== undefined, memoryBytes: maxMemoryBytes, deadlineMs });
    if (signal.aborted) this.#onAbort();
    else signal.addEventListener('abort', this.#onAbort, { once: true });
    if (deadlineMs !== undefined && deadlineMs <= LONGEST_TIMER_MS) {
      const leftMs = Math.max(0, deadlineMs - keptMs - elapsedMs);
      this.#deadline = setTimeout(() => this.#stop(deadlineError(deadlineMs, this.#options.input, keptMs)), leftMs);
    }
    if (maxMemoryBytes !== undefined) this.#scales = setInterval(() => this.#weigh(maxMemoryBytes), MEMORY_MS);
    return Promise.race([answer, Promise.race([this.#child.ended, this.#stuck]).then((how) => this.#died(how))]);
  }

  release(): void {
    for (const timer of [this.#deadline, this.#scales, this.#grace]) clearTimeout(timer);
    this.#hooks.signal.removeEventListener('abort', this.#onAbort);
    this.#child.listen(undefined);
  }

  #hear(message: FromScorer, resolve: (summary: RunSummary) => void, reject: (error: Error) => void): void {
    switch (message.kind) {
      case 'begun':
        this.#begun = message.run;
        return this.#hooks.onBegun?.(message.run.runId);
      case 'reading':
        return this.#hooks.onReading?.();
      case 'progress':
        return this.#guard('onProgress', () => this.#hooks.onProgress?.(message.progress));
      case 'warning':
        return this.#guard('onWarning', () => this.#hooks.onWarning?.(message.warning));
      case 'event':
        return this.#pass(message.event);
      case 'publishing':
        this.#publishing = true;
        if (this.#stopped !== undefined) this.#killAfter(PUBLISHING_GRACE_MS); // it came too late
        return;
      case 'published':
        this.#published = message.outcome;
        return;
      case 'done':
        this.#answered = true;
        return resolve(message.summary);
      case 'failed':
        this.#answered = true;
        return reject(unpackError(message.error));
    }
  }

  #pass(event: RunEvent): void {
    if (event.run === this.#begun?.runId) this.#told = { started: true, ended: this.#told.ended || event.kind !== 'START' };
    this.#guard('onEvent', () => this.#hooks.onEvent?.(event));
  }

  /** What a callback of the caller throws stops the run. */
  #guard(name: string, callback: () => void): void {
    try {
      callback();
    } catch (cause) {
      const message = `${name} threw: ${cause instanceof Error ? cause.message : String(cause)}`;
      this.#stop(new UsageError('callback-failed', message, { cause, fix: 'Mend the callback: what it throws stops the run.' }));
    }
  }

  readonly #onAbort = (): void => {
    const reason: unknown = this.#hooks.signal.reason;
    this.#stop(
      reason instanceof ScorelineError ? reason : new InterruptedError('interrupted', 'the run was stopped by its caller', { cause: reason }),
    );
  };

  /** Asks the run to end in order, and ends its process where that takes too long. */
  #stop(error: ScorelineError): void {
    if (this.#stopped !== undefined) return;
    this.#stopped = error;
    this.#child.tell({ kind: 'stop', error: packError(error) });
    this.#killAfter(this.#publishing ? PUBLISHING_GRACE_MS : GRACE_MS);
  }

  #weigh(limitBytes: number): void {
    const foundBytes = this.#child.pid === undefined ? undefined : residentBytes(this.#child.pid);
    if (foundBytes === undefined || foundBytes <= limitBytes || this.#stopped !== undefined) return;
    this.#stopped = memoryError(limitBytes, foundBytes, this.#options.input);
    this.#killAfter(0);
  }

  #killAfter(ms: number): void {
    clearTimeout(this.#grace);
    this.#grace = setTimeout(() => void this.#child.kill().then((gone) => gone || this.#onStuck()), ms);
  }

  /** The process is gone without an answer, or as good as gone. */
  async #died(how: Death | ScorelineError): Promise<RunSummary> {
    const error = this.#stopped ?? (how instanceof ScorelineError ? how : deathError(how, this.#options.input));
    if (this.#answered) throw error; // heard by nobody: its output may be another run's by now
    const { closeDeadRun } = await import('./close-dead-run.js');
    const { published, row } = await closeDeadRun(this.#begun, this.#options, error, {
      told: this.#told,
      onEvent: this.#hooks.onEvent,
      published: this.#published,
    });
    if (published !== undefined) return published;
    throw row === undefined ? error : resumable(error, row);
  }
}
