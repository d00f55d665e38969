import type { PlainError } from '../errors/transfer.js';
import type { Outcome } from '../run/claim.js';
import type { Progress, RunEvent, RunSummary, ScoreOptions, Warning } from '../run/options.js';
import type { BegunRun } from '../run/supervision.js';

/** Options of a run as they cross to another process: plain data, paths and no streams. */
export type PlainOptions = Omit<ScoreOptions, 'signal' | 'onProgress' | 'onWarning' | 'onEvent' | 'input' | 'output'> & {
  readonly input: string;
  readonly output: string;
};

/** Supervisor to scoring process. One run at a time; `stop` is for the run under way and says what it shall end with. */
export type ToScorer =
  | {
      readonly kind: 'score';
      readonly options: PlainOptions;
      /** Whether it shall tell the run's events. */ readonly events: boolean;
      /** Bytes that the process may hold, for the plan. */ readonly memoryBytes: number | undefined;
      /** For the run's gates. */ readonly deadlineMs: number | undefined;
    }
  | { readonly kind: 'stop'; readonly error: PlainError }
  | { readonly kind: 'close' };

/** Scoring process to supervisor. Each `score` is answered by one of `done` and `failed`, after which nothing of that run goes on. */
export type FromScorer =
  | { readonly kind: 'begun'; readonly run: BegunRun }
  | { readonly kind: 'progress'; readonly progress: Progress }
  | { readonly kind: 'warning'; readonly warning: Warning }
  | { readonly kind: 'event'; readonly event: RunEvent }
  | { readonly kind: 'reading' }
  | { readonly kind: 'publishing' }
  | { readonly kind: 'published'; readonly outcome: Outcome }
  | { readonly kind: 'done'; readonly summary: RunSummary }
  | { readonly kind: 'failed'; readonly error: PlainError };
