import { UsageError } from '../errors/errors.js';
import { resolveEncoding } from '../format/csv/encoding.js';
import type { CsvInputOptions } from '../format/csv/setup.js';
import { checkShapes } from './option-shapes.js';
import type { ScoreOptions } from './options.js';

const COUNTS = [
  'limit',
  'expectRows',
  'batchRows',
  'chunkBytes',
  'flushMs',
  'workers',
  'threads',
  'maxModelBytes',
  'lockWaitMs',
  'checkpointEveryMs',
] as const;
/** More than these are a slip of the finger. */
const LARGEST: Readonly<Partial<Record<(typeof COUNTS)[number], number>>> = {
  batchRows: 1 << 22,
  chunkBytes: 1 << 30,
  flushMs: 3_600_000,
  checkpointEveryMs: 86_400_000,
  workers: 256,
  threads: 256,
  lockWaitMs: 604_800_000,
};
const SMALLEST: Readonly<Partial<Record<(typeof COUNTS)[number], number>>> = { expectRows: 0, flushMs: 0, lockWaitMs: 0, checkpointEveryMs: 0 };

/**
 * Checks what types cannot: ranges, and options that contradict each other. The command line has its own messages for its own syntax; these
 * are for the library, and the last line of defence.
 *
 * @throws UsageError `bad-option`, `conflicting-options`, `unknown-encoding`.
 */
export function checkOptions(options: ScoreOptions): void {
  checkShapes(options);
  for (const name of COUNTS) {
    const value = options[name];
    const [least, most] = [SMALLEST[name] ?? 1, LARGEST[name] ?? Number.MAX_SAFE_INTEGER];
    if (value !== undefined && !(Number.isInteger(value) && value >= least && value <= most)) {
      throw bad(name, value, `a whole number from ${least} to ${most}`);
    }
  }
  if (options.csv !== undefined) checkCsv(options.csv);
  if (options.limit !== undefined && options.expectRows !== undefined) {
    throw new UsageError('conflicting-options', 'a limit stops before the end, so the number of rows to expect cannot be checked', {
      fix: 'Leave --limit or --expect-rows out.',
    });
  }
  if (options.limit !== undefined && options.expectSha256 !== undefined) {
    throw new UsageError('conflicting-options', 'a limit stops before the end, so the digest to expect cannot be checked', {
      fix: 'Leave --limit or --expect-sha256 out.',
    });
  }
  if (options.spoolStdout === true && options.flushMs !== undefined) {
    throw new UsageError('conflicting-options', 'rows cannot be given on within a time and kept until the last one is scored', {
      fix: 'Leave --flush-ms or --spool-stdout out.',
    });
  }
  const { threshold, maxRejects } = options;
  if (threshold !== undefined && !(threshold >= 0 && threshold <= 1)) throw bad('threshold', threshold, 'a probability, 0 to 1');
  if (maxRejects?.kind === 'share' && !(maxRejects.share >= 0 && maxRejects.share <= 1)) throw bad('maxRejects', maxRejects.share, 'a share, 0 to 1');
  if (maxRejects?.kind === 'rows' && !(Number.isInteger(maxRejects.rows) && maxRejects.rows >= 0))
    throw bad('maxRejects', maxRejects.rows, 'a whole number of rows');
  if (options.label !== 'threshold' && threshold !== undefined && options.label !== undefined) {
    throw new UsageError('conflicting-options', `threshold has no meaning with label "${options.label}"`, {
      fix: 'Leave one of them out, or take the label "threshold".',
    });
  }
}

/** Longest record that fits one string of the engine, with room to spare. */
const LARGEST_RECORD_BYTES = 1 << 28;

function checkCsv({ encoding, skipLines = 0, recordLimitBytes = 1 }: CsvInputOptions): void {
  if (encoding !== undefined) resolveEncoding(encoding);
  if (!(Number.isSafeInteger(skipLines) && skipLines >= 0)) throw bad('csv.skipLines', skipLines, 'a whole number of lines');
  if (!(Number.isInteger(recordLimitBytes) && recordLimitBytes >= 1 && recordLimitBytes <= LARGEST_RECORD_BYTES))
    throw bad('csv.recordLimitBytes', recordLimitBytes, `a whole number from 1 to ${LARGEST_RECORD_BYTES}`);
}

function bad(name: string, value: unknown, expected: string): UsageError {
  return new UsageError('bad-option', `option ${name}: found ${String(value)}, expected ${expected}`, {
    details: { option: name, found: String(value), expected },
    fix: 'The types of the package say what each option takes.',
  });
}
