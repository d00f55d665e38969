import type { ElementArray } from '../batch/element.js';
import { float16Bits, float16Value } from '../batch/float16.js';
import { ModelError } from '../errors/errors.js';
import type { Block } from './blocks.js';
import type { Decision } from './decision.js';
import type { TensorData } from './session.js';

/** Writes `prediction` block by block, and counts labels that contradict the model's own probabilities. */
export interface Decider {
  /** Rows of the block for which nothing can be decided go into `undecided`, with the reason. */
  put(outputs: readonly TensorData[], block: Block, into: ElementArray, undecided: Map<number, string>): void;
  contradictions(): number;
}

/** Opens the decider of a plan. */
export function openDecider(decision: Decision): Decider {
  const { by, label, matrix, labels, names, type } = decision;
  const places = labels === undefined ? undefined : new Map(labels.map((text, index) => [text, index]));
  const written = names?.map((name) => typed(name, type));
  let contradictions = 0;
  return {
    put(outputs, block, into, undecided) {
      const target = into as unknown as unknown[];
      const labelled = label === undefined ? undefined : outputs[label]?.values;
      const scores = matrix === undefined ? undefined : outputs[matrix];
      for (let row = 0; row < block.rows; row++) {
        if (block.bad.has(block.at + row)) continue;
        const best = scores === undefined ? undefined : bestColumn(scores, row);
        const own = labelled?.[row];
        const place = own === undefined ? undefined : placeOf(own);
        // A tie is no contradiction: the label may be any of the largest.
        if (scores !== undefined && best !== undefined && place !== undefined && scoreAt(scores, row, place) < scoreAt(scores, row, best))
          contradictions++;
        if (by !== 'model' && scores !== undefined && hasNaN(scores, row)) {
          undecided.set(block.at + row, `the model gave NaN for a probability, and the class is decided from the probabilities`);
          continue;
        }
        if (by === 'model' && written === undefined) target[block.at + row] = own;
        else target[block.at + row] = nameOf(by === 'model' ? place : by === 'argmax' ? best : thresholded(scores, row), own);
      }
    },
    contradictions: () => contradictions,
  };

  function placeOf(own: unknown): number | undefined {
    return places === undefined ? Number(own) : places.get(String(own));
  }

  function thresholded(scores: TensorData | undefined, row: number): number {
    const score = scores === undefined ? NaN : scoreAt(scores, row, decision.positive);
    return score >= inPrecisionOf(scores?.type, decision.threshold) ? decision.positive : 1 - decision.positive;
  }

  function nameOf(place: number | undefined, own: unknown): unknown {
    const name = place === undefined ? undefined : written?.[place];
    if (name !== undefined) return name;
    if (place !== undefined && names?.length === 0) return typed(String(place), type);
    throw new ModelError('unknown-label', `the model gave label ${JSON.stringify(String(own))}, which is none of its ${names?.length ?? 0} classes`, {
      fix: "Correct the contract's classes, or set the contract aside with --contract none.",
    });
  }
}

/** A probability of 0.7 is reached from 0.7 on, though the float32 nearest to 0.7 is a little less than the double. */
function inPrecisionOf(type: TensorData['type'] | undefined, threshold: number): number {
  if (type === 'float16') return float16Value(float16Bits(threshold));
  return type === 'float32' ? Math.fround(threshold) : threshold;
}

function hasNaN(scores: TensorData, row: number): boolean {
  const width = scores.dims[1] ?? 1;
  for (let column = 0; column < width; column++) if (Number.isNaN(scoreAt(scores, row, column))) return true;
  return false;
}

/** The first of the largest columns; NaN is never the largest. */
function bestColumn(scores: TensorData, row: number): number {
  const width = scores.dims[1] ?? 1;
  let best = 0;
  for (let column = 1; column < width; column++) {
    const candidate = scoreAt(scores, row, column);
    const held = scoreAt(scores, row, best);
    if (candidate > held || (Number.isNaN(held) && !Number.isNaN(candidate))) best = column;
  }
  return best;
}

function scoreAt({ type, dims, values }: TensorData, row: number, column: number): number {
  const value = Number(values[row * (dims[1] ?? 1) + column]);
  return type === 'float16' ? float16Value(value) : value;
}

function typed(name: string, type: Decision['type']): string | number | bigint {
  if (type === 'string') return name;
  return type === 'int64' || type === 'uint64' ? BigInt(name) : Number(name);
}
