import { ModelError } from '../errors/errors.js';
import type { Chunk } from '../format/format.js';
import type { Closers } from './closers.js';
import type { Lookahead } from './lookahead.js';
import { Pool } from './pool.js';
import type { WorkerSetup } from './protocol.js';

/** Workers for either way of handing strings to the model. */
export interface PoolRequest {
  readonly workers: number;
  /** With the model itself. */
  readonly texts: WorkerSetup;
  /** With its strings coded; undefined where there are none to be coded. */
  readonly coded: WorkerSetup | undefined;
  readonly closers: Closers;
}

/** What became of the proof; `none`: there was nothing to prove. */
export type Proof = 'equal' | 'different' | 'none';

/** Workers that are starting. */
export interface StartingPool {
  /** Resolves when they have their sessions and the golden rows are proven; looks at the first chunk where there is something to prove. Throws ModelError. */
  ready(chunks: Lookahead<Chunk>): Promise<{ readonly pool: Pool; readonly proof: Proof }>;
}

/**
 * Tells the workers of a run what to do. Those with coded strings are used only if they are proven, on the first rows, to give what the model itself gives;
 * otherwise, and where anything at all goes wrong with that model, others start in their place, and what they say holds. Nothing has been scored by then.
 */
export function startPool(pool: Pool, { workers, texts, coded, closers }: PoolRequest): StartingPool {
  pool.start(workers, coded ?? texts);
  return {
    async ready(chunks) {
      if (coded === undefined) {
        await pool.ready();
        return { pool, proof: 'none' };
      }
      if (await isProven(pool, texts, chunks)) return { pool, proof: 'equal' };
      await pool.close();
      const second = await closers.add(new Pool());
      second.start(workers, texts);
      await second.ready();
      return { pool: second, proof: 'different' };
    },
  };
}

async function isProven(pool: Pool, { sessionKey, modelBytes, layout, joins }: WorkerSetup, chunks: Lookahead<Chunk>): Promise<boolean> {
  try {
    await pool.ready();
    const chunk = await chunks.first().catch(() => undefined); // the stream of chunks will fail there as well
    return chunk === undefined || (await pool.prove(chunk, { sessionKey, modelBytes, layout, joins }));
  } catch (error) {
    if (error instanceof ModelError) return false;
    throw error;
  }
}
