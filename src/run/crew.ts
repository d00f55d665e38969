import type { Machine } from './machine.js';

/** What the number of workers hangs on. */
export interface CrewRequest {
  readonly askedWorkers: number | undefined;
  readonly askedThreads: number | undefined;
  /** Undefined for a pipe, which may be any size. */
  readonly inputBytes: number | undefined;
  readonly chunkBytes: number;
  readonly modelBytes: number;
  /** Of the tensors of one call of the model. */
  readonly blockBytes: number;
  readonly machine: Machine;
}

/** Which limit set the number of workers. */
export type Limiter = 'asked' | 'input' | 'cores' | 'memory';

export interface Crew {
  readonly workers: number;
  /** Intra-op threads of each worker's session. */
  readonly threads: number;
  readonly limitedBy: Limiter;
}

/** The rest belongs to the page cache, the output's buffers and others. */
const SHARE_OF_MEMORY = 0.8;
/** Main thread, runtime and the code of both. Measured: 100 rows with one worker peak at 100 MB. */
const PROCESS_BYTES = 80 << 20;
/** Heap and stack of a thread with a session of a small model. */
const WORKER_BYTES = 24 << 20;
/** The bytes that a session is made from, its weights, and its weights packed for matrix products. */
const MODEL_COPIES = 3;
/** Chunk, tensors and result, of the chunk in hand and the one that waits. */
const CHUNK_COPIES = 6;
/** Inputs, what stands between the model's operators, and a second scoring to compare with. */
const BLOCK_COPIES = 4;

/**
 * One worker a core, but no more than there are chunks, nor than fit into memory. Where it is the model that lets fewer in than there are cores, their
 * sessions share the cores out among more threads: the machine is used all the same. With more threads than one a kernel may add up in another order, so
 * the last bits of a score may change; it is done only there, and the journal says so.
 */
export function planCrew(request: CrewRequest): Crew {
  const { askedWorkers, askedThreads, machine, modelBytes } = request;
  const chunks = request.inputBytes === undefined ? Infinity : Math.max(1, Math.ceil(request.inputBytes / request.chunkBytes));
  const fit = workersThatFit(request);
  const workers = askedWorkers ?? Math.min(machine.cores, chunks, fit);
  const limitedBy = askedWorkers !== undefined ? 'asked' : workers === chunks ? 'input' : workers === machine.cores ? 'cores' : 'memory';
  const modelIsBig = MODEL_COPIES * modelBytes > bytesOfWorker({ ...request, modelBytes: 0 });
  const threads = limitedBy === 'memory' && modelIsBig ? Math.max(1, Math.floor(machine.cores / workers)) : 1;
  return { workers, threads: askedThreads ?? threads, limitedBy };
}

/** At least one: what is too large for the machine fails by itself, and says so. */
function workersThatFit(request: CrewRequest): number {
  const free = request.machine.memoryBytes * SHARE_OF_MEMORY - PROCESS_BYTES;
  return Math.max(1, Math.floor(free / bytesOfWorker(request)));
}

function bytesOfWorker({ modelBytes, chunkBytes, blockBytes }: Pick<CrewRequest, 'modelBytes' | 'chunkBytes' | 'blockBytes'>): number {
  return WORKER_BYTES + MODEL_COPIES * modelBytes + CHUNK_COPIES * chunkBytes + BLOCK_COPIES * blockBytes;
}
