import type { Contract } from '../contract/contract.js';
import { checkArrowBinding } from '../format/arrow/binding.js';
import { loadContract } from '../contract/load.js';
import { ContractError } from '../errors/errors.js';
import type { Chunk } from '../format/format.js';
import { chooseBlockRows } from '../model/blocks.js';
import { layoutOf } from '../model/layout-of.js';
import { loadModel, type LoadedModel } from '../model/load.js';
import { planOutputs } from '../model/outputs.js';
import type { Closers } from './closers.js';
import { checkFit } from './contract-fit.js';
import { expectations } from './expectations.js';
import { asUnusable } from './fallback-errors.js';
import { forFallback, isFor } from './fallback.js';
import type { Lookahead } from './lookahead.js';
import type { ScoreOptions } from './options.js';
import { bindColumns, contractOutputs, decisionOptions, type Plan, type PlanRequest } from './plan.js';
import { probeWidths } from './probe.js';
import type { RowFallbackSetup } from './protocol.js';

/** A model that scores single rows in the place of another, with its contract. */
export interface LoadedFallback {
  readonly model: LoadedModel;
  readonly contract: Contract | undefined;
}

/** The fallback for single rows, where there is one. Throws `fallback-unusable`. */
export async function loadRowFallback(options: ScoreOptions): Promise<LoadedFallback | undefined> {
  const { fallback } = options;
  if (fallback === undefined || !isFor(fallback, 'rows')) return undefined;
  try {
    const model = await loadModel(fallback.model, options.maxModelBytes);
    return { model, contract: await loadContract(undefined, model.path, model.sha256) };
  } catch (error) {
    throw asUnusable(error, fallback.model);
  }
}

/**
 * Plans how the fallback reads the same input, and proves that it has every column of the model's output.
 *
 * @throws `fallback-unusable`; ContractError `fallback-columns`.
 */
export async function planRowFallback(
  request: PlanRequest,
  { model, contract }: LoadedFallback,
  { plan, chunks, closers }: { readonly plan: Plan; readonly chunks: Lookahead<Chunk>; readonly closers: Closers },
): Promise<RowFallbackSetup> {
  try {
    const options = forFallback(request.options, model.kind !== 'model');
    const asked: PlanRequest = { ...request, options, model, contract, widths: undefined };
    const own: PlanRequest = { ...asked, widths: await probeWidths(asked, chunks, closers) };
    const binding = bindColumns(own);
    const layout = layoutOf(binding, [], expectations(contract, options));
    checkFit(layout, contract);
    if (request.decoder.format === 'arrow') checkArrowBinding(request.schema, layout);
    const said = contractOutputs(own);
    const outputs = planOutputs(model.signature, { ...said, ...decisionOptions(options) });
    const missing = plan.outputs.fields.filter(({ name }) => !outputs.fields.some((field) => field.name === name)).map(({ name }) => name);
    if (missing.length > 0) throw missingColumns(missing, outputs.fields.map(({ name }) => name), model.path); // prettier-ignore
    return {
      modelBytes: model.bytes,
      modelPath: model.path,
      signature: model.signature,
      mixers: model.mixers,
      threads: 1,
      binding,
      outputs,
      goldenOutputs: planOutputs(model.signature, said),
      layout,
      // rules judge each row by itself: a larger block would only be padding
      blockRows: model.kind === 'model' ? chooseBlockRows(model.signature, binding, options.batchRows) : 1,
      decoder: request.decoder,
      golden: contract?.golden ?? [],
      contractPath: contract?.path,
    };
  } catch (error) {
    throw asUnusable(error, model.path);
  }
}

function missingColumns(missing: readonly string[], found: readonly string[], path: string): ContractError {
  const names = missing.map((name) => `"${name}"`).join(', ');
  return new ContractError('fallback-columns', `the fallback does not give ${names}, which the model gives: it gives ${found.join(', ')}`, {
    place: { file: path },
    details: { missing, found },
    fix: 'Give it outputs of these names (docs/rules.md says how), or leave rows out of --fallback-on.',
  });
}
