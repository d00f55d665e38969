import type { ScorelineError } from '../../errors/errors.js';
import type { Progress, RunSummary, Warning } from '../../run/options.js';
import { profiledMessage, type Profiled } from './profiled.js';
import { causesOf } from './text.js';

/*
 * One JSON object a line, for programs. Every line has time, level and event; keys are only ever added. JSON escapes control characters
 * below U+0020 by itself.
 */

/** An error. `details`, `causes` and the stack of a defect come with `verbose`, because they may hold values of cells. */
export function errorLine(error: ScorelineError, time: Date, verbose: boolean): string {
  const { code, message, status, statusName, place, fix } = error;
  const causes = verbose ? causesOf(error) : [];
  return line(time, 'error', 'error', {
    code,
    message,
    status,
    statusName,
    ...(Object.keys(place).length === 0 ? {} : { place }),
    ...(fix === undefined ? {} : { fix }),
    ...(verbose ? { details: error.details } : {}),
    ...(causes.length === 0 ? {} : { causes }),
    ...(verbose && code === 'defect' ? { stack: error.stack } : {}),
  });
}

export function warningLine({ code, message, count }: Warning, time: Date): string {
  return line(time, 'warning', 'warning', { code, message, count });
}

/** What a run did, without the rows that it gives to look at: values of cells do not go to a log. */
export function summaryLine(summary: RunSummary, time: Date): string {
  return line(time, 'info', 'summary', {
    code: summary.alreadyPublished === undefined ? 'published' : 'already-published',
    message: summary.alreadyPublished === undefined ? `scored ${summary.scored} rows` : 'nothing to do: the same was published before',
    ...(summary.alreadyPublished === undefined ? {} : { alreadyPublished: summary.alreadyPublished }),
    runId: summary.runId,
    resumed: summary.resumed ?? null,
    rowsIn: summary.rowsIn,
    scored: summary.scored,
    rejected: summary.rejected,
    rejectedByCode: summary.rejectedByCode,
    byFallback: summary.byFallback ?? 0,
    fallback: summary.fallback ?? null,
    data: summary.data ?? null,
    input: summary.input,
    output: summary.output,
    rejects: summary.rejects ?? null,
    journal: summary.journal ?? null,
    model: summary.model,
    seconds: summary.seconds,
    workers: summary.workers,
    plan: summary.plan ?? null,
    peakMemoryBytes: summary.peakMemoryBytes,
    warnings: summary.warnings,
  });
}

/** What a contract was made from. */
export function profiledLine(profiled: Profiled, time: Date): string {
  return line(time, 'info', 'summary', { code: 'profiled', message: profiledMessage(profiled), ...profiled });
}

export function progressLine(progress: Progress, time: Date): string {
  return line(time, 'info', 'progress', {
    rows: progress.rows,
    rejected: progress.rejected,
    bytes: progress.bytes,
    totalBytes: progress.totalBytes ?? null,
    seconds: progress.seconds,
  });
}

function line(time: Date, level: 'error' | 'warning' | 'info', event: string, fields: Readonly<Record<string, unknown>>): string {
  return `${JSON.stringify({ time: time.toISOString(), level, event, ...fields }, withoutBigInts)}\n`;
}

/** JSON has no 64-bit integers: they are written as text. */
function withoutBigInts(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
