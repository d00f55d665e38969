import { Worker } from 'node:worker_threads';
import { ModelError } from '../errors/errors.js';
import { unpackError, type PlainError } from '../errors/transfer.js';
import type { Layout } from '../batch/layout.js';
import type { Chunk, DecoderSetup } from '../format/format.js';
import type { Binding } from '../model/bind.js';
import { chooseBlockRows } from '../model/blocks.js';
import { layoutOf } from '../model/layout-of.js';
import { unknownWidths } from '../model/outputs.js';
import type { Signature } from '../model/signature.js';
import type { Lookahead } from './lookahead.js';
import { bindColumns, type PlanRequest } from './plan.js';

/** What the probing worker gets. Plain data. */
export interface ProbeSetup {
  readonly modelBytes: Uint8Array;
  readonly signature: Signature;
  readonly binding: Binding;
  readonly layout: Layout;
  readonly blockRows: number;
  readonly decoder: DecoderSetup;
  readonly chunk: Chunk;
}

export type ProbeAnswer = { readonly widths: Readonly<Record<string, number>> } | { readonly error: PlainError };

/**
 * Some models do not say how many columns an output has. The names of the output's columns must be known before row one, so the first chunk is scored
 * once ahead of the run, in a thread of its own, and looked at. Nothing is done for the models that say.
 *
 * @throws ModelError `unknown-width` where the first chunk has no row that can be scored.
 */
export async function probeWidths(request: PlanRequest, chunks: Lookahead<Chunk>): Promise<Readonly<Record<string, number>>> {
  const { model, options, decoder, contract } = request;
  const unknown = unknownWidths(model.signature);
  if (unknown.length === 0) return {};
  const binding = bindColumns(request);
  const chunk = await chunks.first();
  if (chunk === undefined && options.allowEmpty !== true) return Object.fromEntries(unknown.map((name) => [name, 1])); // no row: the run will say so
  const widths = chunk === undefined ? {} : await runProbe({
    modelBytes: model.bytes,
    signature: model.signature,
    binding,
    layout: layoutOf(binding, [], contract?.fillMissing),
    blockRows: chooseBlockRows(model.signature, binding, options.batchRows),
    decoder,
    chunk,
  }); // prettier-ignore
  const still = unknown.find((name) => !Object.hasOwn(widths, name));
  if (still === undefined) return widths;
  throw new ModelError(
    'unknown-width',
    `the model does not say how many columns its output "${still}" has, and no row of the first chunk could be scored to find out`,
    {
      place: { file: model.path },
      fix: 'Export the model with the shape of its outputs, or begin the input with a row that it can score.',
    },
  );
}

function runProbe(setup: ProbeSetup): Promise<Readonly<Record<string, number>>> {
  const worker = new Worker(new URL('./probe-worker.js', import.meta.url), { workerData: setup, name: 'scoreline-probe' });
  return new Promise<Readonly<Record<string, number>>>((resolve, reject) => {
    worker.on('message', (answer: ProbeAnswer) => ('error' in answer ? reject(unpackError(answer.error)) : resolve(answer.widths)));
    worker.on('error', reject);
  }).finally(() => worker.terminate());
}
