import type { Finding } from '../../job/check/finding.js';
import { escapeControl } from '../report/escape.js';
import { plural, secondsText } from '../report/figures.js';

const MARKS = { ok: 'ok', warning: 'warning', failed: 'FAILED' } as const;

/** What `scoreline check` prints for people: a verdict, and a line for each finding; below what failed, what to do. */
export function checkText(what: string, findings: readonly Finding[], seconds: number): string {
  const failed = findings.filter(({ level }) => level === 'failed').length;
  const warned = findings.filter(({ level }) => level === 'warning').length;
  const verdict = failed > 0 ? `${failed} of ${findings.length} checks failed` : warned > 0 ? `good, with ${plural(warned, 'warning')}` : 'good';
  const lines = findings.flatMap(({ subject, level, text, error }) => [
    `  ${MARKS[level].padEnd(8)} ${subject.padEnd(15)} ${escapeControl(text)}`,
    ...(error === undefined ? [] : [`${''.padEnd(26)} code: ${error.code} (exit status ${error.status})`]),
    ...(error?.place.file === undefined ? [] : [`${''.padEnd(26)} where: ${escapeControl(error.place.file)}`]),
    ...(error?.fix === undefined ? [] : [`${''.padEnd(26)} to do: ${escapeControl(error.fix)}`]),
  ]);
  return `${escapeControl(what)}: ${verdict} (${plural(findings.length, 'check')} in ${secondsText(seconds)}; nothing was changed)\n${lines.join('\n')}\n`;
}

/** The same as one JSON object. Keys are only ever added. */
export function checkJson(what: string, findings: readonly Finding[], status: number, seconds: number): string {
  const listed = findings.map(({ subject, level, text, error }) => ({
    subject,
    level,
    text,
    error: error === undefined ? null : { code: error.code, status: error.status, place: error.place, fix: error.fix ?? null },
  }));
  return `${JSON.stringify({ what, ok: status === 0, status, seconds, findings: listed })}\n`;
}
