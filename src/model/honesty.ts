import type { Batch } from '../batch/batch.js';
import { ModelError, ScorelineError } from '../errors/errors.js';
import type { BoundInput } from './bind.js';
import type { RowPick } from './block-tensors.js';
import { findDisagreement, type Disagreement } from './check-outputs.js';
import { checkTensors, chooseRows } from './check-rows.js';
import { quoted } from './read-file.js';
import { cleanRuntimeMessage } from './runtime-message.js';
import type { TensorData } from './session.js';
import type { Signature } from './signature.js';

/** Of a model whose graph keeps rows apart, one block in so many is scored a second time. */
export const CHECK_EVERY = 64;

export interface HonestyOptions {
  readonly modelPath: string;
  readonly signature: Signature;
  readonly inputs: readonly BoundInput[];
  /** Operators that may mix rows, as rowMixers names them: where there is one, every block is scored a second time. */
  readonly mixers: readonly string[];
  /** Score every block a second time, whatever the graph says: for a model that gets few rows. Default: false. */
  readonly everyBlock?: boolean;
}

/** A block that has just been scored. */
export interface ScoredBlock {
  readonly batch: Batch;
  /** Its tensor rows; a good one stands in the place of one that failed. */
  readonly pick: RowPick;
  readonly size: number;
  /** Index of the chunk in the run, and of the block in the chunk: what decides whether it is checked. */
  readonly chunk: number;
  readonly block: number;
  readonly outputs: readonly TensorData[];
  /** Scores tensors of the same size. */
  readonly run: (inputs: readonly TensorData[]) => Promise<readonly TensorData[]>;
  /** Scores the same block once more. */
  readonly again: () => Promise<readonly TensorData[]>;
}

/** Finds models whose result for a row hangs on other rows, on its place, or on chance. One per worker. */
export interface HonestyCheck {
  /**
   * Scores the block a second time in other company, if it is one of the sample, and compares row by row. Throws ModelError `rows-mixed`,
   * `not-deterministic` or `rows-changed`.
   */
  check(block: ScoredBlock): Promise<void>;
  /** Blocks that were compared so far. */
  checkedBlocks(): number;
}

/**
 * Opens the check of a session. The first block of the run that holds two different rows is always compared (looked for in its first chunk), and of the
 * others a sample; every one of them where the graph itself gives reason for doubt. Which they are depends on the chunks, not on the workers.
 */
export function openHonestyCheck(options: HonestyOptions): HonestyCheck {
  const { inputs, mixers, everyBlock = false } = options;
  let proven = false; // that the run's first rows are kept apart
  let checked = 0;
  return {
    async check(block) {
      const { batch, pick, size, chunk } = block;
      const first = chunk === 0 && !proven;
      const every = (everyBlock || mixers.length > 0) && size > 1;
      if (!first && !every && !isSampled(chunk, block.block)) return;
      const choice = chooseRows(batch, inputs, pick, size);
      const second = await runAgain(block, checkTensors(batch, inputs, pick, choice), choice.distinct);
      if (second === undefined) return;
      checked++;
      const changed = second.findIndex((tensor, index) => tensor.dims.join() !== block.outputs[index]?.dims.join());
      if (changed >= 0) throw rowsChanged(options, changed);
      const found = findDisagreement(block.outputs, second, choice.sources);
      if (found !== undefined) throw await verdict(options, block, found);
      proven ||= choice.distinct || size === 1;
    },
    checkedBlocks: () => checked,
  };
}

/** The sample: one block in CHECK_EVERY, spread by a hash so that no period of the data can hide from it. */
export function isSampled(chunk: number, block: number): boolean {
  let hash = Math.imul(chunk + 1, 0x9e3779b1) ^ Math.imul(block + 1, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return ((hash ^ (hash >>> 13)) >>> 0) % CHECK_EVERY === 0;
}

/** Rows that have just been scored do not fail in other company, unless the company matters; made-up rows may. */
async function runAgain(block: ScoredBlock, tensors: readonly TensorData[], real: boolean): Promise<readonly TensorData[] | undefined> {
  try {
    return await block.run(tensors);
  } catch (error) {
    if (error instanceof ScorelineError) throw error;
    if (!real) return undefined;
    const reason = cleanRuntimeMessage(error);
    throw new ModelError('runtime-failed', `the model failed on rows that it had scored in other company: ${reason}`, {
      fix: 'A score may depend on its own row alone: check the model with onnx.checker.check_model in Python, and export it again.',
      details: { reason },
      cause: error,
    });
  }
}

/** The same block again: does it give what it gave? Then the company of a row matters; else chance does. */
async function verdict(options: HonestyOptions, block: ScoredBlock, found: Disagreement): Promise<ModelError> {
  const { modelPath, signature, mixers } = options;
  const own = Int32Array.from({ length: block.size }, (_, row) => row);
  const again = findDisagreement(block.outputs, await block.again(), own);
  const output = quoted(signature.outputs[found.output]?.name ?? '');
  const context = {
    place: { file: modelPath },
    details: { output: signature.outputs[found.output]?.name, column: found.column, first: found.expected, second: found.found, operators: mixers },
  };
  if (again !== undefined) {
    return new ModelError(
      'not-deterministic',
      `model ${quoted(modelPath)} scores the same rows differently each time: output ${output} changed when a block of rows was scored again`,
      { ...context, fix: 'Export the model for inference: without random operators, and with dropout switched off.' },
    );
  }
  const culprits = mixers.length === 0 ? '' : `; operators that may do so: ${mixers.join(', ')}`;
  return new ModelError(
    'rows-mixed',
    `model ${quoted(modelPath)} mixes rows: output ${output} of a row changed when it was scored among other rows, or at another place${culprits}`,
    { ...context, fix: 'A score may depend on its own row alone: export the model without operators that merge, sort, filter or count rows.' },
  );
}

function rowsChanged({ modelPath, signature }: HonestyOptions, output: number): ModelError {
  const name = signature.outputs[output]?.name ?? '';
  return new ModelError('rows-changed', `model ${quoted(modelPath)} gives output ${quoted(name)} in another shape when its rows change`, {
    place: { file: modelPath },
    fix: 'A model that scores rows gives one result a row: export it without operators that merge, filter or repeat rows.',
    details: { output: name },
  });
}
