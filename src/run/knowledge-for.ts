import type { Contract } from '../contract/contract.js';
import type { Binding } from '../model/bind.js';
import { knownOf, type Known } from '../model/knowledge/known-of.js';
import { readKnowledge } from '../model/knowledge/read.js';
import type { LoadedModel } from '../model/load.js';

/** To read a larger graph once more takes longer than a small input. */
const LARGEST_BYTES = 8 << 20;

/** What the graph knows of each field, for a run whose contract has no schema and no baseline. Trees alone know nothing that a run is compared with. */
export function knowledgeFor(model: LoadedModel, binding: Binding, contract: Contract | undefined): readonly (Known | undefined)[] {
  if (contract?.schema !== undefined || contract?.baseline !== undefined) return [];
  return model.knows && model.bytes.length <= LARGEST_BYTES ? knownOf(binding, readKnowledge(model)) : [];
}
