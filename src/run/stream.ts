import { isHopeless } from '../check/limits.js';
import type { Assembler, Chunk, ChunkContext, Splitter } from '../format/format.js';
import { openAssembler } from '../format/open.js';
import type { Sink } from '../publish/sink.js';
import type { Accounting } from './accounting.js';
import type { ScoreOptions } from './options.js';
import type { Plan } from './plan.js';
import type { Pool } from './pool.js';
import type { ChunkResult } from './protocol.js';
import type { RunRecord } from './record.js';
import type { RejectsFile } from './rejects-file.js';
import { DEFAULT_MAX_REJECTS } from './settings.js';
import { OrderedWindow } from './window.js';

/** What the stream of chunks runs through. */
export interface StreamParts {
  readonly options: ScoreOptions;
  readonly plan: Plan;
  readonly splitter: Splitter;
  /** The splitter's chunks; those that the plan has looked at come first. */
  readonly chunks: AsyncIterable<Chunk>;
  readonly pool: Pool;
  readonly output: Sink;
  readonly rejects: RejectsFile;
  readonly accounting: Accounting;
  readonly record: RunRecord;
}

interface ScoredChunk {
  readonly result: ChunkResult;
  readonly context: ChunkContext | undefined;
}

/**
 * Chunks go to the workers as they are cut and are committed in input order; a full window stops the reader. Gives true when reading
 * stopped because of too many rejects.
 */
export async function streamChunks(parts: StreamParts): Promise<boolean> {
  const { options, plan, chunks, pool, accounting, output, record } = parts;
  const assembler = await openAssembler(plan.encoder);
  const serial = options.limit !== undefined; // how much of a chunk counts is known when the one before is committed
  const window = new OrderedWindow<ScoredChunk>(serial ? 1 : plan.inFlight);
  let enough: 'limit' | 'rejects' | undefined;

  const produce = async (): Promise<void> => {
    for await (const chunk of record.timeReads(chunks)) {
      await window.room();
      if (enough !== undefined || window.ended) break;
      const remaining = options.limit === undefined ? undefined : options.limit - accounting.rowsIn;
      window.push(pool.run(chunk, remaining).then((result) => ({ result, context: chunk.context })));
    }
  };
  // a failure of the source takes its turn behind the chunks that came before it
  void produce()
    .catch((error: unknown) => window.push(Promise.reject(error as Error)))
    .finally(() => window.end());

  try {
    await record.timeWrite(output.write(assembler.head()));
    while (enough === undefined) {
      const scored = await window.next();
      if (scored === undefined) break;
      await commit(parts, assembler, scored);
      if (isHopeless(accounting.rejected, options.maxRejects ?? DEFAULT_MAX_REJECTS)) enough = 'rejects';
      if (options.limit !== undefined && accounting.rowsIn >= options.limit) enough ??= 'limit';
      window.release();
    }
  } finally {
    window.end(); // whoever waits for room need not any more
  }
  await record.timeWrite(output.write(assembler.tail()));
  return enough === 'rejects';
}

/** One scored chunk to the output and the rejects file, in input order, and into the accounts. */
async function commit(parts: StreamParts, assembler: Assembler, { result, context }: ScoredChunk): Promise<void> {
  const { output, rejects, accounting, pool, splitter, record } = parts;
  await rejects.write(accounting.add(result));
  for (const piece of assembler.place(result.encoded, context)) await record.timeWrite(output.write(piece));
  pool.recycle(result.encoded.bytes.buffer as ArrayBuffer);
  splitter.recycle(result.chunkBuffer);
  record.progress(accounting);
}
