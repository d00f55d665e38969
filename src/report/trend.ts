import type { JournalColumn, ReportRun } from './material.js';

/** What a trend keeps of a run: a few figures, so that a journal of any length is read in the memory of its last runs. null where a run does not tell. */
export interface TrendPoint {
  readonly id: string;
  readonly startedMs: number;
  readonly isFailed: boolean;
  readonly rows: number | null;
  readonly rejectRate: number | null;
  /** Share of missing values in the column that has most of them. */
  readonly missing: number | null;
  readonly psi: number | null;
  readonly score: { readonly column: string; readonly mean: number } | null;
  readonly seconds: number | null;
}

export function trendPoint({ id, status, startedMs, figures }: ReportRun): TrendPoint {
  const { rows, missing, drift, profile, seconds } = figures;
  const column = profile === undefined ? undefined : leadingScore(profile.scores);
  return {
    id,
    startedMs,
    isFailed: status !== 'committed',
    rows: rows?.in ?? null,
    rejectRate: rows === undefined || rows.in === 0 ? null : rows.rejected / rows.in,
    missing: missing === undefined || rows === undefined || rows.scored === 0 ? null : Math.max(0, ...missing.map((each) => each.rows / rows.scored)),
    psi: drift?.psi ?? null,
    score: column?.mean === null || column === undefined ? null : { column: column.name, mean: column.mean },
    seconds: seconds?.total ?? null,
  };
} // prettier-ignore

/** Of two classes the second, which is the positive one as a rule; else the first column of numbers. */
function leadingScore(scores: readonly JournalColumn[]): (JournalColumn & { readonly kind: 'number' }) | undefined {
  const numbers = scores.filter((column) => column.kind === 'number');
  return numbers.length === 2 ? numbers[1] : numbers[0];
}
