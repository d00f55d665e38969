import type { Finding } from '../../job/check/finding.js';

/** What `scoreline check --json` prints: every finding in the order in which it was looked at, as one JSON object. Keys are only ever added. */
export function checkJson(what: string, findings: readonly Finding[], status: number, seconds: number): string {
  const listed = findings.map(({ subject, level, code, text, lines, fix, details, error }) => ({
    subject,
    level,
    code,
    text,
    lines: lines ?? [],
    fix: fix ?? null,
    details: details ?? {},
    error: error === undefined ? null : { code: error.code, status: error.status, place: error.place, fix: error.fix ?? null },
  }));
  return `${JSON.stringify({ what, ok: status === 0, status, seconds, findings: listed })}\n`;
}
