import type { CheckedFile } from '../../journal/published.js';
import type { VerifyReport } from '../../journal/verify.js';
import { escapeControl } from '../report/escape.js';
import { countText, plural } from '../report/figures.js';
import { timeText } from './table.js';

/** What was found out about one journal. */
export interface Verdict {
  readonly report: VerifyReport;
  readonly rotated: readonly string[];
  /** Published files that are as they should be. */
  readonly same: number;
  /** All others. */
  readonly others: readonly CheckedFile[];
}

const HEADS: Readonly<Record<VerifyReport['head'], string>> = {
  current: 'names the last line',
  behind: 'is a line behind, which the next line mends',
  rotated: 'goes on from the file that was rotated away',
  missing: 'is missing',
  damaged: 'is damaged',
  mismatch: 'names a line that is not here',
};

/** Is nothing changed, lost or cut off, as far as could be read? A file that is gone says nothing: predictions are taken away by those who use them. */
export function isWhole({ report, others }: Verdict): boolean {
  return report.ok && others.every(({ state }) => state !== 'changed');
}

/** Is it whole, as far as that goes, with nothing that could not be looked at? */
export function isProven(verdict: Verdict): boolean {
  return isWhole(verdict) && verdict.others.every(({ state }) => state !== 'unreadable');
}

/** A verdict for a person: a line, the figures, then each fault on a line of its own. */
export function verdictText(verdict: Verdict, utc: boolean): string {
  const { report, same, others, rotated } = verdict;
  const [unread, gone] = [others.filter(({ state }) => state === 'unreadable').length, others.filter(({ state }) => state === 'gone').length];
  const files = same + others.length;
  const lines = [
    `${report.path}: ${isWhole(verdict) ? 'whole' : 'NOT WHOLE'}`,
    `  ${plural(report.entries, 'line')}, ${plural(report.runs, 'run')}${report.open.length === 0 ? '' : ` (${countText(report.open.length)} without an end)`}, the head ${HEADS[report.head]}`,
    ...(rotated.length === 0 ? [] : [`  with ${plural(rotated.length, 'rotated file')}: ${rotated.join(', ')}`]),
    ...(report.continues ? ['  goes on from an earlier file, which was not given: what stood there is not proven'] : []),
    ...report.torn.map(
      ({ file, line, bytes }) => `  torn: line ${line} of ${file}, ${plural(bytes, 'byte')} that a crash left; no run relied on them`,
    ),
    ...report.problems.map(({ code, file, message }) => `  fault: ${file}: ${message} [${code}]`),
    ...(files === 0
      ? []
      : [`  ${plural(files, 'published file')}: ${countText(same)} as published${gone === 0 ? '' : `, ${countText(gone)} gone`}${unread === 0 ? '' : `, ${countText(unread)} unreadable`}`]), // prettier-ignore
    ...others.map((file) => `  ${file.state}: ${file.place}: ${stateText(file, utc)}`),
  ];
  return `${lines.map(escapeControl).join('\n')}\n`;
}

function stateText({ state, role, run, at, sha256, found }: CheckedFile, utc: boolean): string {
  const published = `the ${role} that run ${run} published on ${timeText(Date.parse(at), utc)}`;
  switch (state) {
    case 'changed':
      return `not ${published}: expected sha256 ${sha256}, found ${found?.sha256 ?? '-'}`;
    case 'unrecorded':
      return 'published by a run that has no end in the journal yet';
    default:
      return published;
  }
}

/** A verdict as one line of JSON. Every key is always there; keys are only ever added. */
export function verdictLine(verdict: Verdict): string {
  const { report, rotated, same, others } = verdict;
  const { path, entries, runs, open, torn, continues, head, problems } = report;
  const verdictOf = { ok: isWhole(verdict), journal: path, rotated, entries, runs, open, torn, continues, head, published: { same, others } };
  // a problem that is not about a line has a null there, as every other key that has nothing to say
  return `${JSON.stringify({ ...verdictOf, problems: problems.map((problem) => ({ ...problem, line: problem.line ?? null })) })}\n`;
}
