import { parentPort } from 'node:worker_threads';
import { Batch } from '../batch/batch.js';
import { countKpis } from '../check/kpi.js';
import { liveRows, observe, type ObservedResult } from '../check/observe.js';
import { hasCodes, hasRules, RowRules } from '../check/row-rules.js';
import { packError } from '../errors/transfer.js';
import { openDecoder, openEncoder } from '../format/open.js';
import type { ChunkContext, Decoder, Encoder } from '../format/format.js';
import { openScorer, type Scorer } from '../model/blocks.js';
import { openCollector, type Collector } from '../model/collect.js';
import { openHonestyCheck, type HonestyCheck } from '../model/honesty.js';
import { openSession } from '../model/open-session.js';
import { runtimeVersion, warmRuntime } from '../model/ort-session.js';
import type { Session } from '../model/session.js';
import { Profiler, transferables } from '../profile/profiler.js';
import { proveGoldenRows } from './golden.js';
import { LEAVE, REST, type Resting } from './leave.js';
import { survey, type SurveySetup } from './profile/sample.js';
import { proveCodes } from './prove-codes.js';
import type { ChunkResult, ChunkTask, FromWorker, ProofTask, WorkerSetup, WorkerStart } from './protocol.js';
import type { RowFallback } from './row-fallback.js';
import { openMarks, type ScorerMarks } from './scorer-marks.js';

/** One worker thread: its own session, its own buffers, one chunk at a time through decode, check, score and encode. */
class ChunkWorker {
  readonly #decoder: Decoder;
  readonly #encoder: Encoder;
  readonly #scorer: Scorer;
  readonly #collector: Collector;
  readonly #batch: Batch;
  readonly #results: readonly ObservedResult[];
  readonly #honesty: HonestyCheck;
  readonly #profiler: Profiler | undefined;
  readonly #rules: RowRules | undefined;
  readonly #kpis: WorkerSetup['kpis'];
  readonly #survey: SurveySetup | undefined;
  readonly #fallback: RowFallback | undefined;
  readonly #marks: ScorerMarks;

  constructor(setup: WorkerSetup, parts: WorkerParts) {
    this.#decoder = parts.decoder;
    this.#encoder = parts.encoder;
    this.#scorer = parts.scorer;
    this.#honesty = parts.honesty;
    this.#collector = openCollector(setup.outputs);
    const rules = hasRules(setup.layout) || (setup.profile !== undefined && hasCodes(setup.layout));
    this.#batch = new Batch(setup.layout, { unseen: rules });
    this.#rules = rules ? new RowRules(this.#batch) : undefined;
    this.#results = setup.results;
    this.#kpis = setup.kpis;
    this.#profiler = setup.profile && new Profiler(setup.profile);
    this.#survey = setup.survey;
    this.#fallback = parts.fallback;
    this.#marks = openMarks(setup);
  }

