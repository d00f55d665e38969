import { inspect, styleText } from 'node:util';
import type { Place, ScorelineError } from '../../errors/errors.js';
import type { DataSummary, RunSummary, Warning } from '../../run/options.js';
import { escapeControl } from './escape.js';
import { bytesText, countText, plural, rateText, secondsText } from './figures.js';

export interface TextStyle {
  readonly color: boolean;
  readonly verbose: boolean;
}

/** One screen: what happened, where, what to do, and the code to look up. With `verbose` also details and causes; a defect then shows its stack. */
export function errorText(error: ScorelineError, style: TextStyle): string {
  const place = placeText(error.place);
  const lines = [
    `scoreline: ${paint('error:', style)} ${escapeControl(error.message)}`,
    ...(place === '' ? [] : [`  where: ${place}`]),
    ...(error.fix === undefined ? [] : [`  to do: ${escapeControl(error.fix)}`]),
    `  code:  ${error.code} (exit status ${error.status})`,
    ...(style.verbose ? backgroundOf(error) : []),
  ];
  return `${lines.join('\n')}\n`;
}

/** `data.csv, row 17, line 19, column 'age'`; byte only where nothing finer is known. */
export function placeText(place: Place): string {
  const parts = [
    place.file === undefined ? '' : escapeControl(place.file),
    place.row === undefined ? '' : `row ${countText(place.row)}`,
    place.line === undefined ? '' : `line ${countText(place.line)}`,
    place.character === undefined ? '' : `character ${countText(place.character)}`,
    place.column === undefined ? '' : `column '${escapeControl(place.column)}'`,
    place.byte === undefined || place.line !== undefined ? '' : `byte ${countText(place.byte)}`,
  ];
  return parts.filter((part) => part !== '').join(', ');
}

/** One line a warning, with how often it was seen, unless its message says that itself. */
export function warningText({ message, count, code }: Warning, style: TextStyle): string {
  const times = count > 1 && !message.startsWith(`${count} `) ? ` (${countText(count)} times)` : '';
  return `scoreline: ${paint('warning:', style)} ${escapeControl(message)}${times} [${code}]\n`;
}

/** What a run did, for a person; with `verbose` also how. */
export function summaryText(summary: RunSummary, { verbose }: Pick<TextStyle, 'verbose'>): string {
  const { alreadyPublished: earlier } = summary;
  if (earlier !== undefined) {
    return `scoreline: nothing to do: ${escapeControl(summary.output)} was published from this input before (run ${escapeControl(earlier.run)}, ${escapeControl(earlier.at)})\n`;
  }
  const { rowsIn, scored, rejected, seconds, workers } = summary;
  const entries: readonly (readonly [string, string | undefined])[] = [
    ['rows', `${countText(rowsIn)} in = ${countText(scored)} scored + ${countText(rejected)} rejected`],
    ['resumed', resumedText(summary)],
    ['rejected', rejected === 0 ? undefined : rejectedText(summary.rejectedByCode)],
    ['fallback', fallbackText(summary)],
    ['data', dataText(summary)],
    ['output', summary.output],
    ['rejects', rejected === 0 ? undefined : summary.rejects],
    ['journal', summary.journal],
    ['model', `${summary.model.path} (sha256 ${summary.model.sha256.slice(0, 12)})`],
    ['plan', verbose ? planText(summary) : undefined],
    ['warnings', summary.warnings.length === 0 ? undefined : plural(summary.warnings.length, 'kind')],
  ];
  const effort = [
    secondsText(seconds),
    rateText(rowsIn - (summary.resumed?.fromRow ?? 1) + 1, seconds),
    plural(workers, 'worker'),
    `${bytesText(summary.peakMemoryBytes)} peak`,
  ];
  const lines = entries.flatMap(([name, text]) => (text === undefined ? [] : [`  ${name.padEnd(9)} ${escapeControl(text)}`]));
  return `scoreline: scored ${plural(scored, 'row')} in ${effort.join(', ')}\n${lines.join('\n')}\n`;
}

function resumedText({ resumed }: RunSummary): string | undefined {
  return resumed === undefined ? undefined : `from row ${countText(resumed.fromRow)}, where run ${resumed.run} had its last checkpoint`;
}

