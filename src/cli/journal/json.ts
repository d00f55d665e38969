import { writeObject, type Member } from '../../files/json.js';
import type { JournalRun } from '../../journal/runs.js';
import { jobOf } from './filter.js';
import { rowsOf, secondsOf } from './table.js';

/**
 * A run as one line of JSON: what most questions are about in front, then the records of its lines as the journal has them. Every key is always there; keys
 * are only ever added.
 */
export function runLine(run: JournalRun): string {
  const { start, prepare, end } = run;
  const figures = end === undefined || end.kind === 'ABORT' ? undefined : end;
  return `${writeObject([
    ['run', run.run],
    ['status', run.status],
    ['started', new Date(run.startedMs).toISOString()],
    ['ended', run.endedMs === undefined ? null : new Date(run.endedMs).toISOString()],
    ['seconds', secondsOf(run) ?? null],
    ['exit', end?.kind === 'FAIL' ? end.error.status : end?.kind === 'COMMIT' ? 0 : null],
    ['code', end?.kind === 'FAIL' ? end.error.code : end?.kind === 'ABORT' ? end.reason : null],
    ['model', start?.model.path ?? null],
    ['input', start?.input.path ?? null],
    ['output', start?.output.path ?? null],
    ['rows', rowsOf(run) ?? null],
    ['published', figures?.output ?? null],
    ['rejects', figures?.rejects ?? null],
    ['job', jobOf(run) ?? null],
    ['labels', start?.labels ?? {}],
    ['resumes', start?.resumes ?? null],
    ['journal', run.file],
    ['checkpoints', run.checkpoints],
    ['start', start === undefined ? null : recordOf(start)],
    ['prepare', prepare === undefined ? null : recordOf(prepare)],
    ['end', end === undefined ? null : { kind: end.kind, ...recordOf(end) }],
  ])}\n`;
}

const ENVELOPE: ReadonlySet<string> = new Set(['v', 'kind', 'run', 'prev', 'digest']);

/** The record of a line, with its time and its number. */
function recordOf(entry: object): Record<string, unknown> {
  const members: Member[] = Object.entries(entry).filter(([name]) => !ENVELOPE.has(name));
  return Object.fromEntries(members);
}
