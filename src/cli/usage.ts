import { UsageError } from '../errors/errors.js';
import type { UsageCode } from './codes.js';
import { argumentOf, usageOf, variableOf, type Flag } from './flag.js';

/** Where a value was given: the words that a message names it by. */
export interface Origin {
  readonly flag: Flag;
  readonly from: 'command line' | 'environment';
  /** `--model`, `MODEL` or `SCORELINE_MODEL`. */
  readonly label: string;
}

/** A usage error of a documented code. */
export function usageError(code: UsageCode, message: string, fix: string, details?: Readonly<Record<string, unknown>>): UsageError {
  return new UsageError(code, message, { fix, ...(details === undefined ? {} : { details }) });
}

/** The value of a flag is not what it takes: says what it takes, what was found, and gives a right one. */
export function badValue(origin: Origin, found: string, expected: string): UsageError {
  return usageError('bad-value', `${origin.label} takes ${expected}, found '${found}'`, `For example: ${exampleOf(origin)}`, {
    flag: `--${origin.flag.name}`,
    from: origin.from,
    found,
    expected,
  });
}

/** `--max-rejects 1%`, or `SCORELINE_MAX_REJECTS=1%`. */
function exampleOf({ flag, from }: Origin): string {
  const value = flag.kind === 'boolean' ? '1' : flag.kind === 'choice' ? flag.values[0] : flag.example;
  if (from === 'environment') return `${variableOf(flag)}=${value}`;
  return argumentOf(flag) === undefined ? usageOf(flag) : `--${flag.name} ${value}`;
}
