import type { Batch } from '../batch/batch.js';
import { ModelError, ScorelineError } from '../errors/errors.js';
import type { Binding } from './bind.js';
import { blockTensors, type RowPick } from './block-tensors.js';
import type { HonestyCheck } from './honesty.js';
import { cleanRuntimeMessage, isOutOfMemory } from './runtime-message.js';
import type { Session, TensorData } from './session.js';
import type { Signature } from './signature.js';

/** Rows of one call of the session unless the user says otherwise. */
export const DEFAULT_BLOCK_ROWS = 2048;
/** Of all inputs of one call: a larger block stays in no cache, and needs as large a chunk to be filled. */
const LARGEST_BLOCK_VALUES = 2 ** 20;

/** The rows of a block, within the batch. */
export interface Block {
  /** The first tensor row. */
  readonly at: number;
  /** Rows of the batch; the rest of the block repeats the last of them. */
  readonly rows: number;
  /** Rows that the session was given, always the same. */
  readonly size: number;
  /** Tensor rows that the runtime failed on: what stands in the outputs for them means nothing. */
  readonly bad: ReadonlyMap<number, string>;
}

/** Takes the outputs of each block, in order. */
export interface BlockSink {
  put(outputs: readonly TensorData[], block: Block): void;
}

export interface ScorerOptions {
  /** Rows of one call; the model's fixed batch where it has one. */
  readonly blockRows: number;
  /** The model takes no other number of rows. */
  readonly fixedBatch: boolean;
  /** Compares a sample of the blocks with a second scoring of the same rows. */
  readonly honesty?: HonestyCheck;
}

/** Runs batches through a session. One per worker; calls must not overlap. */
export interface Scorer {
  /**
   * Scores the rows of a batch and gives those that the runtime throws on, with what it said, by tensor row. Throws ModelError `runtime-failed` where it
   * throws and no row is at fault, `model-memory` where it runs out of memory, and what the honesty check throws. `chunk` is the batch's place in the run.
   */
  score(batch: Batch, sink: BlockSink, chunk?: number): Promise<ReadonlyMap<number, string>>;
}

/** Rows of one call: the model's fixed batch, what the user asks for, or 2,048 (for wide rows the largest power of two of at most 1M values). */
export function chooseBlockRows(signature: Signature, binding: Binding, asked?: number): number {
  if (signature.fixedBatch !== undefined) return signature.fixedBatch;
  if (asked !== undefined) return asked;
  const width = binding.inputs.reduce((sum, input) => sum + input.width, 0);
  return Math.min(DEFAULT_BLOCK_ROWS, 2 ** Math.max(0, Math.floor(Math.log2(LARGEST_BLOCK_VALUES / Math.max(1, width)))));
}

/**
 * Opens a scorer. The session always sees blocks of exactly `blockRows` rows, since its kernels give other last bits at other sizes; the last block of a
 * batch is padded with its last row (zeros or empty strings could make an encoder throw). Full blocks are views of the batch, not copies.
 */
export function openScorer(session: Session, binding: Binding, options: ScorerOptions): Scorer {
  const { inputs } = binding;
  const { blockRows, honesty } = options;
  const run = (batch: Batch, rows: RowPick, size: number): Promise<readonly TensorData[]> => session.run(blockTensors(batch, inputs, rows, size));
  return {
    async score(batch, sink, chunk = 0) {
      const bad = new Map<number, string>();
      for (let at = 0; at < batch.rows; at += blockRows) {
        const rows = Math.min(blockRows, batch.rows - at);
        const scored = await scoreBlock({ from: at, rows }, bad);
        if (scored === undefined) continue;
        const { outputs, pick } = scored;
        sink.put(outputs, { at, rows, size: blockRows, bad });
        const again = (): Promise<readonly TensorData[]> => run(batch, pick, blockRows);
        await honesty?.check({ batch, pick, size: blockRows, chunk, block: at / blockRows, outputs, run: (tensors) => session.run(tensors), again });
      }
      return bad;

      async function scoreBlock(range: Range, faults: Map<number, string>): Promise<{ outputs: readonly TensorData[]; pick: RowPick } | undefined> {
        try {
          return { outputs: await run(batch, range, blockRows), pick: range };
        } catch (error) {
          if (error instanceof ScorelineError || isOutOfMemory(error)) throw runtimeFailed(error);
          const before = faults.size;
          const probe = (part: Range): Promise<unknown> => run(batch, part, options.fixedBatch ? blockRows : part.rows);
          await bisect(range, probe, faults);
          if (faults.size === before) throw runtimeFailed(error);
        }
        const pick = rowsWithout(range, faults);
        if (pick === undefined) return undefined;
        try {
          return { outputs: await run(batch, pick, blockRows), pick };
        } catch (error) {
          throw runtimeFailed(error);
        }
      }
    },
  };
}

interface Range {
  /** The first tensor row. */
  readonly from: number;
  readonly rows: number;
}

/** Halves a range on which the runtime throws until single rows are left: those are at fault. */
async function bisect(range: Range, probe: (part: Range) => Promise<unknown>, faults: Map<number, string>): Promise<void> {
  const half = Math.ceil(range.rows / 2);
  const parts = range.rows === 1 ? [range] : [{ from: range.from, rows: half }, { from: range.from + half, rows: range.rows - half }]; // prettier-ignore
  for (const part of parts) {
    try {
      await probe(part);
    } catch (error) {
      if (error instanceof ScorelineError || isOutOfMemory(error)) throw runtimeFailed(error);
      if (part.rows > 1) await bisect(part, probe, faults);
      else faults.set(part.from, cleanRuntimeMessage(error));
    }
  }
}

/** The rows of a block with a good one in the place of each bad one; undefined where none is good. */
function rowsWithout({ from, rows }: Range, faults: ReadonlyMap<number, string>): RowPick | undefined {
  const all = Array.from({ length: rows }, (_, index) => from + index);
  const good = all.find((row) => !faults.has(row));
  return good === undefined ? undefined : { from, rows, picks: all.map((row) => (faults.has(row) ? good : row)) };
}

function runtimeFailed(cause: unknown): unknown {
  if (cause instanceof ScorelineError) return cause;
  const reason = cleanRuntimeMessage(cause);
  if (isOutOfMemory(cause)) {
    return new ModelError('model-memory', `the model asks for more memory than there is: ${reason}`, {
      fix: 'Give a smaller --batch-rows or --workers 1; a model that asks for as much for one row cannot be scored.',
      details: { reason },
      cause,
    });
  }
  return new ModelError('runtime-failed', `the model failed on a block of rows, and on none of them alone: ${reason}`, {
    fix: 'Try a smaller --batch-rows; where that fails too, check the model with onnx.checker.check_model in Python, and export it again.',
    details: { reason },
    cause,
  });
}
