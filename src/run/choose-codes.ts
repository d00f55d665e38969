import { codeStrings, type CodedModel } from '../model/codes/code-strings.js';
import { readLate, type LoadedModel } from '../model/load.js';
import type { Signature } from '../model/signature.js';
import type { StringFigures } from '../journal/record.js';
import type { ScoreOptions } from './options.js';
import type { Proof } from './proven-pool.js';

/** A smaller input is scored before a second session and the proof have paid for themselves. */
const LEAST_BYTES = 16 << 20;
/** A larger model spends its time elsewhere than on strings, and a second session of it takes memory that the plan has given to the first ones. */
const LARGEST_MODEL_BYTES = 64 << 20;

/**
 * The model with its strings coded, where it has such inputs as can be and the input is large, or of unknown size; not yet proven to give the same. Not for rows that
 * trickle in: the proof waits for the first of them, and they are too few to gain by it.
 */
export function chooseCodes(options: ScoreOptions, model: LoadedModel, inputBytes: number | undefined): CodedModel | undefined {
  const choice = options.stringCodes ?? 'auto';
  if (model.kind !== 'model') return undefined; // there is no graph
  if (choice === 'never' || !model.signature.inputs.some(({ type }) => type === 'string')) return undefined;
  if (choice === 'auto' && model.sizeBytes > LARGEST_MODEL_BYTES) return undefined;
  if (choice === 'auto' && (options.flushMs !== undefined || (inputBytes !== undefined && inputBytes < LEAST_BYTES))) return undefined;
  return readLate(model.path, () => codeStrings(model.bytes)).model;
}

/** How a run handed strings to its model, for the journal; undefined for a model without string inputs. */
export function stringFigures({ inputs }: Signature, coded: CodedModel | undefined, proof: Proof): StringFigures | undefined {
  const strings = inputs.filter(({ type }) => type === 'string');
  if (strings.length === 0) return undefined;
  return { inputs: strings.length, coded: proof === 'equal' ? Object.keys(coded?.codes ?? {}).length : 0, proof: proof === 'none' ? null : proof };
}
