import type { Outcome } from './claim.js';

/** What a supervisor in another process tells a run, and must know of it while it goes on, in case it dies. */
export interface Supervision {
  /** Before anything else: what the run is called, and where its lines will stand. */
  readonly begun: (run: BegunRun) => void;
  /** Nothing of the input was read so far; from here on some may be. */
  readonly reading: () => void;
  /** Every row is accounted for; from here on the run cannot be stopped any more. */
  readonly publishing: () => void;
  /** It is published and recorded: all that is left is to clear away. Not told of a run whose output is no file. */
  readonly published: (outcome: Outcome) => void;
  /** Memory that the process may hold before the supervisor ends it; undefined for what the machine has. */
  readonly memoryBytes: number | undefined;
  /** Time that the run may take before the supervisor ends it; undefined for as long as it likes. */
  readonly deadlineMs: number | undefined;
}

export interface BegunRun {
  readonly runId: string;
  /** Path of its journal, as given; undefined for none. */
  readonly journal: string | undefined;
}
