import { exitStatus } from '../exit-status.js';
import type { SinkEvent, StartFacts } from '../event.js';
import { jobName, modelName } from '../job-name.js';

/** Priorities of syslog (RFC 5424, 6.2.1) that are used. */
export const PRIORITY = { err: 3, warning: 4, info: 6 } as const;

export type Level = keyof typeof PRIORITY;

/** One line for a log. */
export interface LogLine {
  readonly level: Level;
  /** `key=value` pairs, separated by blanks. */
  readonly text: string;
}

/** What logger(1) takes as one message, and syslogd of old. Bytes. */
const LARGEST_BYTES = 1000;

/**
 * What a log is told: one line at the end of a run, and before it one for each warning. None at its start. No values of rows: counts, codes, names, and messages that the journal
 * holds, too.
 *
 * @param start of the run, where it is known.
 */
export function logLines(event: SinkEvent, start: StartFacts | undefined): readonly LogLine[] {
  const of = { run: event.run, ...(start === undefined ? {} : { job: jobName(start), model: modelName(start.model) }) };
  switch (event.kind) {
    case 'START':
      return [];
    case 'ABORT':
      return [line('warning', { event: 'aborted', ...of, reason: event.record.reason })];
    case 'COMMIT':
    case 'FAIL': {
      const { rows, seconds, error, warnings = [], gates, fallback, output } = event.record;
      const status = exitStatus(event.record);
      const failed = (gates ?? [])
        .filter(({ verdict }) => verdict === 'fail')
        .map(({ name, column }) => (column === null ? name : `${name}:${column}`));
      const end = {
        event: error === undefined ? 'published' : 'failed',
        ...of,
        status,
        ...(error === undefined ? {} : { code: error.code }),
        ...(rows === undefined ? {} : { rows: rows.in, scored: rows.scored, rejected: rows.rejected }),
        ...(seconds?.['total'] === undefined ? {} : { seconds: seconds['total'] }),
        ...(failed.length === 0 ? {} : { gates: failed.join(',') }),
        ...(fallback === undefined || fallback === null ? {} : { fallback: fallback.kind, fallback_rows: fallback.rows }),
        ...(event.dead === undefined ? {} : { recovered: true }),
        ...(start === undefined ? {} : { input: start.input.path, output: output?.path ?? start.output.path }),
        ...(error === undefined ? {} : { message: error.message }),
      };
      const said = warnings.map(({ code, count, message }) => line('warning', { event: 'warning', ...of, code, count, message }));
      return [...said, line(error !== undefined ? 'err' : status === 0 ? 'info' : 'warning', end)];
    }
  }
}

function line(level: Level, pairs: Readonly<Record<string, string | number | boolean>>): LogLine {
  return { level, text: cut(Object.entries(pairs).map(([key, value]) => `${key}=${quote(String(value))}`).join(' ')) }; // prettier-ignore
}

/** Bare where it is one word; else in double quotes, escaped as in JSON, with nothing in it that could steer a terminal or begin a line. */
function quote(value: string): string {
  if (/^[\w.:/@%+,-]+$/.test(value)) return value;
  return JSON.stringify(value).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}

/** What is long stands last: what is cut off then is the end of a message. Never within a character. */
function cut(text: string): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= LARGEST_BYTES) return text;
  return `${new TextDecoder().decode(bytes.subarray(0, LARGEST_BYTES - 3)).replace(/\uFFFD+$/, '')}...`;
}
