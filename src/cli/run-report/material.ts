import type { JournalRun } from '../../journal/runs.js';
import type { ReportRun } from '../../report/material.js';

/** A run of the journal as the report takes it; undefined for one without an end. */
export function reportRun({ run, status, startedMs, endedMs, file, start, checkpoints, end }: JournalRun): ReportRun | undefined {
  if (end === undefined || status === 'open') return undefined;
  return {
    id: run,
    status,
    startedMs,
    endedMs: endedMs ?? startedMs,
    journal: file,
    checkpoints,
    start,
    error: end.kind === 'FAIL' ? end.error : undefined,
    aborted: end.kind === 'ABORT' ? end.reason : undefined,
    figures: end.kind === 'ABORT' ? {} : end,
  };
}
