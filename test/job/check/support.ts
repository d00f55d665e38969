import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkText } from '#src/cli/job/check-text.js';
import { checkScore } from '#src/job/check/check-score.js';
import type { Finding } from '#src/job/check/finding.js';
import { gravest, statusOf } from '#src/errors/statuses.js';
import type { ScoreOptions } from '#src/run/options.js';
import { fixture, tempFolder } from '../../support/command.js';

export const ADULT = fixture('adult', 'adult.onnx');

/** What a check of a run comes to, in this process. */
export interface Checked {
  readonly findings: readonly Finding[];
  readonly status: number;
  readonly screen: string;
  /** The only finding of that code. */
  readonly of: (code: string) => Finding;
  /** Codes of what failed and what warns, in order. */
  readonly codes: readonly string[];
}

export async function check(options: Omit<ScoreOptions, 'output'> & Partial<ScoreOptions>, deadlineMs?: number): Promise<Checked> {
  const what = typeof options.input === 'string' ? options.input : 'stream';
  const findings = await checkScore(
    { output: '-', ...options },
    { deadlineMs, nowMs: Date.parse('2026-01-02T00:00:00Z'), signal: new AbortController().signal },
  );
  const named = findings.filter(({ level }) => level !== 'ok');
  return {
    findings,
    status: statusOf(gravest(findings.flatMap(({ error }) => (error === undefined ? [] : [error.statusName])))),
    screen: checkText({ what, findings, seconds: 1, verbose: false, quiet: false }),
    codes: named.map(({ code }) => code),
    of: (code) => {
      const found = findings.filter((finding) => finding.code === code);
      if (found.length !== 1 || found[0] === undefined) throw new Error(`${found.length} findings of ${code}, there are ${findings.map((each) => each.code).join(', ')}`);
      return found[0];
    },
  };
} // prettier-ignore

/** The first rows of Adult as cells, its header first. None of them holds a comma. */
export function adultRows(count: number): string[][] {
  const lines = readFileSync(fixture('adult', 'adult.csv'), 'utf8').split(/\r?\n/, count + 1);
  return lines.map((line) => line.split(','));
}

/** Writes rows of cells, as they are, to a file of its own. */
export function csvFile(rows: readonly (readonly string[])[], delimiter = ',', name = 'in.csv'): string {
  const path = join(tempFolder(), name);
  writeFileSync(path, `${rows.map((row) => row.join(delimiter)).join('\n')}\n`);
  return path;
}

/** Rows with other cells in a column, the header's own left as it is. `row` counts from 1. */
export function withCells(rows: readonly (readonly string[])[], column: string, cell: (row: number, old: string) => string): string[][] {
  const at = rows[0]?.indexOf(column) ?? -1;
  if (at < 0) throw new Error(`no column ${column}`);
  return rows.map((row, index) => (index === 0 ? [...row] : row.map((old, place) => (place === at ? cell(index, old) : old))));
}