  /** The straight line of one chunk. */
  async work(task: ChunkTask): Promise<ChunkResult> {
    const clock = stopwatch();
    if (task.context !== undefined) this.#setContext(task.context);
    this.#decoder.decode(task.chunk, this.#batch, task.maxRecords);
    const locate = (record: number): ReturnType<Decoder['locate']> => this.#decoder.locate(record);
    const decode = clock();

    this.#profiler?.start(this.#batch.rows);
    if (this.#rules?.apply(locate, this.#profiler) === true) this.#profiler?.forget();
    const looked = clock();

    const collector = this.#collector;
    const before = { contradictions: collector.counts().labelContradictions, checkedBlocks: this.#honesty.checkedBlocks() };
    collector.start(this.#batch.rows);
    const faults = this.#batch.rows === 0 ? new Map<number, string>() : await this.#scorer.score(this.#batch, collector, task.chunk.index);
    const undecided = collector.undecided();
    const columns = collector.finish();
    const saved =
      faults.size + undecided.size === 0 ? undefined : await this.#fallback?.score(task, this.#batch, new Map([...faults, ...undecided]), columns);
    if (faults.size > 0) this.#batch.rejectRows('runtime-error', without(faults, saved), locate);
    if (undecided.size > 0) this.#batch.rejectRows('undecided', without(undecided, saved), locate);
    const score = clock();

    if (faults.size + undecided.size > 0) this.#profiler?.forget(); // rows have gone
    this.#rules?.restore();
    const observed = observe(this.#batch, columns, this.#results, this.#profiler);
    const observation = {
      ...observed,
      ...(this.#rules === undefined ? {} : { rules: this.#rules.counts() }),
      ...(this.#kpis === undefined ? {} : { kpis: countKpis(this.#kpis.rules, columns, liveRows(this.#batch), this.#kpis.prefix) }),
    };
    const check = looked + clock();

    const seen = this.#survey && survey(this.#batch, columns, this.#survey, task.chunk.index === 0);
    const encoded =
      seen === undefined
        ? this.#encoder.encode(this.#batch, this.#marks.mark(columns, this.#batch.rows, saved), task.spare)
        : { bytes: new Uint8Array(0), rows: this.#batch.records };
    const encode = clock();

    const { records, rejects, lines } = this.#batch;
    return {
      encoded,
      chunkBuffer: task.chunk.bytes.buffer as ArrayBuffer,
      chunkOffset: task.chunk.offset,
      chunkBytes: task.chunk.sourceBytes ?? task.chunk.bytes.length,
      records,
      scored: records - rejects.length,
      byFallback: this.#marks.byFallback ? records - rejects.length : (saved?.size ?? 0),
      lines,
      rejects,
      observation,
      contradictions: collector.counts().labelContradictions - before.contradictions,
      checkedBlocks: this.#honesty.checkedBlocks() - before.checkedBlocks,
      declined: this.#decoder.declines,
      ...(seen === undefined ? {} : { survey: seen }),
      seconds: { decode, check, score, encode },
    };
  }

  async close(): Promise<void> {
    await this.#fallback?.close();
  }

  #setContext(context: ChunkContext): void {
    this.#decoder.setContext(context);
    this.#fallback?.setContext(context);
  }
}

/** What a worker is made of, opened. */
interface WorkerParts {
  readonly decoder: Decoder;
  readonly encoder: Encoder;
  readonly scorer: Scorer;
  readonly honesty: HonestyCheck;
  readonly fallback: RowFallback | undefined;
}

function without(rows: ReadonlyMap<number, string>, saved: ReadonlySet<number> | undefined): ReadonlyMap<number, string> {
  return saved === undefined ? rows : new Map([...rows].filter(([row]) => !saved.has(row)));
}

/** Each call gives the seconds since the one before. */
function stopwatch(): () => number {
  let last = performance.now();
  return () => {
    const now = performance.now();
    const seconds = (now - last) / 1e3;
    last = now;
    return seconds;
  };
}

/** A worker at work, and what it does but once. */
interface Started {
  readonly worker: Pick<ChunkWorker, 'work' | 'close'>;
  readonly prove: (task: ProofTask) => Promise<boolean>;
}

/** The session of a worker, and of which model and how it was opened: a later run by the same finds it there. */
interface Held {
  readonly key: string;
  readonly session: Session;
}

async function sessionFor({ sessionKey: key, modelBytes, signature, threads, joins }: WorkerSetup, held: Held | undefined): Promise<Held> {
  if (held?.key === key) return held;
  await held?.session.close();
  return { key, session: await openSession(modelBytes, signature, { threads, joins }) };
}

async function start(setup: WorkerSetup, session: Session): Promise<Started> {
  const blocks = { blockRows: setup.blockRows, fixedBatch: setup.signature.fixedBatch !== undefined };
  if (setup.golden.length > 0) await proveGoldenRows(setup, openScorer(session, setup.binding, blocks));
  const { modelPath, signature, mixers } = setup;
  const honesty = openHonestyCheck({ modelPath, signature, inputs: setup.binding.inputs, mixers });
  const worker = new ChunkWorker(setup, {
    decoder: await openDecoder(setup.decoder, setup.layout),
    encoder: await openEncoder(setup.encoder),
    scorer: openScorer(session, setup.binding, { ...blocks, honesty }),
    honesty,
    fallback: setup.fallback && new (await import('./row-fallback.js')).RowFallback(setup.fallback),
  });
  return { worker, prove: (task) => proveCodes(setup, session, task) };
}

/**
 * Messages are handled strictly in turn: `session.run` yields to the event loop, so a second message could otherwise start before the first has its
 * answer and overwrite the buffers that they share. The first of a run says what to do; the runtime is loaded before it comes. A worker that rests keeps its
 * session, and nothing else of the run.
 */
function listen(port: NonNullable<typeof parentPort>): void {
  const post = (message: FromWorker, transfer: ArrayBuffer[] = []): void => port.postMessage(message, transfer);
  const fail = (error: unknown): void => post({ kind: 'failed', error: packError(error) });
  let held: Held | undefined;
  let started: Started | undefined;
  let stop: Int32Array | undefined;
  let turn: Promise<void> = warmRuntime().catch(fail);
  port.on('message', (message: WorkerStart | ProofTask | ChunkTask | typeof LEAVE | typeof REST) => {
    turn = turn.then(async () => {
      if (message === LEAVE) return port.close();
      if (message === REST) {
        await started?.worker.close();
        started = undefined;
        return port.postMessage({ kind: 'resting', sessionKey: held?.key } satisfies Resting);
      }
      if ('setup' in message) {
        const begun = performance.now();
        stop = message.stop;
        if ('study' in message.setup) {
          started = { worker: await (await import('./profile/study-worker.js')).openStudyWorker(message.setup), prove: () => Promise.resolve(false) };
          return post({ kind: 'ready', runtime: runtimeVersion(), seconds: (performance.now() - begun) / 1e3 });
        }
        const before = held;
        held = undefined; // until the next one is there
        held = await sessionFor(message.setup, before);
        started = await start(message.setup, held.session);
        return post({ kind: 'ready', runtime: runtimeVersion(), seconds: (performance.now() - begun) / 1e3 });
      }
      if (started === undefined || (stop !== undefined && Atomics.load(stop, 0) === 1)) return; // what made the start fail was said
      if ('prove' in message) return post({ kind: 'proof', equal: await started.prove(message) });
      const result = await started.worker.work(message);
      const { profile } = result.observation;
      post({ kind: 'done', result }, [result.encoded.bytes.buffer as ArrayBuffer, result.chunkBuffer, ...(profile === undefined ? [] : transferables(profile))]);
    }).catch(fail); // prettier-ignore
  });
}

if (parentPort !== null) listen(parentPort);
