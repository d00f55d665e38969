import type { LoadedModel } from '../load.js';
import type { Signature } from '../signature.js';
import { readRules } from './read.js';
import type { RuleSet } from './rule-set.js';

/**
 * A file of rules as a model like any other: each column is an input of one value a row, each output a value.
 *
 * @throws ModelError `rules-invalid`.
 */
export function rulesModel(path: string, bytes: Uint8Array, sha256: string): LoadedModel {
  const set = readRules(bytes, path);
  return {
    ...{ path, sha256, sizeBytes: bytes.length, bytes, zipMaps: [], mixers: [], knows: false },
    signature: signatureOf(set),
    family: 'rules',
    kind: set.rules.length === 1 ? 'constant' : 'rules', // the last rule has no condition
    producer: '',
  };
}

function signatureOf({ columns, outputs }: RuleSet): Signature {
  return {
    inputs: columns.map(({ column, kind }) => ({ name: column, type: kind === 'number' ? 'float64' : 'string', shape: ['N', 1] })),
    outputs: outputs.map(({ name, kind }) => ({
      name,
      type: kind === 'number' ? 'float64' : 'string',
      shape: ['N', 1],
      role: 'value',
      classes: undefined,
    })),
    fixedBatch: undefined,
    featureNames: undefined,
  };
}
