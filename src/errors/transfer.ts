import { inspect } from 'node:util';
import {
  ContractError,
  DefectError,
  InputError,
  InterruptedError,
  JobError,
  JournalError,
  ModelError,
  OutputError,
  ScorelineError,
  UsageError,
  WithheldError,
  isInterruption,
  type Place,
} from './errors.js';
import { openFilesError } from './open-files.js';
import type { StatusName } from './statuses.js';

/** An error as plain data, so that it can cross from a worker thread to the main thread, or from one process to another. */
export interface PlainError {
  readonly name: string;
  readonly code: string;
  readonly message: string;
  readonly status: StatusName;
  readonly place: Place;
  readonly fix: string | undefined;
  readonly details: Readonly<Record<string, unknown>>;
  readonly stack: string | undefined;
  readonly cause: PlainCause | undefined;
}

/** What is kept of a cause, and of its own. */
interface PlainCause {
  readonly name: string;
  readonly message: string;
  /** Of a system error. */
  readonly code: string | undefined;
  readonly cause: PlainCause | undefined;
}

/** Flattens an error for a message between threads or processes; what is not ours becomes a defect that keeps its stack. */
export function packError(error: unknown): PlainError {
  const own = error instanceof ScorelineError ? error : asDefect(error);
  return {
    name: own.name,
    code: own.code,
    message: own.message,
    status: own.statusName,
    place: own.place,
    fix: own.fix,
    details: own.details,
    stack: own.stack,
    cause: packCause(own.cause),
  };
}

const MAX_CAUSES = 8;

function packCause(cause: unknown, depth = 0): PlainCause | undefined {
  if (cause === undefined || cause === null || depth === MAX_CAUSES) return undefined;
  if (!(cause instanceof Error)) return { name: 'Error', message: inspect(cause), code: undefined, cause: undefined };
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined;
  return { name: cause.name, message: cause.message, code, cause: packCause(cause.cause, depth + 1) };
}

function unpackCause({ name, message, code, cause }: PlainCause): Error {
  const error = new Error(message, cause === undefined ? undefined : { cause: unpackCause(cause) });
  return Object.assign(error, { name }, code === undefined ? {} : { code });
}

/** By name, so that an error is of its class on the other side too. */
const CLASSES = { UsageError, InputError, ModelError, ContractError, JobError, OutputError, JournalError, WithheldError } as const;

/** The inverse of packError. */
export function unpackError({ name, code, message, status, place, fix, details, stack, cause }: PlainError): ScorelineError {
  const context = { status, place, details, ...(fix === undefined ? {} : { fix }), ...(cause === undefined ? {} : { cause: unpackCause(cause) }) };
  const error = Object.hasOwn(CLASSES, name)
    ? new CLASSES[name as keyof typeof CLASSES](code, message, context)
    : code === 'defect'
      ? new DefectError(message, context)
      : isInterruption(code)
        ? new InterruptedError(code, message, context)
        : new ScorelineError(code, message, status, context);
  if (stack !== undefined) error.stack = stack;
  return error;
}

/** Anything thrown, as an error of ours: what is not foreseen is a defect. A limit on open files may be met anywhere, and is none. */
export function asDefect(error: unknown): ScorelineError {
  if (error instanceof ScorelineError) return error;
  const limited = openFilesError(error);
  if (limited !== undefined) return limited;
  const message = error instanceof Error ? error.message : String(error);
  const defect = new DefectError(`unexpected error: ${message}`, { cause: error });
  if (error instanceof Error && error.stack !== undefined) defect.stack = error.stack;
  return defect;
}
