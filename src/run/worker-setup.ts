import type { ObservedResult } from '../check/observe.js';
import type { Contract } from '../contract/contract.js';
import type { DecoderSetup } from '../format/format.js';
import type { CodedModel } from '../model/codes/code-strings.js';
import { codedLayout } from '../model/layout-of.js';
import type { LoadedModel } from '../model/load.js';
import { profileSpec } from '../profile/spec.js';
import type { ScoreOptions } from './options.js';
import type { Plan } from './plan.js';
import type { RowFallbackSetup, StringsSetup, WorkerSetup } from './protocol.js';

/** What every worker is told at its start. */
export function workerSetup(from: {
  readonly options: ScoreOptions;
  readonly model: LoadedModel;
  readonly contract: Contract | undefined;
  readonly plan: Plan;
  readonly decoder: DecoderSetup;
  readonly fallback?: RowFallbackSetup | undefined;
}): WorkerSetup & { readonly results: readonly ObservedResult[] } {
  const { options, model, contract, plan, decoder, fallback } = from;
  const results = plan.outputs.fields.map((field) => ({
    field,
    classes: field.name === `${options.prefix ?? ''}prediction` ? plan.outputs.classes : undefined,
  }));
  return {
    sessionKey: `${model.sha256} ${plan.threads}`,
    modelBytes: model.bytes,
    joins: undefined,
    modelPath: model.path,
    signature: model.signature,
    mixers: model.mixers,
    threads: plan.threads,
    binding: plan.binding,
    outputs: plan.outputs,
    layout: plan.layout,
    blockRows: plan.blockRows,
    decoder,
    encoder: plan.encoder,
    golden: contract?.golden ?? [],
    contractPath: contract?.path,
    goldenOutputs: plan.goldenOutputs,
    results,
    kpis: contract?.kpi === undefined ? undefined : { rules: contract.kpi, prefix: options.prefix ?? '' },
    profile: isProfiled(options, contract, plan) ? profileSpec(plan.layout, results, { baseline: contract?.baseline }) : undefined,
    byFallback: options.insteadOf !== undefined,
    ...(fallback === undefined ? {} : { fallback }),
    ...(options.scoredBy === undefined ? {} : { scoredBy: options.scoredBy }),
  };
}

function isProfiled({ profile = 'auto', gates = [] }: ScoreOptions, contract: Contract | undefined, { known }: Plan): boolean {
  if (profile !== 'auto') return profile === 'always';
  return contract?.baseline !== undefined || gates.length > 0 || known.some((each) => each?.categories !== undefined || each?.mean !== undefined);
}

/** What is another in a worker's setup where it runs the model with coded strings. */
export function codedSetup({ sessionKey, layout, binding }: WorkerSetup, { bytes, codes, joins }: CodedModel): StringsSetup {
  return { sessionKey: `${sessionKey} coded`, modelBytes: bytes, joins, layout: codedLayout(layout, binding, codes) };
}
