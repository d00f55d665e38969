import { parentPort } from 'node:worker_threads';
import { Batch } from '../batch/batch.js';
import { observe, type ObservedResult } from '../check/observe.js';
import { packError } from '../errors/transfer.js';
import { openDecoder, openEncoder } from '../format/open.js';
import type { Decoder, Encoder } from '../format/format.js';
import { openScorer, type Scorer } from '../model/blocks.js';
import { openCollector, type Collector } from '../model/collect.js';
import { openHonestyCheck, type HonestyCheck } from '../model/honesty.js';
import { openOrtSession, runtimeVersion, warmRuntime } from '../model/ort-session.js';
import { proveGoldenRows } from './golden.js';
import { LEAVE } from './leave.js';
import { proveCodes } from './prove-codes.js';
import type { ChunkResult, ChunkTask, FromWorker, ProofTask, WorkerSetup, WorkerStart } from './protocol.js';

/** One worker thread: its own session, its own buffers, one chunk at a time through decode, check, score and encode. */
class ChunkWorker {
  readonly #decoder: Decoder;
  readonly #encoder: Encoder;
  readonly #scorer: Scorer;
  readonly #collector: Collector;
  readonly #batch: Batch;
  readonly #results: readonly ObservedResult[];
  readonly #honesty: HonestyCheck;

  constructor(setup: WorkerSetup, parts: { decoder: Decoder; encoder: Encoder; scorer: Scorer; honesty: HonestyCheck }) {
    this.#decoder = parts.decoder;
    this.#encoder = parts.encoder;
    this.#scorer = parts.scorer;
    this.#honesty = parts.honesty;
    this.#collector = openCollector(setup.outputs);
    this.#batch = new Batch(setup.layout);
    this.#results = setup.results;
  }

  /** The straight line of one chunk. */
  async work(task: ChunkTask): Promise<ChunkResult> {
    const clock = stopwatch();
    if (task.context !== undefined) this.#decoder.setContext(task.context);
    this.#decoder.decode(task.chunk, this.#batch, task.maxRecords);
    const decode = clock();

    const collector = this.#collector;
    const before = { contradictions: collector.counts().labelContradictions, checkedBlocks: this.#honesty.checkedBlocks() };
    collector.start(this.#batch.rows);
    const faults = this.#batch.rows === 0 ? new Map<number, string>() : await this.#scorer.score(this.#batch, collector, task.chunk.index);
    const locate = (record: number): ReturnType<Decoder['locate']> => this.#decoder.locate(record);
    if (faults.size > 0) this.#batch.rejectRows('runtime-error', faults, locate);
    const undecided = collector.undecided();
    if (undecided.size > 0) this.#batch.rejectRows('undecided', undecided, locate);
    const columns = collector.finish();
    const score = clock();

    const observation = observe(this.#batch, columns, this.#results);
    const check = clock();

    const encoded = this.#encoder.encode(this.#batch, columns, task.spare);
    const encode = clock();

    const { records, rejects, lines } = this.#batch;
    return {
      encoded,
      chunkBuffer: task.chunk.bytes.buffer as ArrayBuffer,
      chunkOffset: task.chunk.offset,
      chunkBytes: task.chunk.sourceBytes ?? task.chunk.bytes.length,
      records,
      scored: records - rejects.length,
      lines,
      rejects,
      observation,
      contradictions: collector.counts().labelContradictions - before.contradictions,
      checkedBlocks: this.#honesty.checkedBlocks() - before.checkedBlocks,
      declined: this.#decoder.declines,
      seconds: { decode, check, score, encode },
    };
  }
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
  readonly worker: ChunkWorker;
  readonly prove: (task: ProofTask) => Promise<boolean>;
}

async function start(setup: WorkerSetup, post: (message: FromWorker, transfer?: ArrayBuffer[]) => void): Promise<Started> {
  const begun = performance.now();
  const session = await openOrtSession(setup.modelBytes, setup.signature, { threads: setup.threads, joins: setup.joins });
  const blocks = { blockRows: setup.blockRows, fixedBatch: setup.signature.fixedBatch !== undefined };
  if (setup.golden.length > 0) await proveGoldenRows(setup, openScorer(session, setup.binding, blocks));
  const { modelPath, signature, mixers } = setup;
  const honesty = openHonestyCheck({ modelPath, signature, inputs: setup.binding.inputs, mixers });
  const worker = new ChunkWorker(setup, {
    decoder: await openDecoder(setup.decoder, setup.layout),
    encoder: await openEncoder(setup.encoder),
    scorer: openScorer(session, setup.binding, { ...blocks, honesty }),
    honesty,
  });
  post({ kind: 'ready', runtime: runtimeVersion(), seconds: (performance.now() - begun) / 1e3 });
  return { worker, prove: (task) => proveCodes(setup, session, task) };
}

/**
 * Messages are handled strictly in turn: `session.run` yields to the event loop, so a second message could otherwise start before the first has its
 * answer and overwrite the buffers that they share. The first says what to do; the runtime is loaded before it comes.
 */
function listen(port: NonNullable<typeof parentPort>): void {
  const post = (message: FromWorker, transfer: ArrayBuffer[] = []): void => port.postMessage(message, transfer);
  const fail = (error: unknown): void => post({ kind: 'failed', error: packError(error) });
  let started: Started | undefined;
  let stop: Int32Array | undefined;
  let turn: Promise<void> = warmRuntime().catch(fail);
  port.on('message', (message: WorkerStart | ProofTask | ChunkTask | typeof LEAVE) => {
    turn = turn.then(async () => {
      if (message === LEAVE) return port.close();
      if ('setup' in message) {
        stop = message.stop;
        started = await start(message.setup, post);
        return;
      }
      if (started === undefined || (stop !== undefined && Atomics.load(stop, 0) === 1)) return; // what made the start fail was said
      if ('prove' in message) return post({ kind: 'proof', equal: await started.prove(message) });
      const result = await started.worker.work(message);
      post({ kind: 'done', result }, [result.encoded.bytes.buffer as ArrayBuffer, result.chunkBuffer]);
    }).catch(fail); // prettier-ignore
  });
}

if (parentPort !== null) listen(parentPort);
