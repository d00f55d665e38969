import { ScorelineError } from '../../errors/errors.js';
import { asDefect } from '../../errors/transfer.js';

/** What a check warns of, by code. Stable: programs match on them in `--json`. What failed has the code of its error, what is well that of its subject. */
export const CHECK_WARNINGS = {
  'unused-columns': 'most of the bytes are of columns that are neither read nor kept',
  'values-not-read': 'values that are no number, no whole number or no boolean where the model takes one',
  'empty-column': 'a column that the model reads is empty in all of the first rows',
  'missing-required': 'values are missing in columns where the training data had none',
  'unseen-category': 'values that contract or model do not know',
  'outside-range': 'numbers outside the range of the contract',
  'wrong-type': 'values that are not of the type that the contract gives',
  'rows-rejected': 'some of the first rows would be rejected, and not so many that the run is sure to fail',
  'no-rows-yet': 'a pipe had no whole row within the time of the check, or an Arrow stream no whole record batch within its first 16 MB',
  'label-contradiction': 'labels contradict their own probabilities',
  'non-finite-prediction': 'predictions of the first rows are NaN or infinite',
  'fallback-takes-over': 'the model cannot score, and the fallback would score all rows: a run would end with 3',
  'rows-by-fallback': 'some of the first rows cannot be scored by the model, and would be by the fallback',
  'contract-expired': 'the contract holds no longer',
  'data-gap': 'the training data ended more than a year ago, and the contract does not say how long it holds',
  'training-ahead': 'the training data would end on a day that is yet to come',
  'contract-unread': 'the contract speaks of columns or results that there are none of',
  'gate-not-judged': 'a gate looks at what this run has no figure of: it would hold nothing back',
  'gate-fails': 'a gate is broken already, by the age of the model or by the first rows, and its level does not withhold the predictions',
  'unusual-rows': 'the size of the input means other numbers of rows than the contract calls usual',
  'little-room': 'the output takes more than half of the room that there is',
  'little-time': 'the run takes more than half of its deadline',
  'no-locks': 'flock(1) is not installed',
  'run-at-work': 'another run of the job is at work',
  'ledger-damaged': 'lines of the ledger cannot be read',
  'passed-over': 'files match the inputs of the job and are never taken',
  'one-output': 'all inputs of the job have one output',
  'nothing-ready': 'the job has no input to try',
} as const;

export type CheckWarning = keyof typeof CHECK_WARNINGS;

/** What is more to be said of a finding. */
export interface Evidence {
  /** Plain lines, the most telling first; a screen shows as many as it has room for. */
  readonly lines?: readonly string[];
  /** What to do, as one sentence or a line to paste. */
  readonly fix?: string | undefined;
  /** Plain data for programs: all that `lines` is taken from. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** One thing that was looked at. Plain text; `error` is what a run would end with. */
export interface Finding extends Evidence {
  readonly subject: string;
  readonly level: 'ok' | 'warning' | 'failed';
  readonly code: string;
  readonly text: string;
  readonly error?: ScorelineError;
}

export function ok(subject: string, text: string, evidence: Evidence = {}): Finding {
  return { subject, level: 'ok', code: subject.replaceAll(' ', '-'), text, ...evidence };
}

export function warning(subject: string, what: CheckWarning, text: string, evidence: Evidence = {}): Finding {
  return { subject, level: 'warning', code: what, text, ...evidence };
}

export function failed(subject: string, thrown: unknown, evidence: Evidence & { readonly text?: string } = {}): Finding {
  const own = thrown instanceof ScorelineError ? thrown : asDefect(thrown);
  const fix = evidence.fix ?? own.fix;
  const shown = fix === undefined ? '' : withoutVerbose(fix); // what to do may be no more than to list something by -v
  const error = shown === '' ? own : own.withFix(shown);
  const text = evidence.text ?? withoutVerbose(error.message);
  return { subject, level: 'failed', code: error.code, ...evidence, text, fix: shown === '' ? undefined : shown, error };
}

/** `-v` shows what stands behind an error of a run; a check has no such listing. */
function withoutVerbose(text: string): string {
  return text.replace(/; -v lists them/g, '').replace(/ ?-v lists the input's columns\./g, '');
}
