import type { RowReject } from '../batch/reject.js';
import { InputError, type Place } from '../errors/errors.js';

/** Largest number of rejected rows, or share of all rows, that is still published. */
export type RejectLimit = { readonly kind: 'rows'; readonly rows: number } | { readonly kind: 'share'; /** 0 … 1 */ readonly share: number };

/** Rejects beyond the limit after which reading stops: enough to show every kind of fault at once. */
export const REJECTS_BEYOND_LIMIT = 10_000;

/** Is reading on pointless? Only a limit in rows can be broken before the end of the input. */
export function isHopeless(rejected: number, limit: RejectLimit): boolean {
  return limit.kind === 'rows' && rejected > limit.rows + REJECTS_BEYOND_LIMIT;
}

export interface EndCounts {
  readonly rowsIn: number;
  readonly rejected: number;
  /** True when reading stopped early because of too many rejects. */
  readonly stoppedEarly: boolean;
}

export interface EndLimits {
  readonly maxRejects: RejectLimit;
  readonly expectRows: number | undefined;
  readonly allowEmpty: boolean;
  readonly file: string;
  /** Where the rejects can be seen, for the message. */
  readonly rejectsPath: string | undefined;
  /** The first reject, for the message. */
  readonly first: RowReject | undefined;
  /** False: nothing keeps them in a file. */
  readonly keepsRejects?: boolean;
}

/**
 * Judges the whole input before anything is published.
 *
 * @throws InputError `no-rows`, `too-many-rejects`, `row-count`.
 */
export function judgeEnd(counts: EndCounts, limits: EndLimits): void {
  const { maxRejects } = limits;
  // a share is seldom a binary fraction: 29% of 100 rows is 29 rows, not 28.999999999999996
  const allowed = maxRejects.kind === 'rows' ? maxRejects.rows : maxRejects.share * counts.rowsIn * (1 + 1e-12);
  if (counts.rejected > allowed) throw tooMany(counts, limits);
  if (counts.rowsIn === 0 && !limits.allowEmpty) {
    throw new InputError('no-rows', 'found a header and no row, expected at least one row', {
      place: { file: limits.file },
      fix: 'If an empty input is right, give --allow-empty.',
    });
  }
  if (limits.expectRows !== undefined && counts.rowsIn !== limits.expectRows) {
    throw new InputError('row-count', `found ${counts.rowsIn} rows, expected ${limits.expectRows} (--expect-rows)`, {
      place: { file: limits.file },
      details: { found: counts.rowsIn, expected: limits.expectRows },
      fix:
        counts.rowsIn < limits.expectRows
          ? 'The input may be truncated or still being written: get it again.'
          : 'The input may have been appended to, or hold rows twice: get it again, or correct the number.',
    });
  }
}

/**
 * Judges the bytes of the whole input by their digest, hex sha256 in any case.
 *
 * @throws InputError `digest-mismatch`.
 */
export function checkDigest(expected: string, found: string, file: string): void {
  if (found === expected.toLowerCase()) return;
  throw new InputError('digest-mismatch', `found an input with sha256 ${found}, expected ${expected.toLowerCase()} (--expect-sha256)`, {
    place: { file },
    details: { found, expected: expected.toLowerCase() },
    fix: 'The input is not the one that was meant, or was damaged on its way: get it again.',
  });
}

function tooMany(
  { rejected, rowsIn, stoppedEarly }: EndCounts,
  { maxRejects, file, rejectsPath, first, keepsRejects = true }: EndLimits,
): InputError {
  const limit =
    maxRejects.kind === 'share' ? `${Number((maxRejects.share * 100).toPrecision(12))}%` : maxRejects.rows === 0 ? 'none' : String(maxRejects.rows);
  const found = `${rejected} of ${stoppedEarly ? 'the first ' : ''}${rowsIn} row${rowsIn === 1 ? '' : 's'} ${rejected === 1 ? 'was' : 'were'} rejected, ${limit} allowed`;
  return new InputError('too-many-rejects', first === undefined ? found : `${found}; the first: ${first.message}`, {
    place: { file, ...(first === undefined ? {} : placeOf(first)) },
    details: { rejected, rowsIn, allowed: limit, stoppedEarly, ...(first === undefined ? {} : { firstValue: first.value ?? first.record }) },
    fix: `${keepsRejects ? (rejectsPath === undefined ? 'Give --rejects FILE to see them all; mend' : `See ${rejectsPath}; mend`) : 'Mend'} the input, or allow them with --max-rejects N or P%.`,
  });
}

function placeOf({ row, line, column }: RowReject): Place {
  return { row, ...(line === null ? {} : { line }), ...(column === null ? {} : { column }) };
}
