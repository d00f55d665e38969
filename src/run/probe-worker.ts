import { parentPort, workerData } from 'node:worker_threads';
import { Batch } from '../batch/batch.js';
import { packError } from '../errors/transfer.js';
import { openDecoder } from '../format/open.js';
import { openScorer } from '../model/blocks.js';
import { observeWidths } from '../model/collect.js';
import { openOrtSession } from '../model/ort-session.js';
import type { ProbeAnswer, ProbeSetup } from './probe.js';

/** Scores one chunk to see how wide the outputs are, and nothing else. */
async function probe(setup: ProbeSetup): Promise<ProbeAnswer> {
  const decoder = await openDecoder(setup.decoder, setup.layout);
  const batch = new Batch(setup.layout);
  if (setup.chunk.context !== undefined) decoder.setContext(setup.chunk.context);
  decoder.decode(setup.chunk, batch);
  const seen = observeWidths(setup.signature);
  if (batch.rows === 0) return { widths: {} };
  const session = await openOrtSession(setup.modelBytes, setup.signature, { threads: 1 });
  const scorer = openScorer(session, setup.binding, { blockRows: setup.blockRows, fixedBatch: setup.signature.fixedBatch !== undefined });
  await scorer.score(batch, seen);
  return { widths: seen.widths() };
}

probe(workerData as ProbeSetup).then(
  (answer) => parentPort?.postMessage(answer),
  (error: unknown) => parentPort?.postMessage({ error: packError(error) } satisfies ProbeAnswer),
);
