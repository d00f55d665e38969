import type { JobEnd, JobRun, SinkEvent } from './event.js';

/** As the warnings of a run. */
export interface SinkWarning {
  readonly code: string;
  readonly message: string;
  readonly count: number;
}

/** The message of such a warning. */
export function untold(place: string, found: string): string {
  return `${place} was not told of the run: ${found}`;
}

/** A place that hears of runs. Each is told one thing after the other, and waited for. What it throws becomes a warning. */
export interface Sink {
  /** What is to be said where it failed so many times, and why; without secrets. */
  readonly warning: (found: string, times: number) => SinkWarning;
  /** `signal` is aborted when its time is up. */
  tell(event: SinkEvent, signal: AbortSignal): Promise<void>;
  jobBegun?(run: JobRun, signal: AbortSignal): Promise<void>;
  jobEnded?(end: JobEnd, signal: AbortSignal): Promise<void>;
  /** Nothing more is to be told. */
  close?(signal: AbortSignal): Promise<void>;
  /** How long it may take for one thing that it is told; it is given up itself then, and waited for. Default: as long as all sinks may, and what it has begun is left. */
  readonly limitMs?: number;
}
