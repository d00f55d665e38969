import { basename } from 'node:path';
import type { JournalRun, RunStatus } from '../../journal/runs.js';
import { momentOf, type TimePoint } from '../time.js';

/** Which runs are asked for; what is undefined leaves none out. */
export interface RunQuestions {
  readonly status?: readonly RunStatus[];
  readonly since?: TimePoint;
  readonly until?: TimePoint;
  readonly model?: string;
  readonly job?: string;
  readonly tag?: Readonly<Record<string, string>>;
  readonly run?: string;
}

/** Is this run one of those asked for? Times count by the start of a run. */
export function runFilter({ status, since, until, model, job, tag, run }: RunQuestions, now: Date, utc: boolean): (run: JournalRun) => boolean {
  const sinceMs = since === undefined ? Number.NEGATIVE_INFINITY : momentOf(since, { now, utc, edge: 'start' });
  const untilMs = until === undefined ? Number.POSITIVE_INFINITY : momentOf(until, { now, utc, edge: 'end' });
  const labels = Object.entries(tag ?? {});
  return (found) =>
    (status === undefined || status.includes(found.status)) &&
    found.startedMs >= sinceMs &&
    found.startedMs <= untilMs &&
    (model === undefined || isModel(found, model)) &&
    (job === undefined || jobOf(found) === job) &&
    labels.every(([name, value]) => ownLabel(found, name) === value) &&
    (run === undefined || isRun(found, run));
}

/** The job that a run belongs to: a label that jobs write. */
export function jobOf(run: JournalRun): string | undefined {
  return ownLabel(run, 'job');
}

/** An id has 8 hex digits in its first group; fewer would be the same for weeks of runs. */
export function isRun({ run }: JournalRun, asked: string): boolean {
  const wanted = asked.toLowerCase();
  return run.startsWith(wanted) || run.endsWith(wanted);
}

const SHORTEST_DIGEST = /^[0-9a-f]{6,64}$/;

function isModel({ start }: JournalRun, asked: string): boolean {
  if (start === undefined) return false;
  const { path, sha256 } = start.model;
  return (
    path === asked || basename(path) === asked || path.endsWith(`/${asked}`) || (SHORTEST_DIGEST.test(asked) && (sha256 ?? '').startsWith(asked))
  );
}

function ownLabel({ start }: JournalRun, name: string): string | undefined {
  const labels = start?.labels ?? {};
  return Object.hasOwn(labels, name) ? labels[name] : undefined;
}
