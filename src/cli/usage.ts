import { UsageError } from '../errors/errors.js';
import type { UsageCode } from './codes.js';
import { argumentOf, keyOf, usageOf, variableOf, type Flag } from './flag.js';

/** Where a value was given: the words that a message names it by. */
export interface Origin {
  readonly flag: Flag;
  readonly from: 'command line' | 'environment' | 'job file';
  /** `--model`, `MODEL`, `SCORELINE_MODEL`, or in a job file `model`. */
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

/** `--max-rejects 1%`, `SCORELINE_MAX_REJECTS=1%` or `maxRejects: 1%`. */
function exampleOf({ flag, from }: Origin): string {
  if (from === 'job file') return `${keyOf(flag)}: ${jobExampleOf(flag)}`;
  const value = flag.kind === 'boolean' ? '1' : flag.kind === 'choice' ? flag.values[0] : flag.example;
  if (from === 'environment') return `${variableOf(flag)}=${value}`;
  return argumentOf(flag) === undefined ? usageOf(flag) : `--${flag.name} ${value}`;
}

/** A right value as it stands in a job file: the example of the command line without what only a shell needs. */
export function jobExampleOf(flag: Flag): string {
  switch (flag.kind) {
    case 'boolean':
      return 'true';
    case 'choice':
      return flag.values[0] ?? '';
    case 'list':
      return `[${flag.example.replaceAll(',', ', ')}]`;
    case 'texts':
      return `[${flag.example}]`;
    case 'pairs':
      return `{ ${flag.example.replace('=', ': ')} }`;
    default:
      return flag.example;
  }
}
