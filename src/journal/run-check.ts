import { TERMINAL, type Entry } from './entry.js';

export type RunProblem = 'second-start' | 'second-end' | 'no-start' | 'after-end';

/** The rule of runs: one START, at most one of COMMIT, FAIL, ABORT, nothing after it. Fed with entries in the journal's order. */
export class RunCheck {
  readonly #runs = new Map<string, 'open' | 'ended'>();
  readonly #fromStart: boolean;

  /** @param fromStart false where the journal goes on from a file that is not at hand: then a run may have started there. */
  constructor(fromStart: boolean) {
    this.#fromStart = fromStart;
  }

  get runs(): number {
    return this.#runs.size;
  }

  /** Runs that have not ended, in the order of their start: still running, or dead. */
  get open(): string[] {
    return [...this.#runs].filter(([, state]) => state === 'open').map(([run]) => run);
  }

  /** What is wrong with this entry, if anything. */
  add({ run, kind }: Entry): RunProblem | undefined {
    const state = this.#runs.get(run);
    const ends = TERMINAL.has(kind);
    this.#runs.set(run, ends || state === 'ended' ? 'ended' : 'open');
    if (kind === 'START') return state === undefined ? undefined : 'second-start';
    if (state === 'ended') return ends ? 'second-end' : 'after-end';
    return state === undefined && this.#fromStart ? 'no-start' : undefined;
  }
}
