import type { StatusName } from '../../errors/statuses.js';
import type { Context } from '../command.js';
import type { SettingsOf } from '../flag.js';
import type { INSPECT_FLAGS } from '../flags.js';
import { inspectJson } from '../inspect/json.js';
import { inspectText } from '../inspect/text.js';
import { missingModel } from '../score-options.js';

/** `scoreline inspect`: prints what a model wants and returns. Throws what inspectModel throws, and `missing-model`. */
export async function runInspect(settings: SettingsOf<typeof INSPECT_FLAGS>, { effects }: Context): Promise<StatusName> {
  const { model, json } = settings;
  if (model === undefined) throw missingModel('inspect', 'scoreline inspect churn.onnx');
  const facts = await effects.inspectModel(model);
  effects.stdout.write(json === true ? inspectJson(facts) : inspectText(facts, effects.stdout.columns));
  return 'ok';
}
