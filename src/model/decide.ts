import type { ElementArray } from '../batch/element.js';
import { float16Bits, float16Value } from '../batch/float16.js';
import { ModelError } from '../errors/errors.js';
import type { Block } from './blocks.js';
import { copyColumn } from './copy-column.js';
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
  const openPlaceReader = openPlaces(labels);
  const written = names?.map((name) => typed(name, type));
  const asIs = by === 'model' && written === undefined;
  let contradictions = 0;
  return {
    put(outputs, block, into, undecided) {
      const target = into as unknown as unknown[];
      const labelled = label === undefined ? undefined : outputs[label]?.values;
      const scores = matrix === undefined ? undefined : outputs[matrix];
      const placeOf = labelled === undefined ? undefined : openPlaceReader(labelled);
      if (asIs && labelled !== undefined) copyColumn(labelled, 1, 0, block, into);
      if (asIs && scores === undefined) return;
      for (let row = 0; row < block.rows; row++) {
        if (block.bad.size > 0 && block.bad.has(block.at + row)) continue;
        const best = scores === undefined ? undefined : bestColumn(scores, row);
        const place = placeOf?.(row);
        // A tie is no contradiction: the label may be any of the largest.
        if (scores !== undefined && best !== undefined && place !== undefined && scoreAt(scores, row, place) < scoreAt(scores, row, best))
          contradictions++;
        if (asIs) continue;
        if (by !== 'model' && scores !== undefined && hasNaN(scores, row)) {
          undecided.set(block.at + row, `the model gave NaN for a probability, and the class is decided from the probabilities`);
          continue;
        }
        const decided = by === 'model' ? place : by === 'argmax' ? best : thresholded(scores, row);
        target[block.at + row] = nameOf(decided, labelled, row);
      }
    },
    contradictions: () => contradictions,
  };

  function thresholded(scores: TensorData | undefined, row: number): number {
    const score = scores === undefined ? NaN : scoreAt(scores, row, decision.positive);
    return score >= inPrecisionOf(scores?.type, decision.threshold) ? decision.positive : 1 - decision.positive;
  }

  function nameOf(place: number | undefined, labelled: ElementArray | undefined, row: number): unknown {
    const name = place === undefined ? undefined : written?.[place];
    if (name !== undefined) return name;
    if (place !== undefined && names?.length === 0) return typed(String(place), type);
    throw new ModelError(
      'unknown-label',
      `the model gave label ${JSON.stringify(String(labelled?.[row]))}, which is none of its ${names?.length ?? 0} classes`,
      {
        fix: "Correct the contract's classes, or set the contract aside with --contract none.",
      },
    );
  }
}

/** Whole-numbered labels below it, nearly all there are, find their place in an array. */
const SMALL = 256;

/** The place among the classes of a row's label; undefined where it is none of them. */
type PlaceReader = (row: number) => number | undefined;

/** Finds classes by the texts of their labels, in order; where there are none labels are places themselves. */
function openPlaces(labels: readonly string[] | undefined): (labelled: ElementArray) => PlaceReader {
  const places = labels === undefined ? undefined : new Map(labels.map((text, index) => [text, index]));
  const lookUp = (own: unknown): number | undefined => (places === undefined ? Number(own) : places.get(String(own)));
  const small = Array.from({ length: SMALL }, (_, label) => lookUp(label));
  return (labelled) => {
    if (!(labelled instanceof BigInt64Array)) return (row) => lookUp(labelled[row]);
    const words = new Int32Array(labelled.buffer, labelled.byteOffset, labelled.length * 2);
    return (row) => {
      const low = words[2 * row] as number;
      return words[2 * row + 1] === 0 && low >= 0 && low < SMALL ? small[low] : lookUp(labelled[row]);
    };
  };
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
