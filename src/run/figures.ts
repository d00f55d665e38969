import { isFloat, isInteger, type ElementType } from '../batch/element.js';
import { float32Text } from '../batch/text.js';
import type { ByteSource } from '../format/source.js';
import type { FallbackFigures, Figure, PredictionFigures, RunFigures, StringFigures } from '../journal/record.js';
import { compareProfiles } from '../check/drift/compare.js';
import type { Verdict } from '../check/gates/gate.js';
import { kpiFigures } from '../check/kpi.js';
import { driftFromGraph } from '../check/drift/graph.js';
import type { ProfileFigures } from '../profile/figures.js';
import { unexpectedFigures, type JournalValues, type UnexpectedFigures } from '../check/unexpected.js';
import { profileFigures } from '../check/profile-figures.js';
import { rangeAt } from '../check/range-table.js';
import type { Range } from '../check/range.js';
import type { Contract } from '../contract/contract.js';
import { fitBaseline } from '../profile/fit.js';
import { journalProfile } from '../profile/journal-profile.js';
import type { Sink } from '../publish/sink.js';
import type { Accounting } from './accounting.js';
import type { Plan } from './plan.js';
import type { RejectsFile } from './rejects-file.js';
import type { Warnings } from './warnings.js';

/** What is measured while a run goes on. Seconds of wall-clock time on the main thread. */
export interface Timings {
  total: number;
  read: number;
  write: number;
}

/** The parts that figures are taken from, once there are any. */
export interface FigureParts {
  readonly accounting: Accounting;
  readonly output: Sink;
  readonly rejects: RejectsFile;
}

export interface FigureSource extends FigureParts {
  readonly warnings: Warnings;
  readonly source: ByteSource;
  readonly plan: Plan;
  readonly contract: Contract | undefined;
  readonly journalValues: JournalValues;
  /** Empty until they are judged. */
  readonly gates: readonly Verdict[];
  readonly strings: StringFigures | undefined;
  readonly fallback?: FallbackFigures;
  /** What users can see now. */
  readonly published: { readonly output: boolean; readonly rejects: boolean };
  readonly outputName: string;
  readonly rejectsPath: string | undefined;
  readonly timings: Timings;
  readonly cpu: { readonly user: number; readonly system: number };
  readonly peakMemoryBytes: number;
}

/** A run's accounts as the journal keeps them. Pure. Never a value of an id or of free text: only ranges, counts and the model's own class names. */
export function runFigures(from: FigureSource): RunFigures {
  const { accounting, output, rejects, source, published } = from;
  return {
    input: { sha256: source.digest(), bytes: source.position, rows: accounting.rowsIn },
    output:
      published.output || output.visible ? { path: from.outputName, sha256: output.digest(), bytes: output.bytes, rows: accounting.rowsOut } : null,
    rejects:
      rejects.sink === undefined || !(published.rejects || rejects.sink.visible)
        ? null
        : { path: from.rejectsPath ?? '', sha256: rejects.sink.digest(), bytes: rejects.sink.bytes },
    ...dataFigures(from),
  };
}

/** Those that take no digest: of a run without a journal nobody has any. */
export type DataFigures = Omit<RunFigures, 'input' | 'output' | 'rejects'>;

/** The same without files. Pure. */
export function dataFigures(from: Omit<FigureSource, 'source'>): DataFigures {
  const { accounting, plan, timings } = from;
  const { observation } = accounting;
  const fields = plan.layout.fields;
  return {
    rows: accounting.figures(),
    missing: fields.map(({ name }, index) => ({ column: name, rows: observation.missing[index] ?? 0 })).filter(({ rows }) => rows > 0),
    ranges: fields.flatMap(({ name, type }, index) =>
      isFloat(type) || isInteger(type) ? [{ column: name, ...bounds(rangeAt(observation.ranges, index), type) }] : [],
    ),
    predictions: predictionFigures(from),
    warnings: from.warnings.list(),
    decoder: { chunks: accounting.chunks, declined: accounting.declinedChunks },
    checkedBlocks: accounting.checkedBlocks,
    ...(from.strings === undefined ? {} : { strings: from.strings }),
    ...knownFigures(from),
    ...(from.fallback === undefined ? {} : { fallback: from.fallback }),
    seconds: {
      total: round(timings.total),
      read: round(timings.read),
      decode: round(accounting.seconds.decode),
      check: round(accounting.seconds.check),
      score: round(accounting.seconds.score),
      encode: round(accounting.seconds.encode),
      write: round(timings.write),
    },
    cpu: { user: round(from.cpu.user), system: round(from.cpu.system) },
    peakMemoryBytes: from.peakMemoryBytes,
  };
}

