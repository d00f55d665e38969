import { loadModel as readModel, type LoadedModel } from '../model/load.js';
import { isWarm } from './warm.js';

let known: LoadedModel | undefined;

/** As loadModel of src/model. In a process that stays warm the model of the run before is not parsed again where its file has the same bytes. */
export async function loadModel(path: string, maxBytes?: number): Promise<LoadedModel> {
  const model = await readModel(path, maxBytes, known);
  if (isWarm()) known = model;
  return model;
}
