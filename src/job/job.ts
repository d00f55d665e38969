import type { ScoreOptions } from '../run/options.js';
import type { Weekday } from './schema.js';

/** What of a run is the same for all inputs of a job. */
export type JobOptions = Omit<ScoreOptions, 'input' | 'output' | 'rejects' | 'journal' | 'stateDir' | 'signal' | 'onProgress' | 'onWarning'>;

/** A job file as read: every path is absolute, every default filled in, times in milliseconds. Plain data. */
export interface Job {
  /** Path of the file, as given. */
  readonly file: string;
  readonly name: string;
  readonly sources: readonly Source[];
  /** Path with placeholders. */
  readonly output: string;
  /** Paths with placeholders. Undefined: beside the output. */
  readonly rejects: string | undefined;
  /** False for none. */
  readonly journal: string | false;
  readonly stateDir: string;
  readonly options: JobOptions;
  /** Undefined where a marker says that an input is whole. */
  readonly settleMs: number;
  readonly doneMarker: string | undefined;
  readonly identity: 'name-and-content' | 'content';
  readonly followLinks: boolean;
  readonly after: After;
  /** How long an input is remembered at least once its file is gone. */
  readonly rememberMs: number;
  readonly maxInputAgeMs: number | undefined;
  readonly expect: Expectation | undefined;
  /** IANA name; undefined: the machine's. */
  readonly zone: string | undefined;
  readonly runDeadlineMs: number | undefined;
  readonly lowPriority: boolean;
  readonly sinks: JobSinks;
  /** A command that is run for each verdict. */
  readonly notify: Notify | undefined;
}

/** A command without a shell. */
export interface Notify {
  /** Program and arguments; a program with a slash in its name is an absolute path. */
  readonly argv: readonly string[];
  /** Where it is run: the folder of the job file. */
  readonly folder: string;
  /** Why somebody else than whom this process works for may have written the job file; undefined where nobody else could. */
  readonly foreign: string | undefined;
}

/** Who else is told of each run. */
export interface JobSinks {
  readonly metrics?: string;
  /** A path, a URL or `env`. */
  readonly openlineage?: string;
  readonly syslog?: 'auto' | 'always' | 'never';
}

/** Where inputs are looked for. */
export interface Source {
  /** As it stands in the job file. */
  readonly given: string;
  /** Absolute folder. */
  readonly root: string;
  /** Which paths below `root` are meant: a pattern; one name; or every file in that folder itself. */
  readonly match: { readonly kind: 'glob' | 'name'; readonly text: string } | { readonly kind: 'all' };
}

export type After =
  { readonly kind: 'keep' } | { readonly kind: 'delete' } | { readonly kind: 'move'; /** Path with {date} and {run}. */ readonly folder: string };

/** So many new inputs between two times of each of these days. */
export interface Expectation {
  readonly new: number;
  /** HH:MM. */
  readonly by: string;
  readonly since: string;
  readonly days: readonly Weekday[] | undefined;
}
