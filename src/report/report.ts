import { basename } from 'node:path';
import type { Finding, Report, Section } from './content.js';
import type { ReportRun } from './material.js';
import { columnsSection } from './sections/columns.js';
import { digestsSection } from './sections/digests.js';
import { driftSection } from './sections/drift.js';
import { effortSection } from './sections/effort.js';
import { findingsOf } from './sections/findings.js';
import { gatesSection } from './sections/gates.js';
import { glanceSection } from './sections/glance.js';
import { rowsSection } from './sections/rows.js';
import { scoresSection } from './sections/scores.js';
import { trendSection } from './sections/trend.js';
import { warningsSection } from './sections/warnings.js';
import type { TrendPoint } from './trend.js';

export interface ReportOptions {
  /** The last runs of the journal, oldest first, the reported one included. */
  readonly trend: readonly TrendPoint[];
  /** What is to be known of the journal itself, such as damaged lines. */
  readonly journalFindings: readonly Finding[];
  /** How a time is shown; milliseconds since 1970. */
  readonly time: (ms: number) => string;
}

/** What is to be said of one run. Pure; sections that have nothing to say are left out. */
export function makeReport(run: ReportRun, { trend, journalFindings, time }: ReportOptions): Report {
  const sections: readonly (Section | undefined)[] = [
    glanceSection(run, [...journalFindings, ...findingsOf(run)], time),
    rowsSection(run),
    gatesSection(run),
    driftSection(run),
    columnsSection(run),
    scoresSection(run),
    effortSection(run),
    trendSection(trend, time),
    warningsSection(run),
    digestsSection(run),
  ];
  return { title: titleOf(run), sections: sections.filter((section) => section !== undefined) };
}

function titleOf({ id, start }: ReportRun): string {
  return start === undefined ? `Run ${id}` : `${basename(start.model.path)} on ${basename(start.input.path)}`;
}
