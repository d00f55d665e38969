import type { Contract } from '../../contract/contract.js';
import { loadContract } from '../../contract/load.js';
import type { FormatName } from '../../format/format.js';
import { loadModel, type LoadedModel } from '../../model/load.js';
import type { Closers } from '../../run/closers.js';
import type { ScoreOptions } from '../../run/options.js';
import { loadRowFallback, planRowFallback } from '../../run/plan-fallback.js';
import type { Pool } from '../../run/pool.js';
import type { RowFallbackSetup } from '../../run/protocol.js';
import { failed, ok, type Finding } from './finding.js';
import type { FirstRows } from './first-rows.js';
import { chunksOf, planFirst, type PlannedFirst } from './plan-first.js';
import type { Survey } from './survey.js';
import { pathText } from './texts.js';
import { TRIAL_ROWS, tryRows, type Trial } from './trial.js';

/** For so long the pace is measured. */
const PACE_MS = 200;

export interface PlannedRequest {
  readonly options: ScoreOptions;
  readonly model: LoadedModel;
  readonly contract: Contract | undefined;
  readonly planned: PlannedFirst;
  readonly first: FirstRows;
  readonly survey: Survey | undefined;
  readonly pool: Pool;
  readonly closers: Closers;
}

/** Scores the first rows where the run can be planned; its row fallback stands by. Throws as `score`. */
export async function tryPlanned(request: PlannedRequest): Promise<Trial | undefined> {
  const { options, model, contract, planned, first, survey, pool, closers } = request;
  const { plan } = planned;
  if (plan === undefined) return undefined;
  const { limit = Infinity } = options;
  const rows = Math.min(TRIAL_ROWS, limit, survey?.rows ?? 0);
  const fallback = await rowFallback(request);
  const bytes = survey === undefined ? 0 : bytesOf(first, survey, rows);
  return tryRows({
    options,
    model,
    contract,
    plan,
    first,
    fallback,
    bytes,
    rows,
    pool,
    closers,
    paceMs: first.inputBytes === undefined || !isFile(options.output) ? 0 : PACE_MS,
  });
}

/** What so many rows take of the input; record batches of Arrow are not cut, and their rows are much alike. */
function bytesOf({ decoder, chunk }: FirstRows, survey: Survey, rows: number): number {
  if (decoder.format === 'csv' || survey.rows === 0) return survey.bytesOf(rows);
  return ((chunk?.sourceBytes ?? chunk?.bytes.length ?? 0) * rows) / survey.rows;
}

/** What is written straight through has no room that could be too little, and its reader sets the pace. */
function isFile(output: ScoreOptions['output']): boolean {
  return typeof output === 'string' && output !== '-';
}

async function rowFallback({ options, planned, first, closers }: PlannedRequest): Promise<RowFallbackSetup | undefined> {
  const { plan, request } = planned;
  const loaded = await loadRowFallback(options);
  if (plan === undefined || loaded === undefined) return undefined;
  return planRowFallback(request, loaded, { plan, chunks: chunksOf(first.chunk), closers });
}

/** A fallback is needed on the day on which nobody has time to mend it: it has to score the first rows today. */
export async function tryFallback(
  alone: ScoreOptions,
  { first, outputFormat, closers }: { readonly first: FirstRows; readonly outputFormat: FormatName; readonly closers: Closers },
): Promise<readonly Finding[]> {
  try {
    const model = await loadModel(alone.model, alone.maxModelBytes);
    const contract = await loadContract(undefined, model.path, model.sha256);
    const planned = await planFirst({ options: alone, model, contract, first, outputFormat, closers });
    if (planned.plan === undefined || planned.failure !== undefined) throw planned.failure;
    const bytes = first.chunk?.bytes.length ?? 0;
    const { accounting } = await tryRows({ options: alone, model, contract, plan: planned.plan, first, bytes, rows: TRIAL_ROWS, closers, paceMs: 0 });
    return [ok('fallback', `${pathText(alone.model)}: ${accounting.scored} of the first ${accounting.rowsIn} rows can be scored by it`)];
  } catch (error) {
    return [failed('fallback', error)];
  }
}
