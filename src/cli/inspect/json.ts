import type { ModelFacts } from '../../model/inspect.js';
import { adviceFor } from './advice.js';

/**
 * A model for programs: the facts as the library gives them, every key always there (null where nothing is known), `contract`, the path of the
 * one that stands beside it, and `score`, how to score with it. Keys are only ever added.
 */
export function inspectJson(model: ModelFacts, contract?: string): string {
  const outputs = model.outputs.map((output) => ({ ...output, shape: output.shape ?? null, classes: output.classes ?? null }));
  return `${JSON.stringify({ ...model, outputs, contract: contract ?? null, score: adviceFor(model, contract) }, null, 2)}\n`;
}
