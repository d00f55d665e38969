import { basename } from 'node:path';
import type { JournalRun } from '../../journal/runs.js';
import { countText } from '../report/figures.js';
import { escapeControl } from '../report/escape.js';

interface Column {
  readonly name: string;
  readonly right?: boolean;
  readonly text: (run: JournalRun, utc: boolean) => string;
}

/** The end of the id: its beginning is the time, which stands beside it. */
const SHOWN_ID_DIGITS = 12;

const COLUMNS: readonly Column[] = [
  { name: 'started', text: ({ startedMs }, utc) => timeText(startedMs, utc) },
  { name: 'run', text: ({ run }) => run.slice(-SHOWN_ID_DIGITS) },
  { name: 'status', text: ({ status }) => status },
  { name: 'in', right: true, text: (run) => countOr(rowsOf(run)?.in) },
  { name: 'scored', right: true, text: (run) => countOr(rowsOf(run)?.scored) },
  { name: 'rejected', right: true, text: (run) => countOr(rowsOf(run)?.rejected) },
  { name: 'seconds', right: true, text: (run) => secondsOf(run)?.toFixed(2) ?? '-' },
  { name: 'model', text: ({ start }) => (start === undefined ? '-' : basename(start.model.path)) },
  { name: 'input', text: ({ start }) => start?.input.path ?? '-' },
  { name: 'output', text: ({ start }) => start?.output.path ?? '-' },
  { name: 'why', text: whyText },
];

const GAP = '  ';

/**
 * Runs as a table that is printed piece by piece: columns are as wide as the runs seen so far need, so that a journal of any length takes no more memory than one
 * piece. Lines are cut at `width`; undefined: not at all.
 */
export class RunTable {
  readonly #widths = COLUMNS.map(({ name }) => name.length);
  readonly #width: number | undefined;
  readonly #utc: boolean;
  #headed = false;

  constructor(width: number | undefined, utc: boolean) {
    this.#width = width;
    this.#utc = utc;
  }

  /** The lines of these runs, the head before the first. */
  piece(runs: readonly JournalRun[]): string {
    const rows = runs.map((run) => COLUMNS.map(({ text }) => escapeControl(text(run, this.#utc))));
    for (const row of rows) row.forEach((cell, at) => (this.#widths[at] = Math.max(this.#widths[at] ?? 0, Array.from(cell).length)));
    const head = this.#headed ? [] : [COLUMNS.map(({ name }) => name)];
    this.#headed ||= rows.length > 0;
    return rows.length === 0 ? '' : [...head, ...rows].map((row) => `${this.#line(row)}\n`).join('');
  }

  #line(row: readonly string[]): string {
    const cells = row.map((cell, at) => {
      const blanks = ' '.repeat(Math.max(0, (this.#widths[at] ?? 0) - Array.from(cell).length));
      return COLUMNS[at]?.right === true ? blanks + cell : cell + blanks;
    });
    const points = Array.from(cells.join(GAP).trimEnd());
    return this.#width === undefined || points.length <= this.#width ? points.join('') : `${points.slice(0, this.#width - 1).join('')}…`;
  }
}

/** `2026-11-22 02:15:03`, local or, with a Z, UTC. */
export function timeText(ms: number, utc: boolean): string {
  const time = new Date(utc ? ms : ms - new Date(ms).getTimezoneOffset() * 60_000);
  return `${time.toISOString().slice(0, 19).replace('T', ' ')}${utc ? 'Z' : ''}`;
}

/** Why a run was not published, in a word; empty for one that was, or may be yet. */
export function whyText({ end }: JournalRun): string {
  if (end?.kind === 'FAIL') return `${end.error.code} (${end.error.status})`;
  return end?.kind === 'ABORT' ? end.reason : '';
}

/** Rows as far as the run came; undefined where it tells of none. */
export function rowsOf({ end }: JournalRun) {
  return end === undefined || end.kind === 'ABORT' ? undefined : end.rows;
}

/** Seconds that the run took by its own clock; of one that failed early, between its lines. */
export function secondsOf({ end, startedMs, endedMs }: JournalRun): number | undefined {
  if (end === undefined || end.kind === 'ABORT') return undefined;
  return end.seconds?.total ?? ((endedMs ?? startedMs) - startedMs) / 1000;
}

function countOr(count: number | undefined): string {
  return count === undefined ? '-' : countText(count);
}
