import { readLate, type LoadedModel } from '../load.js';
import { parseModel } from '../parse.js';
import type { Knowledge } from './knowledge.js';
import { knowledgeOf } from './walk.js';

/**
 * What a loaded model knows of its training data: see knowledgeOf. Reads the graph once more from the bytes, so that loading a model does not wait for it. Throws
 * ModelError `not-a-model` where something within the graph cannot be read.
 */
export function readKnowledge({ bytes, path, signature }: Pick<LoadedModel, 'bytes' | 'path' | 'signature'>): Knowledge[] {
  return readLate(path, () => knowledgeOf(parseModel(bytes, path), signature));
}
