import type { Layout } from '../batch/layout.js';
import type { RowReject } from '../batch/reject.js';
import type { KpiRules } from '../check/kpi.js';
import type { Observation, ObservedResult } from '../check/observe.js';
import type { GoldenRow } from '../contract/contract.js';
import type { PlainError } from '../errors/transfer.js';
import type { Chunk, ChunkContext, DecoderSetup, EncodedChunk, EncoderSetup } from '../format/format.js';
import type { Binding } from '../model/bind.js';
import type { Joins } from '../model/joined-input.js';
import type { OutputPlan } from '../model/outputs.js';
import type { Signature } from '../model/signature.js';
import type { ProfileSpec } from '../profile/spec.js';
import type { Survey, SurveySetup } from './profile/sample.js';
import type { StudyDelta, StudySetup } from './profile/study.js';

/** All that a worker needs to know, once. Plain data. */
export interface WorkerSetup {
  /** Names the session that the worker needs: the same key, the same bytes of a model and the same threads. */
  readonly sessionKey: string;
  /** The model as it is run: ZipMap rewritten, and strings coded where the layout says so. Empty for a worker that has the session already. */
  readonly modelBytes: Uint8Array;
  /** Where its strings are coded: what it takes in the place of some inputs of the signature. */
  readonly joins: Joins | undefined;
  readonly modelPath: string;
  readonly signature: Signature;
  /** Operators of the graph that may mix rows. */
  readonly mixers: readonly string[];
  readonly threads: number;
  readonly binding: Binding;
  readonly outputs: OutputPlan;
  readonly layout: Layout;
  readonly blockRows: number;
  readonly decoder: DecoderSetup;
  readonly encoder: EncoderSetup;
  /** Only one worker proves the golden rows. */
  readonly golden: readonly GoldenRow[];
  readonly contractPath: string | undefined;
  /** The outputs as contract and model alone have them: what golden rows are compared with, whatever the command line prefers. */
  readonly goldenOutputs: OutputPlan;
  /** By result column: what may be observed of it. */
  readonly results: readonly ObservedResult[];
  /** Business figures of the contract, and what stands before the names of result columns; undefined where there are none. */
  readonly kpis: { readonly rules: KpiRules; readonly prefix: string } | undefined;
  /** Undefined: no profile is kept. */
  readonly profile: ProfileSpec | undefined;
  /** What scores the rows that the model cannot; undefined: nothing does. */
  readonly fallback?: RowFallbackSetup;
  /** The model itself is a fallback, in the place of another run. */
  readonly byFallback?: boolean;
  /** Name of the column that says what scored a row. */
  readonly scoredBy?: string;
  /** In the place of an output: what the worker looks at of training data. */
  readonly survey?: SurveySetup;
}

/** A second model for single rows: what of a setup is its own. */
export type RowFallbackSetup = Pick<
  WorkerSetup,
  | 'modelBytes'
  | 'modelPath'
  | 'signature'
  | 'mixers'
  | 'threads'
  | 'binding'
  | 'outputs'
  | 'goldenOutputs'
  | 'layout'
  | 'blockRows'
  | 'decoder'
  | 'golden'
  | 'contractPath'
>;

/** In the place of a model: data is only looked at. */
export interface StudyStart {
  readonly study: StudySetup;
  readonly layout: Layout;
}

/** What a worker thread starts with. */
export interface WorkerStart {
  readonly setup: WorkerSetup | StudyStart;
  /** Shared; 1 in its first element: chunks that still wait are passed over. */
  readonly stop: Int32Array;
}

/** Main to worker: one chunk to take through decode, check, score and encode. The buffers are transferred. */
export interface ChunkTask {
  readonly chunk: Omit<Chunk, 'context'>;
  /** Only where the worker does not have it yet. */
  readonly context: ChunkContext | undefined;
  /** A buffer of an earlier result, to be used again. */
  readonly spare: ArrayBuffer | undefined;
  /** Take only this many records of the chunk. */
  readonly maxRecords: number | undefined;
}

/** Main to worker: score the first rows of a chunk by the worker's own model, whose strings are coded, and by the model itself. The buffers are copied. */
export interface ProofTask {
  readonly prove: true;
  readonly chunk: Chunk;
  readonly texts: StringsSetup;
}

/** What hangs on the way that strings are handed to the model. */
export type StringsSetup = Pick<WorkerSetup, 'sessionKey' | 'modelBytes' | 'layout' | 'joins'>;

export interface StageSeconds {
  readonly decode: number;
  readonly check: number;
  readonly score: number;
  readonly encode: number;
}

/** Worker to main: what became of a chunk. */
export interface ChunkResult {
  readonly encoded: EncodedChunk;
  /** The chunk's own buffer, back for the splitter. */
  readonly chunkBuffer: ArrayBuffer;
  readonly chunkOffset: number;
  readonly chunkBytes: number;
  readonly records: number;
  readonly scored: number;
  readonly lines: number;
  /** Positions relative to the chunk. */
  readonly rejects: readonly RowReject[];
  /** Of the rows scored, those that the fallback scored. */
  readonly byFallback: number;
  readonly observation: Observation;
  /** Labels that contradict their own probabilities. */
  readonly contradictions: number;
  /** Blocks that were scored a second time to compare. */
  readonly checkedBlocks: number;
  /** The byte decoder left the chunk to csv-parse. */
  readonly declined: boolean;
  readonly survey?: Survey;
  readonly study?: StudyDelta;
  readonly seconds: StageSeconds;
}

export type FromWorker =
  | { readonly kind: 'ready'; readonly runtime: string; readonly seconds: number }
  | { readonly kind: 'proof'; readonly equal: boolean }
  | { readonly kind: 'done'; readonly result: ChunkResult }
  | { readonly kind: 'failed'; readonly error: PlainError };
