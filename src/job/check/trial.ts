import type { Contract } from '../../contract/contract.js';
import type { Chunk } from '../../format/format.js';
import type { LoadedModel } from '../../model/load.js';
import { Accounting } from '../../run/accounting.js';
import { chooseCodes } from '../../run/choose-codes.js';
import type { Closers } from '../../run/closers.js';
import type { ScoreOptions } from '../../run/options.js';
import type { Plan } from '../../run/plan.js';
import { Pool } from '../../run/pool.js';
import { startPool } from '../../run/proven-pool.js';
import type { ChunkResult, RowFallbackSetup } from '../../run/protocol.js';
import { codedSetup, workerSetup } from '../../run/worker-setup.js';
import type { FirstRows } from './first-rows.js';
import { chunksOf } from './plan-first.js';

/** What the first rows of an input came to, scored as a run scores them and written nowhere. */
export interface Trial {
  readonly accounting: Accounting;
  /** Start of the runtime, golden rows and the first rows. */
  readonly seconds: number;
  /** Undefined where it was not asked for, or there are no rows. */
  readonly pace: Pace | undefined;
}

/** How quick a run is, once it is warm. */
export interface Pace {
  /** Of the input, by all workers. */
  readonly bytesPerSecond: number;
  /** Bytes of output for a byte of input. */
  readonly outputShare: number;
}

export interface TrialRequest {
  readonly options: ScoreOptions;
  readonly model: LoadedModel;
  readonly contract: Contract | undefined;
  readonly plan: Plan;
  readonly first: FirstRows;
  /** For rows that the model cannot score. */
  readonly fallback?: RowFallbackSetup | undefined;
  /** So many of the first rows are scored. */
  readonly rows: number;
  /** Bytes of the chunk that hold them. */
  readonly bytes: number;
  /** A worker that is loading code and runtime already; absent: one is hired. */
  readonly pool?: Pool;
  readonly closers: Closers;
  /** For so long the same rows are scored again, to see the pace; 0: not at all. */
  readonly paceMs: number;
}

/** So many rows are scored: more would say little more of the model. */
export const TRIAL_ROWS = 1000;

/** Scores the first rows in one worker: session, golden rows and values are tried. Throws as `score`: ModelError. Resolves without rows where there are none. */
export async function tryRows(request: TrialRequest): Promise<Trial> {
  const { options, model, contract, plan, first, fallback, closers, paceMs } = request;
  const begun = performance.now();
  const setup = workerSetup({ options, model, contract, plan, decoder: first.decoder, fallback });
  const chosen = chooseCodes(options, model, first.inputBytes);
  const coded = chosen === undefined ? undefined : { ...setup, ...codedSetup(setup, chosen) };
  const starting = startPool(request.pool ?? (await closers.add(new Pool())), { workers: 1, texts: setup, coded, closers });
  const { pool } = await starting.ready(chunksOf(first.chunk));
  const accounting = new Accounting(plan.layout, setup.results, first.headLines, setup.profile);
  const rows = first.chunk === undefined || request.rows === 0 ? undefined : rowsOf(first.chunk, request);
  try {
    if (rows === undefined) return { accounting, seconds: secondsSince(begun), pace: undefined };
    const result = await pool.run(rows(), request.rows);
    accounting.add(result);
    const seconds = secondsSince(begun);
    return { accounting, seconds, pace: paceMs > 0 ? await measurePace(pool, rows, result, request) : undefined };
  } finally {
    await pool.close();
  }
}

/** The rows as a chunk of their own each time: its buffer goes to the worker. Record batches of Arrow are not cut. */
function rowsOf(chunk: Chunk, { first, bytes }: TrialRequest): () => Chunk {
  const taken = first.decoder.format === 'csv' ? chunk.bytes.subarray(0, bytes) : chunk.bytes;
  return () => ({ ...chunk, bytes: Uint8Array.from(taken) });
}

/** Fewer rounds may all have had to wait for others on a busy machine. */
const LEAST_ROUNDS = 4;

/** The same rows again and again, the fastest round of all: the first ones, until the code is warm, take many times as long. A model that is slow by itself needs none of that. */
async function measurePace(pool: Pool, rows: () => Chunk, first: ChunkResult, request: TrialRequest): Promise<Pace> {
  const { plan, bytes, paceMs } = request;
  const busyMs = ({ decode, check, score, encode }: ChunkResult['seconds']): number => (decode + check + score + encode) * 1e3;
  const begun = performance.now();
  let fastestMs = busyMs(first.seconds);
  const mostMs = fastestMs < 2 * paceMs ? paceMs : 0;
  for (let round = 0; performance.now() - begun < (round < LEAST_ROUNDS ? 2 : 1) * mostMs; round++) {
    fastestMs = Math.min(fastestMs, busyMs((await pool.run(rows(), request.rows)).seconds));
  }
  return { bytesPerSecond: (bytes / Math.max(fastestMs, 1e-3)) * 1e3 * plan.workers, outputShare: first.encoded.bytes.length / bytes };
}

function secondsSince(begunMs: number): number {
  return (performance.now() - begunMs) / 1e3;
}
