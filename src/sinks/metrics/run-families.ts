import type { DriftColumn, EndFacts, Figure, StartFacts } from '../event.js';
import { exitStatus } from '../exit-status.js';
import { jobName, modelName } from '../job-name.js';
import type { Family, Sample } from './exposition.js';

/** More columns than these are left out of a family, those with the least values first: every sample is a time series that somebody's server keeps. */
const MOST_COLUMNS = 1000;

export const LAST_SUCCESS = 'scoreline_last_success_timestamp_seconds';

export interface EndedRun {
  readonly start: StartFacts;
  /** ISO 8601; null where the run's start was not heard of. */
  readonly startedAt: string | null;
  readonly endedAt: string;
  readonly record: EndFacts;
  /** Seconds since 1970 of the last run that was published, before this one. */
  readonly lastSuccess: number | undefined;
}

/** What Prometheus is told of a run that has ended: seconds, bytes and rows, with `job` and `model` on every sample. Never a value of a row. Pure. */
export function runFamilies({ start, startedAt, endedAt, record, lastSuccess }: EndedRun): readonly Family[] {
  const of = { job: jobName(start), model: modelName(start.model) };
  const gauge = (name: string, help: string, ...values: readonly (number | undefined)[]): Family => ({
    name,
    help,
    samples: values.filter((value) => value !== undefined).map((value) => ({ labels: of, value })),
  });
  const by = (name: string, help: string, samples: readonly Sample[]): Family => ({
    name,
    help,
    samples: samples.map(({ labels, value }) => ({ labels: { ...of, ...labels }, value })),
  });
  const { rows, seconds, cpu, drift, fallback, output } = record;
  const { total, ...stages } = seconds ?? {};
  const status = exitStatus(record);
  const success = record.error === undefined;
  return [
    by('scoreline_run_info', 'What the last run was made with; always 1.', [
      { labels: { version: start.versions.scoreline, runtime: start.versions.runtime, model_sha256: start.model.sha256 ?? '' }, value: 1 },
    ]),
    gauge('scoreline_run_success', 'Whether the last run was published: 1, or 0.', success ? 1 : 0),
    gauge('scoreline_run_exit_status', 'Exit status that the last run stands for; 0 is success, 3 success with a warning.', status),
    gauge('scoreline_run_start_timestamp_seconds', 'When the last run began.', startedAt === null ? undefined : Date.parse(startedAt) / 1e3),
    gauge('scoreline_run_end_timestamp_seconds', 'When the last run ended.', Date.parse(endedAt) / 1e3),
    gauge(LAST_SUCCESS, 'When a run was last published.', success ? Date.parse(endedAt) / 1e3 : lastSuccess),
    gauge('scoreline_run_input_rows', 'Rows that the last run read.', rows?.in),
    gauge('scoreline_run_scored_rows', 'Rows that the last run scored.', rows?.scored),
    gauge('scoreline_run_rejected_rows', 'Rows that the last run rejected.', rows?.rejected),
    by('scoreline_run_rejected_rows_by_code', 'Rows that the last run rejected, by reject code.', byName('code', rows?.byCode)),
    gauge('scoreline_run_fallback_rows', 'Rows of the last run that were scored by the fallback.', rows && (fallback?.rows ?? 0)),
    gauge('scoreline_run_input_bytes', 'Bytes that the last run read.', record.input?.bytes),
    gauge('scoreline_run_output_bytes', 'Bytes that the last run published.', record.output === undefined ? undefined : (output?.bytes ?? 0)),
    gauge('scoreline_run_output_rows', 'Rows that the last run published.', record.output === undefined ? undefined : (output?.rows ?? 0)),
    by('scoreline_run_missing_values', 'Missing values among the rows scored, by column; columns without any are left out.', missing(record)),
    by('scoreline_run_unseen_values', 'Values that training had not seen, by column; columns without any are left out.', counted(record, 'unseen')),
    by('scoreline_run_out_of_range_values', 'Values out of range, by column; columns without any are left out.', counted(record, 'outOfRange')),
    by('scoreline_run_predicted_rows', 'Rows scored, by column of labels and label.', labels(record)),
    by('scoreline_run_non_finite_predictions', 'Predictions that are NaN or infinite, by column.', nonFinite(record)),
    by('scoreline_run_drift_psi', 'Population stability index against the baseline, by column; kind is feature or score.', [
      ...psi('feature', drift?.columns),
      ...psi('score', drift?.scores),
    ]),
    gauge('scoreline_run_drifted_columns', 'Columns and scores that have drifted.', drift?.drifted),
    by('scoreline_run_gate_passed', 'Verdict of each gate: 1 passed, 0 failed.', gates(record, ({ verdict }) => (verdict === 'pass' ? 1 : 0))),
    by('scoreline_run_gate_value', 'What each gate looked at.', gates(record, ({ value }) => value)),
    by('scoreline_run_gate_min', 'Least value that each gate lets pass; gates without one are left out.', gates(record, ({ min }) => min)),
    by('scoreline_run_gate_max', 'Greatest value that each gate lets pass; gates without one are left out.', gates(record, ({ max }) => max)),
    by('scoreline_run_kpi', 'Figures of the contract, from the scores.', (record.kpi ?? []).flatMap(({ name, value }) => sample({ kpi: name }, value))),
    by('scoreline_run_warnings', 'How often the last run warned, by code.', warnings(record)),
    gauge('scoreline_run_duration_seconds', 'How long the last run took.', total),
    by('scoreline_run_stage_duration_seconds', 'Seconds by stage; decode, check, score and encode are added up over the workers.', byName('stage', stages)),
    by('scoreline_run_cpu_seconds', 'Processor seconds of the last run.', byName('mode', cpu)),
    gauge('scoreline_run_peak_memory_bytes', 'Largest resident memory of the process of the last run.', record.peakMemoryBytes),
  ]; // prettier-ignore
}