/** What is known of the data, and how far it is from what the model was trained on. */
function knownFigures({
  accounting,
  plan,
  contract,
  journalValues,
  gates,
}: Omit<FigureSource, 'source'>): Pick<RunFigures, keyof UnexpectedFigures | 'kpi' | 'gates' | 'profile' | 'drift'> {
  const { profile, rules, kpis, observation, results, scored: rows } = accounting;
  const unexpected = {
    ...unexpectedFigures(plan.layout, { rules, missing: observation.missing }, journalValues),
    ...(kpis === undefined ? {} : { kpi: kpiFigures(kpis) }),
    ...(gates.length === 0 ? {} : { gates }),
  };
  if (profile === undefined) return unexpected;
  const figures = profileFigures({ layout: plan.layout, results, observation, profile, rules, rows });
  const { baseline, drift } = distances(figures, { plan, contract });
  return { ...unexpected, profile: journalProfile(figures, baseline), ...(drift === undefined ? {} : { drift }) };
}

/** How far the rows of a run are from what the model was trained on; undefined where no profile was kept, or nothing is known of that. Pure. */
export function driftOf(accounting: Accounting, from: Pick<FigureSource, 'plan' | 'contract'>): RunFigures['drift'] {
  const { profile, rules, observation, results, scored: rows } = accounting;
  if (profile === undefined) return undefined;
  return distances(profileFigures({ layout: from.plan.layout, results, observation, profile, rules, rows }), from).drift;
}

function distances(figures: ProfileFigures, { plan, contract }: Pick<FigureSource, 'plan' | 'contract'>) {
  const baseline = contract?.baseline && fitBaseline(contract.baseline, figures);
  return { baseline, drift: baseline === undefined ? graphDrift(figures, plan) : compareProfiles(baseline, figures) };
}

/** How far a run without a baseline is from what the graph itself knows; undefined where that is nothing. */
function graphDrift(figures: ProfileFigures, { known }: Plan): RunFigures['drift'] {
  const drift = driftFromGraph(figures, known);
  return drift.columns.length === 0 ? undefined : drift;
}

function predictionFigures({ accounting, plan }: Pick<FigureSource, 'accounting' | 'plan'>): PredictionFigures[] {
  const classes = plan.outputs.classes;
  return plan.outputs.fields.map((field, index) => {
    const spread = accounting.observation.results[index];
    const labels = (spread?.labels ?? []).map((rows, label) => ({ label: classes?.[label] ?? '(other)', rows }));
    return {
      column: field.name,
      count: accounting.scored,
      nonFinite: spread?.nonFinite ?? 0,
      ...bounds(spread, field.type),
      labels: labels.filter(({ rows }) => rows > 0),
    };
  });
}

/** Least and greatest, a float32 by its shortest text as in the output; null where there was no finite value. */
function bounds(range: Range | undefined, type: ElementType): { min: Figure | null; max: Figure | null } {
  if (range === undefined || range.count === 0) return { min: null, max: null };
  const shorten = (value: number | bigint): Figure => (type === 'float32' ? Number(float32Text(Number(value))) : value);
  return { min: shorten(range.min), max: shorten(range.max) };
}

/** To the microsecond: what is beyond that is noise. */
function round(seconds: number): number {
  return Math.round(seconds * 1e6) / 1e6;
}
