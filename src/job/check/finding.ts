import { ScorelineError } from '../../errors/errors.js';
import { asDefect } from '../../errors/transfer.js';

/** One thing that was looked at. Plain text; `error` is what a run would end with. */
export interface Finding {
  readonly subject: string;
  readonly level: 'ok' | 'warning' | 'failed';
  readonly text: string;
  readonly error?: ScorelineError;
}

export function ok(subject: string, text: string): Finding {
  return { subject, level: 'ok', text };
}

export function warning(subject: string, text: string): Finding {
  return { subject, level: 'warning', text };
}

export function failed(subject: string, thrown: unknown): Finding {
  const own = thrown instanceof ScorelineError ? thrown : asDefect(thrown);
  const error = own.fix === undefined ? own : own.withFix(withoutVerbose(own.fix));
  return { subject, level: 'failed', text: withoutVerbose(error.message), error };
}

/** `-v` shows what stands behind an error of a run; a check has no such listing. */
function withoutVerbose(text: string): string {
  return text.replace(/; -v lists them/g, '').replace(/ ?-v lists the input's columns\./g, '');
}
