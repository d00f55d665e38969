import type { Figure, RunFigures } from '../../journal/record.js';
import type { JournalRun } from '../../journal/runs.js';
import { pairsText, tableText } from '../inspect/table.js';
import { bytesText, countText, plural, secondsText } from '../report/figures.js';
import { placeText } from '../report/text.js';
import { timeText } from './table.js';

type Pair = readonly [name: string, text: string | undefined];

/** One run whole, for a person: what it set out to do, what it did, how it ended. */
export function runText(run: JournalRun, { utc, width }: { readonly utc: boolean; readonly width: number | undefined }): string {
  const figures: Partial<RunFigures> = run.end === undefined || run.end.kind === 'ABORT' ? {} : run.end;
  const pairs = [...headPairs(run, utc), ...startPairs(run), ...figurePairs(figures), ...effortPairs(figures)];
  const known = pairs.flatMap(([name, text]) => (text === undefined ? [] : [[name, text] as const]));
  return `${[...pairsText(known, width), ...columnLines(figures, width)].join('\n')}\n`;
}

function headPairs({ run, status, startedMs, endedMs, file, end, start, checkpoints, prepare }: JournalRun, utc: boolean): readonly Pair[] {
  const error = end?.kind === 'FAIL' ? end.error : undefined;
  const place = error === undefined ? '' : placeText(error.place);
  return [
    ['run', run],
    ['status', status],
    ['error', error === undefined ? undefined : `${error.message} [${error.code}, exit status ${error.status}]`],
    ['where', place === '' ? undefined : place],
    ['reason', end?.kind === 'ABORT' ? `${end.reason}${end.by === null ? '' : `, found by run ${end.by}`}` : undefined],
    ['started', timeText(startedMs, utc)],
    ['ended', endedMs === undefined ? undefined : timeText(endedMs, utc)],
    ['journal', file],
    ['resumes', start?.resumes],
    ['checkpoints', checkpoints === 0 ? undefined : countText(checkpoints)],
    [
      'prepared',
      prepare === undefined || end !== undefined ? undefined : 'all is synced and waits to be made visible: the next run to this output does it',
    ],
    ['labels', listText(Object.entries(start?.labels ?? {}).map(([name, value]) => `${name}=${value}`))],
  ];
}

function startPairs({ start }: JournalRun): readonly Pair[] {
  if (start === undefined) return [['start', 'in an earlier file']];
  const { model, contract, input, output, plan, versions, options, process } = start;
  const given = Object.entries(options).filter(([name]) => !['model', 'input', 'output', 'labels'].includes(name));
  return [
    ['model', detailed(model.path, [sha(model.sha256), size(model.bytes), model.family, model.producer])],
    ['contract', contract === null ? undefined : detailed(contract.path, [sha(contract.sha256)])],
    ['input', detailed(input.path, [input.format, size(input.bytes)])],
    ['output', detailed(output.path, [output.format])],
    ['options', listText(given.map(([name, value]) => `${name}=${JSON.stringify(value)}`))],
    ['plan', plan === null ? undefined : `${plural(plan.workers, 'worker')} of ${plural(plan.threads, 'thread')}, chunks of ${bytesText(plan.chunkBytes)}, ${plural(plan.batchRows, 'row')} a call`], // prettier-ignore
    ['process', process === undefined ? undefined : `pid ${process.pid}`],
    ['versions', `Scoreline ${versions.scoreline}, Node ${versions.node}, ONNX Runtime ${versions.runtime}`],
  ];
}

function figurePairs({ input, output, rejects, rows, missing, warnings }: Partial<RunFigures>): readonly Pair[] {
  return [
    ['read', input === undefined ? undefined : `${plural(input.rows, 'row')}, ${bytesText(input.bytes)}, ${sha(input.sha256) ?? ''}`],
    ['published', output ? detailed(output.path, [plural(output.rows, 'row'), size(output.bytes), sha(output.sha256)]) : undefined],
    ['rejects', rejects ? detailed(rejects.path, [size(rejects.bytes), sha(rejects.sha256)]) : undefined],
    ['rows', rows === undefined ? undefined : `${countText(rows.in)} in = ${countText(rows.scored)} scored + ${countText(rows.rejected)} rejected`],
    [
      'rejected',
      listText(
        (rows?.byColumn ?? []).map(({ column, code, rows: count }) => `${code}${column === null ? '' : ` in ${column}`}: ${countText(count)}`),
      ),
    ],
    ['missing', listText((missing ?? []).map(({ column, rows: count }) => `${column}: ${countText(count)}`))],
    ['warnings', listText((warnings ?? []).map(({ code, message, count }) => `${message} [${code}, ${countText(count)}]`))],
  ];
}

function effortPairs({ seconds, cpu, peakMemoryBytes }: Partial<RunFigures>): readonly Pair[] {
  if (seconds === undefined || cpu === undefined) return [];
  const { total, ...stages } = seconds;
  const parts = Object.entries(stages).map(([stage, spent]) => `${stage} ${spent.toFixed(2)}`);
  return [
    ['took', `${secondsText(total)} (${parts.join(', ')})`],
    ['processor', `${cpu.user.toFixed(2)} s user, ${cpu.system.toFixed(2)} s system`],
    ['memory', peakMemoryBytes === undefined ? undefined : `${bytesText(peakMemoryBytes)} at most`],
  ];
}

/** What was seen of the columns read and predicted. */
function columnLines({ ranges = [], predictions = [] }: Partial<RunFigures>, width: number | undefined): readonly string[] {
  const read = ranges.map(({ column, min, max }) => [column, figureText(min), figureText(max)]);
  const given = predictions.map(({ column, count, min, max, labels }) => [
    column,
    countText(count),
    figureText(min),
    figureText(max),
    labels.map(({ label, rows }) => `${label}: ${countText(rows)}`).join(', '),
  ]);
  return [
    ...(read.length === 0 ? [] : ['', ...tableText(['column read', 'least', 'greatest'], read, width)]),
    ...(given.length === 0 ? [] : ['', ...tableText(['column given', 'rows', 'least', 'greatest', 'labels'], given, width)]),
  ];
}

function figureText(figure: Figure | null): string {
  return figure === null ? '-' : String(figure);
}

function detailed(path: string, facts: readonly (string | null | undefined)[]): string {
  const known = facts.filter((fact) => fact !== null && fact !== undefined && fact !== '');
  return known.length === 0 ? path : `${path} (${known.join(', ')})`;
}

function sha(digest: string | null): string | undefined {
  return digest === null ? undefined : `sha256 ${digest}`;
}

function size(bytes: number | null): string | undefined {
  return bytes === null ? undefined : bytesText(bytes);
}

function listText(items: readonly string[]): string | undefined {
  return items.length === 0 ? undefined : items.join(', ');
}
