import type { Contract } from '../contract/contract.js';
import { detectFormat, outputFormat } from '../format/detect.js';
import type { Assembler, Chunk, FormatName, Splitter } from '../format/format.js';
import { openAssembler, openSplitter } from '../format/open.js';
import { openSource } from '../format/open-source.js';
import type { ByteSource } from '../format/source.js';
import { DEFAULT_BLOCK_ROWS } from '../model/blocks.js';
import type { LoadedModel } from '../model/load.js';
import type { Closers } from './closers.js';
import { markInput, type Marks } from './input-mark.js';
import { lookahead, type Lookahead } from './lookahead.js';
import { thisMachine } from './machine.js';
import type { ScoreOptions } from './options.js';
import type { LoadedFallback } from './plan-fallback.js';
import { planChunkBytes, planRun, type Plan, type PlanRequest } from './plan.js';
import { probeWidths } from './probe.js';
import type { RowFallbackSetup } from './protocol.js';
import type { RunRecord } from './record.js';

/** The input of a run, opened and looked at, with what was decided for it. */
export interface Work {
  readonly source: ByteSource;
  readonly splitter: Splitter;
  /** In order; none is scored yet. */
  readonly chunks: Lookahead<Chunk>;
  readonly chunkBytes: number;
  readonly plan: Plan;
  /** What scores the rows that the model cannot. */
  readonly fallback: RowFallbackSetup | undefined;
  readonly assembler: Assembler;
}

/** An input of which only the first bytes were looked at. */
export interface OpenedInput {
  readonly source: ByteSource;
  readonly format: FormatName;
  readonly outputFormat: FormatName;
}

/**
 * Opens the input, and looks what it is. Throws the errors of openSource, detectFormat and outputFormat.
 *
 * @param hashed whether a digest of it is needed.
 */
export async function openInput(
  options: ScoreOptions,
  hashed: boolean,
  { closers, record }: Pick<WorkRequest, 'closers' | 'record'>,
): Promise<OpenedInput> {
  const source = await closers.add(await openSource(options.input, { hashed }));
  const format = await detectFormat(source, options.inputFormat);
  const written = outputFormat(typeof options.output === 'string' ? options.output : undefined, options.outputFormat, format);
  record.input = { source, format, outputFormat: written };
  return record.input;
}

export interface WorkRequest {
  readonly options: ScoreOptions;
  readonly model: LoadedModel;
  readonly contract: Contract | undefined;
  /** For rows that the model cannot score. */
  readonly fallback?: LoadedFallback | undefined;
  readonly closers: Closers;
  readonly record: RunRecord;
  /** A limit of memory that the run was given. */
  readonly memoryBytes: number | undefined;
  /** What wants to know how far the input was read when a chunk of it was cut. */
  readonly marks: Marks;
}

/** Reads header or schema of an opened input, and plans the run. Throws the errors of both, each before row one. */
export async function openWork({ source, format, outputFormat }: OpenedInput, request: WorkRequest): Promise<Work> {
  const { options, model, contract, fallback, closers, record, marks, memoryBytes } = request;
  let chunkBytes = 0;
  const splitter = await openSplitter(format, source, {
    csv: options.csv ?? {},
    nullValues: options.nullValues,
    chunkBytes: (columns) => (chunkBytes = planChunkBytes(columns, options.chunkBytes)),
    blockRows: model.signature.fixedBatch ?? options.batchRows ?? DEFAULT_BLOCK_ROWS,
    flushMs: options.flushMs,
  });
  const chunks = lookahead(markInput(splitter.chunks(), { source, decoder: splitter.decoderSetup, marks }));
  const toPlan: PlanRequest = {
    options,
    model,
    contract,
    schema: splitter.schema,
    decoder: splitter.decoderSetup,
    outputFormat,
    inputBytes: source.size,
    chunkBytes,
    machine: thisMachine(memoryBytes),
  };
  const plan = planRun({ ...toPlan, widths: await probeWidths(toPlan, chunks, closers) });
  record.plan = { ...plan, chunkBytes };
  const second = fallback && (await (await import('./plan-fallback.js')).planRowFallback(toPlan, fallback, { plan, chunks, closers }));
  return { source, splitter, chunks, chunkBytes, plan, fallback: second, assembler: await openAssembler(plan.encoder) };
}
