import { ClassificationMetrics, RegressionMetrics } from '../../check/metrics.js';
import { profileFigures } from '../../check/profile-figures.js';
import type { Contract, GoldenRow, Metrics } from '../../contract/contract.js';
import { without } from '../../contract/without.js';
import { loadModel, type LoadedModel } from '../../model/load.js';
import { silenceTelemetry } from '../../model/telemetry.js';
import type { ProfileFigures } from '../../profile/figures.js';
import { profileSpec } from '../../profile/spec.js';
import { Accounting } from '../accounting.js';
import { chooseCodes } from '../choose-codes.js';
import { Closers } from '../closers.js';
import type { ScoreOptions } from '../options.js';
import type { Plan } from '../plan.js';
import { Pool } from '../pool.js';
import { startPool } from '../proven-pool.js';
import { RunRecord } from '../record.js';
import { placesOf } from '../settings.js';
import { checkOptions } from '../validate.js';
import { openInput, openWork } from '../work.js';
import { codedSetup, workerSetup } from '../worker-setup.js';
import type { ChunkResult } from '../protocol.js';
import { checkColumns, noDates } from './named-columns.js';
import { judgeData, readThrough } from './read-through.js';
import { openTruth, type Truth } from './truth.js';

/** What is profiled: the options of a run that reads the training data, and what its columns are beside features. */
export interface ProfileRequest {
  readonly options: Omit<ScoreOptions, 'output' | 'keep'> & { readonly input: string };
  /** A contract that gives feature order, bindings and class names; not held to the model's digest. */
  readonly contract: Contract | undefined;
  readonly target: string | undefined;
  readonly ids: readonly string[];
  /** Column of dates, whose latest is the end of the training data. */
  readonly date: string | undefined;
}

/** What is known of training data and of the model's scores of it. */
export interface ProfiledData {
  readonly model: LoadedModel;
  readonly plan: Plan;
  readonly figures: ProfileFigures;
  readonly metrics: Metrics | undefined;
  readonly golden: readonly GoldenRow[];
  readonly trainedThrough: string | undefined;
  readonly sha256: string;
  readonly rejected: number;
  /** Rows whose target the model has no class or number for. */
  readonly untold: number;
}

/**
 * Reads training data once, through the same reader, plan, workers and model as a run, and writes nothing.
 *
 * @throws as `score` does before it publishes; UsageError `unknown-column`, `target-is-feature`; InputError `no-dates`.
 */
export async function profileData(request: ProfileRequest): Promise<ProfiledData> {
  silenceTelemetry();
  const { contract, target, ids, date } = request;
  const options: ScoreOptions = { ...request.options, output: '-', keep: 'all', journal: false, profile: 'always' };
  checkOptions(options);
  const closers = new Closers();
  const record = new RunRecord(options, placesOf(options, true));
  const stop = (): void => void closers.closeAll(options.signal?.reason as Error);
  options.signal?.addEventListener('abort', stop, { once: true });
  try {
    const hired = await closers.add(new Pool());
    const model = await loadModel(options.model, options.maxModelBytes);
    const opened = await openInput(options, true, { closers, record });
    const bound = contract && without(contract, 'golden', 'baseline'); // measured anew
    const work = await openWork(opened, {
      options,
      model,
      contract: bound,
      closers,
      record,
      memoryBytes: undefined,
      marks: { wants: () => false, mark: () => undefined },
    });
    const { source, splitter, chunks, plan } = work;
    const columns = splitter.schema.columns.map(({ name }) => name);
    const reads = [...new Set(plan.layout.fields.map(({ name }) => name))];
    checkColumns({ columns, reads, target, ids, date });
    const used = new Set([...reads, ...[target, date].filter((name) => name !== undefined)]);
    const layout = { ...plan.layout, kept: plan.layout.kept.filter(({ name }) => used.has(name)) };
    const scoring = workerSetup({ options, model, contract: bound, plan: { ...plan, layout }, decoder: splitter.decoderSetup });
    const setup = { ...scoring, survey: { reads, target, date }, profile: profileSpec(layout, scoring.results, { isWhole: true }) };
    const codedModel = chooseCodes(options, model, source.size);
    const coded = codedModel === undefined ? undefined : { ...setup, ...codedSetup(setup, codedModel) };
    const { pool } = await startPool(hired, { workers: plan.workers, texts: setup, coded, closers }).ready(chunks);
    const accounting = new Accounting(layout, setup.results, splitter.headLines, setup.profile);
    const truth = target === undefined ? undefined : openTruth(plan.outputs, contract?.positiveClass, { metrics: (n, p) => new ClassificationMetrics(n, p), errors: () => new RegressionMetrics() });
    const seen = { golden: [] as readonly GoldenRow[], latest: undefined as string | undefined, undated: 0 };

    await readThrough({ chunks: chunks.all(), inFlight: plan.inFlight, pool, splitter }, (result) => {
      accounting.add(result);
      takeSurvey(result, truth, seen);
    });
    judgeData(accounting, options.maxRejects, request.options.input);
    if (date !== undefined && seen.latest === undefined) throw noDates(request.options.input, date);
    const { observation, profile, results, scored: rows } = accounting;
    if (profile === undefined) throw new TypeError('a profile is always kept');
    return {
      model,
      plan,
      figures: profileFigures({ layout, results, observation, profile, rows }),
      metrics: truth?.figures(),
      golden: seen.golden,
      trainedThrough: seen.latest,
      sha256: source.digest(),
      rejected: accounting.rejected,
      untold: truth?.untold ?? 0,
    };
  } catch (error) {
    throw options.signal?.aborted === true ? options.signal.reason : error;
  } finally {
    options.signal?.removeEventListener('abort', stop);
    await closers.closeAll();
  }
} // prettier-ignore

function takeSurvey({ survey }: ChunkResult, truth: Truth | undefined, seen: { golden: readonly GoldenRow[]; latest: string | undefined; undated: number }): void {
  if (survey === undefined) return;
  if (survey.golden.length > 0) seen.golden = survey.golden;
  if (survey.latest !== undefined && (seen.latest === undefined || survey.latest > seen.latest)) seen.latest = survey.latest;
  seen.undated += survey.undated;
  truth?.add(survey);
} // prettier-ignore
