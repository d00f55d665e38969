import { statusOf, type StatusName } from './statuses.js';

/** Where in the user's material an error lies; whatever is known of it. Rows count from 1 after the header, lines from 1. */
export interface Place {
  readonly file?: string;
  readonly row?: number;
  readonly line?: number;
  /** Within the line, from 1: of files that people write. */
  readonly character?: number;
  readonly column?: string;
  readonly byte?: number;
}

export interface ErrorContext {
  readonly place?: Place;
  /** What to do about it, as one sentence or a line to paste. */
  readonly fix?: string;
  /** Plain data for programs: what was found, what was expected, near misses. */
  readonly details?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
  /** The row of the status table, where it differs from the class's own. */
  readonly status?: StatusName;
}

/**
 * Base of every error that Scoreline foresees. `code` is stable and documented; match on it, never on the text. The message says
 * what was found and what was expected; the place and the fix are fields, so that each reporter lays them out in its own way.
 */
export class ScorelineError extends Error {
  readonly code: string;
  readonly statusName: StatusName;
  readonly place: Place;
  readonly fix: string | undefined;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string, status: StatusName, context: ErrorContext = {}) {
    super(message, context.cause === undefined ? undefined : { cause: context.cause });
    this.name = new.target.name;
    this.code = code;
    this.statusName = context.status ?? status;
    this.place = context.place ?? {};
    this.fix = context.fix;
    this.details = context.details ?? {};
  }

  /** The exit status of a process that ends by this error. */
  get status(): number {
    return statusOf(this.statusName);
  }

  /** The same error with something else to do about it. */
  withFix(fix: string): ScorelineError {
    const { code, message, statusName, place, details, cause, name, stack } = this;
    const twin = new ScorelineError(code, message, statusName, { place, details, cause, fix });
    return Object.assign(Object.setPrototypeOf(twin, Object.getPrototypeOf(this) as object) as ScorelineError, { name, stack });
  }
}

/** The command line or the library's options are wrong: 64. */
export class UsageError extends ScorelineError {
  constructor(code: string, message: string, context?: ErrorContext) {
    super(code, message, 'usage', context);
  }
}

/** The input is missing, unreadable, truncated, of another schema, or has too many bad rows: 65, 66, 74 or 77. */
export class InputError extends ScorelineError {
  constructor(code: string, message: string, context?: ErrorContext) {
    super(code, message, 'data', context);
  }
}

/** The model cannot be loaded, is of a kind that is not taken, or fails on its own golden rows: 69 (missing file: 66). */
export class ModelError extends ScorelineError {
  constructor(code: string, message: string, context?: ErrorContext) {
    super(code, message, 'model', context);
  }
}

/** The contract is not valid, belongs to another model, or contradicts the command line or the model: 78. */
export class ContractError extends ScorelineError {
  constructor(code: string, message: string, context?: ErrorContext) {
    super(code, message, 'config', context);
  }
}

/** A job file is wrong, or asks for what may not be done: 78 (missing file: 66). */
export class JobError extends ScorelineError {
  constructor(code: string, message: string, context?: ErrorContext) {
    super(code, message, 'config', context);
  }
}

/** The output cannot be created (73), may not be written (77), or a write or sync failed (74). */
export class OutputError extends ScorelineError {
  constructor(code: string, message: string, context?: ErrorContext) {
    super(code, message, 'output', context);
  }
}

/** The journal cannot be read or appended to: 74. */
export class JournalError extends ScorelineError {
  constructor(code: string, message: string, context?: ErrorContext) {
    super(code, message, 'io', context);
  }
}

/** A gate did not hold: the predictions are not published: 76. */
export class WithheldError extends ScorelineError {
  constructor(code: string, message: string, context?: ErrorContext) {
    super(code, message, 'withheld', context);
  }
}

/** What tells a run to stop, by code: SIGINT or the caller's AbortSignal, SIGTERM, SIGHUP, the reader of stdout that went away. */
const INTERRUPTIONS = {
  interrupted: 'interrupt',
  terminated: 'terminate',
  'hung-up': 'hangup',
  'pipe-closed': 'pipe',
} as const satisfies Readonly<Record<string, StatusName>>;

export type Interruption = keyof typeof INTERRUPTIONS;

/** True for the codes of InterruptedError. */
export function isInterruption(code: string): code is Interruption {
  return Object.hasOwn(INTERRUPTIONS, code);
}

/** The run was told to stop: 130, 143, 129 or 141. */
export class InterruptedError extends ScorelineError {
  constructor(code: Interruption, message: string, context?: ErrorContext) {
    super(code, message, INTERRUPTIONS[code], context);
  }
}

/** What must not happen: a defect of ours, status 70. The stack belongs in the log. */
export class DefectError extends ScorelineError {
  constructor(message: string, context?: ErrorContext) {
    super('defect', message, 'defect', { fix: 'This is a defect of Scoreline: please report it with the journal line of this run.', ...context });
  }
}
