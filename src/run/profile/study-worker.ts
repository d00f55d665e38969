import { Batch } from '../../batch/batch.js';
import { emptyObservation } from '../../check/observe.js';
import { openDecoder } from '../../format/open.js';
import type { ChunkResult, ChunkTask, StudyStart } from '../protocol.js';
import { Study } from './study.js';

/** What a worker does without a model: decode, and look. */
export interface StudyWorker {
  work(task: ChunkTask): Promise<ChunkResult>;
  close(): Promise<void>;
}

export async function openStudyWorker({ study: setup, layout }: StudyStart): Promise<StudyWorker> {
  const decoder = await openDecoder(setup.decoder, layout);
  const [batch, study] = [new Batch(layout), new Study(setup)];
  const work = ({ context, chunk, maxRecords }: ChunkTask): ChunkResult => {
    const begun = performance.now();
    if (context !== undefined) decoder.setContext(context);
    decoder.decode(chunk, batch, maxRecords);
    const decoded = performance.now();
    const delta = study.take(batch);
    const { records, rejects, lines } = batch;
    return {
      encoded: { bytes: new Uint8Array(0), rows: records },
      chunkBuffer: chunk.bytes.buffer as ArrayBuffer,
      chunkOffset: chunk.offset,
      chunkBytes: chunk.sourceBytes ?? chunk.bytes.length,
      records,
      scored: records - rejects.length,
      byFallback: 0,
      lines,
      rejects,
      observation: emptyObservation(layout, []),
      contradictions: 0,
      checkedBlocks: 0,
      declined: decoder.declines,
      study: delta,
      seconds: { decode: (decoded - begun) / 1e3, check: (performance.now() - decoded) / 1e3, score: 0, encode: 0 },
    };
  };
  return { work: async (task) => Promise.resolve(work(task)), close: () => Promise.resolve() };
}
