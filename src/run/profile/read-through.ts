import { judgeEnd, type RejectLimit } from '../../check/limits.js';
import { InputError } from '../../errors/errors.js';
import type { Chunk, Splitter } from '../../format/format.js';
import type { Accounting } from '../accounting.js';
import type { Pool } from '../pool.js';
import type { ChunkResult } from '../protocol.js';
import { DEFAULT_MAX_REJECTS } from '../settings.js';
import { OrderedWindow } from '../window.js';

/** Workers that are ready, and what they are to read. */
export interface Reading {
  readonly chunks: AsyncIterable<Chunk>;
  /** Chunks under way at most. */
  readonly inFlight: number;
  readonly pool: Pick<Pool, 'run'>;
  readonly splitter: Pick<Splitter, 'recycle'>;
}

/** Takes every chunk of the data through a worker, and gives what became of each, in input order. Throws what reading and workers throw. */
export async function readThrough({ chunks, inFlight, pool, splitter }: Reading, take: (result: ChunkResult) => void): Promise<void> {
  const window = new OrderedWindow<ChunkResult>(inFlight);
  const produce = async (): Promise<void> => {
    for await (const chunk of chunks) {
      await window.room();
      if (window.ended) break;
      window.push(pool.run(chunk));
    }
  };
  void produce().catch((error: unknown) => window.push(Promise.reject(error as Error))).finally(() => window.end()); // prettier-ignore
  try {
    for (let result = await window.next(); result !== undefined; result = await window.next()) {
      take(result);
      splitter.recycle(result.chunkBuffer);
      window.release();
    }
  } finally {
    window.end();
  }
}

/** Was there enough to say what the data is like? Throws InputError `too-many-rejects`, `no-rows`. */
export function judgeData(accounting: Accounting, maxRejects: RejectLimit | undefined, file: string): void {
  const { rowsIn, rejected, scored, firstReject: first } = accounting;
  judgeEnd({ rowsIn, rejected, stoppedEarly: false }, { maxRejects: maxRejects ?? DEFAULT_MAX_REJECTS, expectRows: undefined, allowEmpty: true, file, rejectsPath: undefined, first, keepsRejects: false }); // prettier-ignore
  if (scored > 0) return;
  const found = rowsIn === 0 ? 'a header and no row' : `${rowsIn} row${rowsIn === 1 ? '' : 's'}, each of them rejected`;
  throw new InputError('no-rows', `found ${found}, and nothing to profile`, {
    place: { file },
    fix: 'Profile the rows that the model was trained on.',
  });
}
