import type { Worker } from 'node:worker_threads';
import { DefectError, InterruptedError, ModelError, type ScorelineError } from '../errors/errors.js';
import { openFilesError } from '../errors/open-files.js';
import { unpackError } from '../errors/transfer.js';
import type { Chunk } from '../format/format.js';
import { hire, release } from './hire.js';
import type { ChunkResult, ChunkTask, FromWorker, ProofTask, StringsSetup, StudyStart, WorkerSetup, WorkerStart } from './protocol.js';

/** Buffers of results kept for use again; more than this are left to the collector. */
const SPARE_BUFFERS = 8;

interface Job {
  readonly chunk: Chunk;
  readonly maxRecords: number | undefined;
  readonly resolve: (result: ChunkResult) => void;
  readonly reject: (error: unknown) => void;
}

interface Slot {
  readonly worker: Worker;
  /** Of the session that the worker came with. */
  readonly sessionKey: string | undefined;
  /** Jobs sent and not answered yet, oldest first: answers come in turn. */
  readonly sent: Job[];
  contextVersion: number;
}

/** Chunks that one worker holds at most: one in hand and one waiting, so that it is never idle while the main thread turns around. */
const CHUNKS_PER_WORKER = 2;

/** What a worker says when it can score. */
interface Ready {
  readonly runtime: string;
  /** From its setup until then. */
  readonly seconds: number;
}

/**
 * The workers of a run. Made before the plan is: the first worker loads its code and the runtime while the main thread reads model and header. Then
 * `start()` and `ready()` once, `run()` for every chunk in any number, `close()` at the end or on failure. The first failure of any worker fails every job
 * under way and to come.
 */
export class Pool {
  readonly #slots: Slot[] = [];
  readonly #waiting: Job[] = [];
  readonly #spares: ArrayBuffer[] = [];
  readonly #readies: Promise<Ready>[] = [];
  #failure: ScorelineError | undefined;
  #left: Promise<void> | undefined;
  #proof: { readonly resolve: (equal: boolean) => void; readonly reject: (error: unknown) => void } | undefined;
  readonly #starting: ((error: ScorelineError) => void)[] = [];
  /** Set to 1: workers pass over what still waits for them. */
  readonly #stop = new Int32Array(new SharedArrayBuffer(4));

  constructor() {
    this.#hire();
  }

