import type { Scorer, ScorerOptions } from '../job/scorer.js';
import type { ModelFacts } from '../model/inspect.js';
import type { RunSummary, ScoreOptions } from '../run/options.js';

/** A stream that short texts for people and programs are written to. */
export interface TextStream {
  readonly isTTY: boolean;
  /** Width of the terminal; undefined where there is none. */
  readonly columns: number | undefined;
  /** Writes the whole text before it returns. */
  write(text: string): void;
  /** The stream of Node beneath, for the progress library. Only asked for on a terminal. */
  readonly raw: () => NodeJS.WritableStream;
}

/** All that the command line does to the world, so that tests pass their own. */
export interface Effects {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: { readonly isTTY: boolean };
  readonly stdout: TextStream;
  readonly stderr: TextStream;
  /** Is stderr the journal of systemd? */
  readonly stderrIsJournal: () => boolean;
  readonly score: (options: ScoreOptions) => Promise<RunSummary>;
  /** For runs in a process of their own. */
  readonly openScorer: (options: ScorerOptions) => Promise<Scorer>;
  readonly inspectModel: (path: string, maxBytes?: number) => Promise<ModelFacts>;
  /** Reads a whole text file, for `@FILE`. */
  readonly readText: (path: string) => string;
  readonly now: () => Date;
  /** Milliseconds since the process started. */
  readonly uptimeMs: () => number;
  /** Aborted by SIGINT and SIGTERM; its reason is the InterruptedError to end with. */
  readonly signal: AbortSignal;
  readonly version: string;
}
