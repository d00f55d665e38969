import type { JobEnd, JobRun, SinkEvent } from './event.js';

/** A place that hears of runs. Each is told one thing after the other, and waited for. What it throws becomes a warning. */
export interface Sink {
  /** Code of the warning where it fails. */
  readonly code: string;
  /** Where it writes to, for that warning; without secrets. */
  readonly place: string;
  /** `signal` is aborted when its time is up. */
  tell(event: SinkEvent, signal: AbortSignal): Promise<void>;
  jobBegun?(run: JobRun, signal: AbortSignal): Promise<void>;
  jobEnded?(end: JobEnd, signal: AbortSignal): Promise<void>;
}