  /** Tells `size` workers what to do. */
  start(size: number, setup: WorkerSetup | StudyStart): void {
    if (this.#left !== undefined) return;
    while (this.#slots.length < size) this.#hire();
    this.#slots.forEach(({ worker, sessionKey }, index) => {
      if ('study' in setup) return worker.postMessage({ setup, stop: this.#stop } satisfies WorkerStart);
      const start: WorkerStart = {
        setup: {
          ...setup,
          golden: index === 0 ? setup.golden : [],
          modelBytes: sessionKey === setup.sessionKey ? new Uint8Array(0) : setup.modelBytes,
        },
        stop: this.#stop,
      };
      worker.postMessage(start);
    });
  }

  #hire(): void {
    const { worker, sessionKey } = hire(`scoreline-${this.#slots.length}`);
    const slot: Slot = { worker, sessionKey, sent: [], contextVersion: -1 };
    this.#slots.push(slot);
    const ready = new Promise<Ready>((resolve, reject) => {
      this.#starting.push(reject);
      worker.on('message', (message: FromWorker) => {
        if (message.kind === 'ready') return resolve(message);
        if (message.kind === 'proof') return this.#proof?.resolve(message.equal);
        if (message.kind === 'done') return this.#done(slot, message.result);
        this.#fail(unpackError(message.error));
      });
    });
    ready.catch(() => undefined); // told to whoever asks
    this.#readies.push(ready);
    worker.on('error', (cause) => this.#fail(workerDied(cause)));
    worker.on('exit', (code) => this.#fail(new DefectError(`a scoring worker ended by itself with code ${code}`)));
  }

  /** Resolves when every worker has its session and the golden rows are proven. Throws ModelError. */
  ready(): Promise<readonly Ready[]> {
    return Promise.all(this.#readies);
  }

  /**
   * Before the first chunk: does the model with coded strings, which this pool runs, score the first rows of a chunk as the model itself does? The chunk's buffer
   * stays the caller's.
   */
  prove(chunk: Chunk, texts: StringsSetup): Promise<boolean> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) return reject(this.#failure);
      this.#proof = { resolve, reject };
      const task: ProofTask = { prove: true, chunk, texts };
      this.#slots[0]?.worker.postMessage(task);
    });
  }

  /** Takes a chunk through a worker; its buffer is gone until the result brings it back. */
  run(chunk: Chunk, maxRecords?: number): Promise<ChunkResult> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) return reject(this.#failure);
      this.#waiting.push({ chunk, maxRecords, resolve, reject });
      this.#dispatch();
    });
  }

  /** Gives the buffer of a written result back. */
  recycle(buffer: ArrayBuffer): void {
    if (this.#spares.length < SPARE_BUFFERS && buffer.byteLength > 0) this.#spares.push(buffer);
  }

  /**
   * Lets the workers go: each finishes the chunk in hand, passes over what waits, and leaves or rests. Whoever still waits for a result is told that
   * there will be none. May be called again.
   */
  close(): Promise<void> {
    if (this.#left !== undefined) return this.#left;
    this.#fail(new InterruptedError('interrupted', 'the run was stopped'));
    Atomics.store(this.#stop, 0, 1);
    this.#left = Promise.all(this.#slots.map((slot) => release(slot.worker))).then(() => undefined);
    return this.#left;
  }

  #dispatch(): void {
    for (;;) {
      const job = this.#waiting[0];
      if (job === undefined) return;
      const slot = this.#slots.reduce((least, other) => (other.sent.length < least.sent.length ? other : least));
      if (slot.sent.length >= CHUNKS_PER_WORKER) return;
      this.#waiting.shift();
      this.#send(slot, job);
    }
  }

  #send(slot: Slot, job: Job): void {
    const { context, ...chunk } = job.chunk;
    const stale = context !== undefined && context.version !== slot.contextVersion;
    if (stale) slot.contextVersion = context.version;
    const spare = this.#spares.pop();
    const task: ChunkTask = { chunk, context: stale ? context : undefined, spare, maxRecords: job.maxRecords };
    const buffer = chunk.bytes.buffer as ArrayBuffer;
    slot.sent.push(job);
    slot.worker.postMessage(task, spare === undefined ? [buffer] : [buffer, spare]);
  }

  #done(slot: Slot, result: ChunkResult): void {
    slot.sent.shift()?.resolve(result);
    this.#dispatch();
  }

  #fail(error: ScorelineError): void {
    if (this.#left !== undefined) return;
    this.#failure ??= error;
    for (const reject of this.#starting) reject(this.#failure); // nothing to those that have started
    this.#proof?.reject(this.#failure);
    for (const job of [...this.#slots.flatMap((slot) => slot.sent), ...this.#waiting]) job.reject(this.#failure);
    this.#waiting.length = 0;
  }
}

/** Why a worker died: it ran out of memory (ModelError `out-of-memory`), could not open its files (`too-many-open-files`), or a defect. */
export function workerDied(cause: Error): ScorelineError {
  if ((cause as NodeJS.ErrnoException).code === 'ERR_WORKER_OUT_OF_MEMORY') {
    return new ModelError('out-of-memory', 'a scoring worker ran out of memory', {
      cause,
      fix: 'Give --workers 1, or a smaller --batch-rows or --chunk-size.',
    });
  }
  return openFilesError(cause) ?? new DefectError(`a scoring worker died: ${cause.message}`, { cause });
}
