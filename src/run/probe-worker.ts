import { parentPort, workerData } from 'node:worker_threads';
import { Batch } from '../batch/batch.js';
import { packError } from '../errors/transfer.js';
import type { Chunk, Decoder } from '../format/format.js';
import { openDecoder } from '../format/open.js';
import { openScorer, type Scorer } from '../model/blocks.js';
import { observeWidths } from '../model/collect.js';
import { openSession } from '../model/open-session.js';
import { LEAVE } from './leave.js';
import type { ProbeAnswer, ProbeSetup } from './probe.js';

interface Parts {
  readonly decoder: Decoder;
  readonly scorer: Scorer;
  readonly batch: Batch;
}

async function open(setup: ProbeSetup): Promise<Parts> {
  const session = await openSession(setup.modelBytes, setup.signature, { threads: 1 });
  const scorer = openScorer(session, setup.binding, { blockRows: setup.blockRows, fixedBatch: setup.signature.fixedBatch !== undefined });
  return { decoder: await openDecoder(setup.decoder, setup.layout), scorer, batch: new Batch(setup.layout) };
}

/** Scores one chunk to see how wide the outputs are, and nothing else. */
async function probe({ decoder, scorer, batch }: Parts, chunk: Chunk, signature: ProbeSetup['signature']): Promise<ProbeAnswer> {
  if (chunk.context !== undefined) decoder.setContext(chunk.context);
  decoder.decode(chunk, batch);
  if (batch.rows === 0) return { widths: undefined };
  const seen = observeWidths(signature);
  const faults = await scorer.score(batch, seen);
  return { widths: faults.size === batch.rows ? undefined : seen.widths() };
}

function listen(port: NonNullable<typeof parentPort>, setup: ProbeSetup): void {
  const parts = open(setup);
  parts.catch(() => undefined); // told to whoever asks
  let turn: Promise<void> = Promise.resolve();
  port.on('message', (message: Chunk | typeof LEAVE) => {
    turn = turn.then(async () => {
      if (message === LEAVE) {
        await parts.catch(() => undefined);
        return port.close();
      }
      const answer = await parts
        .then((ready) => probe(ready, message, setup.signature))
        .catch((error: unknown): ProbeAnswer => ({ error: packError(error) }));
      port.postMessage(answer);
    });
  });
}

if (parentPort !== null) listen(parentPort, workerData as ProbeSetup);