function fallbackText({ fallback, byFallback }: RunSummary): string | undefined {
  if (fallback !== undefined) return `scored all rows, in the place of ${fallback.model} (${fallback.why})`;
  return byFallback === undefined ? undefined : `scored ${plural(byFallback, 'row')} that the model could not`;
}

const MOST_NAMES = 3;

/** `7 of 17 columns drifted (age, sex, income and 4 more), 531 values never seen`; undefined where there was nothing to compare with, and nothing unexpected. */
function dataText({ data }: RunSummary): string | undefined {
  if (data === undefined) return undefined;
  const { unseen, outOfRange } = data;
  const parts = [
    driftText(data),
    unseen === 0 ? '' : `${plural(unseen, 'value')} never seen in training`,
    outOfRange === 0 ? '' : `${plural(outOfRange, 'number')} out of range`,
  ].filter((part) => part !== '');
  return parts.length === 0 ? undefined : parts.join(', ');
}

function driftText({ against, compared, drifted, untold }: DataSummary): string {
  if (compared === 0) return '';
  if (drifted.length === 0) {
    if (untold === compared) return `too few rows to tell whether ${plural(compared, 'column')} drifted`;
    if (against === 'graph') return `no unseen values or far means in ${plural(compared, 'column')} (no baseline to tell more)`;
    return `no drift in ${plural(compared, 'column')}${untold === 0 ? '' : `, ${countText(untold)} of them with too few rows to tell`}`;
  }
  const [names, more] = [drifted.slice(0, MOST_NAMES).join(', '), drifted.length - MOST_NAMES];
  return `${countText(drifted.length)} of ${plural(compared, 'column')} drifted (${names}${more > 0 ? ` and ${countText(more)} more` : ''})`;
}

const LIMITERS = { asked: 'as asked', input: 'all that the input needs', cores: 'one a core', memory: 'all that fit in memory' } as const;

function planText({ plan, workers }: RunSummary): string | undefined {
  if (plan === undefined) return undefined;
  const { limitedBy, threads, chunkBytes, batchRows } = plan;
  const crew = `${plural(workers, 'worker')} (${LIMITERS[limitedBy]}) of ${plural(threads, 'thread')}`;
  return `${crew}, chunks of ${bytesText(chunkBytes)}, ${plural(batchRows, 'row')} a call`;
}

function rejectedText(byCode: Readonly<Record<string, number>>): string {
  const codes = Object.entries(byCode).filter(([, count]) => count > 0);
  return codes
    .sort(([, a], [, b]) => b - a)
    .map(([code, count]) => `${code} ${countText(count)}`)
    .join(', ');
}

function backgroundOf(error: ScorelineError): readonly string[] {
  const details = Object.entries(error.details).map(
    ([key, value]) => `  ${key}${Array.isArray(value) ? ` (${countText(value.length)})` : ''}: ${escapeControl(detailText(value))}`,
  );
  return [...details, ...causesOf(error).map((cause) => `  cause: ${escapeControl(cause)}`), ...(error.code === 'defect' ? stackOf(error) : [])];
}

/** Names in full, one behind the other, as they can be copied; anything else as Node shows it. */
function detailText(value: unknown): string {
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value.join(', ');
  return inspect(value, { breakLength: Number.POSITIVE_INFINITY, maxArrayLength: 1000 });
}

const MAX_CAUSES = 8;

/** The messages of the chain of causes, outermost first. */
export function causesOf(error: Error): readonly string[] {
  const causes: string[] = [];
  let cause = error.cause;
  while (cause !== undefined && cause !== null && causes.length < MAX_CAUSES) {
    causes.push(cause instanceof Error ? `${cause.name}: ${cause.message}` : inspect(cause));
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return causes;
}

function stackOf(error: Error): readonly string[] {
  return (error.stack ?? '').split('\n').map((line) => `  ${escapeControl(line)}`);
}

function paint(word: 'error:' | 'warning:', { color }: TextStyle): string {
  return color ? styleText(['bold', word === 'error:' ? 'red' : 'yellow'], word, { validateStream: false }) : word;
}
