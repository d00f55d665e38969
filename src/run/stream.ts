import { isHopeless } from '../check/limits.js';
import type { Assembler, Chunk, ChunkContext, Splitter } from '../format/format.js';
import type { Sink } from '../publish/sink.js';
import type { Accounting } from './accounting.js';
import type { Checkpointer } from './checkpointer.js';
import type { GateWatch } from './gate-watch.js';
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
  /** The splitter's chunks; those that the plan has looked at come first, those that another run has scored are passed over already. */
  readonly chunks: AsyncIterable<Chunk>;
  readonly pool: Pool;
  readonly assembler: Assembler;
  readonly output: Sink;
  readonly rejects: RejectsFile;
  readonly accounting: Accounting;
  readonly record: RunRecord;
  readonly checkpointer: Checkpointer;
  /** Where there are gates. */
  readonly watch: GateWatch | undefined;
}

/** Why the stream of chunks came to an end: there are no more, or no more are wanted; too many rows were rejected; or a gate is broken for good. */
export type StreamEnd = 'whole' | 'rejects' | 'gates';

interface ScoredChunk {
  readonly index: number;
  readonly result: ChunkResult;
  readonly context: ChunkContext | undefined;
}

/**
 * Chunks go to the workers as they are cut and are committed in input order; a full window stops the reader. Gives why it ended; behind a broken gate the output has no end.
 */
export async function streamChunks(parts: StreamParts): Promise<StreamEnd> {
  const { options, plan, chunks, pool, accounting, assembler, output, record, checkpointer, watch } = parts;
  const serial = options.limit !== undefined; // how much of a chunk counts is known when the one before is committed
  const window = new OrderedWindow<ScoredChunk>(serial ? 1 : plan.inFlight);
  watch?.begin();
  let enough = enoughOf(accounting, options, watch);

  const produce = async (): Promise<void> => {
    for await (const chunk of record.timeReads(chunks)) {
      await window.room();
      if (enough !== undefined || window.ended) break;
      const remaining = options.limit === undefined ? undefined : options.limit - accounting.rowsIn;
      window.push(pool.run(chunk, remaining).then((result) => ({ index: chunk.index, result, context: chunk.context })));
    }
  };
  // a failure of the source takes its turn behind the chunks that came before it
  void produce()
    .catch((error: unknown) => window.push(Promise.reject(error as Error)))
    .finally(() => window.end());

  try {
    if (output.bytes === 0) await record.timeWrite(output.write(assembler.head()));
    while (enough === undefined) {
      const scored = await window.next();
      if (scored === undefined) break;
      await commit(parts, scored);
      enough = enoughOf(accounting, options, watch);
      // what is over soon needs no checkpoint, and a chunk of which a limit took only a part is none to go on behind
      if (enough === undefined) await checkpointer.committed(scored.index);
      window.release();
    }
  } finally {
    watch?.end();
    window.end(); // whoever waits for room need not any more
  }
  await checkpointer.settle('over');
  if (enough === 'gates') return 'gates';
  await record.timeWrite(output.write(assembler.tail()));
  return enough === 'rejects' ? 'rejects' : 'whole';
}

/** Why no more rows are wanted; undefined while they are. */
function enoughOf(
  { rejected, rowsIn }: Accounting,
  { maxRejects = DEFAULT_MAX_REJECTS, limit }: ScoreOptions,
  watch: GateWatch | undefined,
): 'limit' | 'rejects' | 'gates' | undefined {
  if (watch?.verdicts !== undefined) return 'gates';
  if (isHopeless(rejected, maxRejects)) return 'rejects';
  return limit !== undefined && rowsIn >= limit ? 'limit' : undefined;
}

/** One scored chunk to the output and the rejects file, in input order, and into the accounts. */
async function commit(parts: StreamParts, { result, context }: ScoredChunk): Promise<void> {
  const { assembler, output, rejects, accounting, pool, splitter, record, watch } = parts;
  const rejected = accounting.add(result);
  watch?.counted(result, rejected);
  await rejects.write(rejected);
  for (const piece of assembler.place(result.encoded, context)) await record.timeWrite(output.write(piece));
  pool.recycle(result.encoded.bytes.buffer as ArrayBuffer);
  splitter.recycle(result.chunkBuffer);
  record.progress(accounting);
}
