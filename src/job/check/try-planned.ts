import type { Contract } from '../../contract/contract.js';
import type { LoadedModel } from '../../model/load.js';
import type { Closers } from '../../run/closers.js';
import type { ScoreOptions } from '../../run/options.js';
import { loadRowFallback, planRowFallback } from '../../run/plan-fallback.js';
import type { Pool } from '../../run/pool.js';
import type { RowFallbackSetup } from '../../run/protocol.js';
import type { FirstRows } from './first-rows.js';
import { chunksOf, type PlannedFirst } from './plan-first.js';
import type { Survey } from './survey.js';
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
  /** Is told what is wrong with the fallback for single rows; the rows are then scored without it. */
  readonly onBrokenFallback: (error: unknown) => void;
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

async function rowFallback({ options, planned, first, closers, onBrokenFallback }: PlannedRequest): Promise<RowFallbackSetup | undefined> {
  const { plan, request } = planned;
  try {
    const loaded = await loadRowFallback(options);
    if (plan === undefined || loaded === undefined) return undefined;
    return await planRowFallback(request, loaded, { plan, chunks: chunksOf(first.chunk), closers });
  } catch (error) {
    onBrokenFallback(error);
    return undefined;
  }
}