/** Names of these families; the others in a file belong to the job, and are left as they are. */
export function isRunFamily(name: string): boolean {
  return name.startsWith('scoreline_run_') || name === LAST_SUCCESS;
}

function byName(label: string, values: Readonly<Record<string, number>> | undefined): Sample[] {
  return Object.entries(values ?? {}).map(([name, value]) => ({ labels: { [label]: name }, value }));
}

function missing({ missing: known, profile }: EndFacts): Sample[] {
  const columns = known?.map(({ column, rows }) => ({ name: column, missing: rows })) ?? profile?.columns ?? [];
  return largest(columns.flatMap((column) => ((column.missing ?? 0) > 0 ? [{ labels: { column: column.name }, value: column.missing ?? 0 }] : [])));
}

function counted({ profile }: EndFacts, what: 'unseen' | 'outOfRange'): Sample[] {
  return largest((profile?.columns ?? []).flatMap(({ name, [what]: value = 0 }) => (value > 0 ? [{ labels: { column: name }, value }] : [])));
}

function labels({ predictions = [] }: EndFacts): Sample[] {
  return largest(predictions.flatMap(({ column, labels: found }) => found.map(({ label, rows }) => ({ labels: { column, label }, value: rows }))));
}

function nonFinite({ predictions = [] }: EndFacts): Sample[] {
  return largest(predictions.flatMap(({ column, nonFinite: value }) => (value > 0 ? [{ labels: { column }, value }] : [])));
}

function psi(kind: string, columns: readonly DriftColumn[] = []): Sample[] {
  return largest(columns.flatMap((found) => (found.psi === null ? [] : [{ labels: { column: found.column, kind }, value: found.psi }])));
}

function gates({ gates: found }: EndFacts, valueOf: (gate: NonNullable<EndFacts['gates']>[number]) => Figure | null): Sample[] {
  return (found ?? []).flatMap((gate) => sample({ gate: gate.name, column: gate.column ?? '', level: gate.level }, valueOf(gate)));
}

function warnings({ warnings: found = [] }: EndFacts): Sample[] {
  const counts = new Map<string, number>();
  for (const { code, count } of found) counts.set(code, (counts.get(code) ?? 0) + count);
  return byName('code', Object.fromEntries(counts));
}

function sample(own: Readonly<Record<string, string>>, value: Figure | null): Sample[] {
  return value === null ? [] : [{ labels: own, value: numberOf(value) }];
}

/** NaN and infinities are texts in a record. */
function numberOf(value: Figure): number {
  if (typeof value !== 'string') return Number(value);
  return value === 'inf' ? Infinity : value === '-inf' ? -Infinity : Number(value);
}

function largest(samples: Sample[]): Sample[] {
  if (samples.length <= MOST_COLUMNS) return samples;
  const least = samples.map(({ value }) => value).sort((a, b) => b - a)[MOST_COLUMNS - 1] ?? 0;
  return samples.filter(({ value }) => value >= least).slice(0, MOST_COLUMNS);
}
