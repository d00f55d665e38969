import { Worker } from 'node:worker_threads';
import type { Layout } from '../batch/layout.js';
import { DefectError, ModelError } from '../errors/errors.js';
import { unpackError, type PlainError } from '../errors/transfer.js';
import type { Chunk, DecoderSetup } from '../format/format.js';
import type { Binding } from '../model/bind.js';
import { chooseBlockRows } from '../model/blocks.js';
import { layoutOf } from '../model/layout-of.js';
import { unknownWidths } from '../model/outputs.js';
import type { Signature } from '../model/signature.js';
import type { Closers } from './closers.js';
import { leave } from './leave.js';
import { expectations } from './expectations.js';
import type { Lookahead } from './lookahead.js';
import { bindColumns, type PlanRequest } from './plan.js';

/** How far the probe reads for a row that can be scored. */
const PROBE_BYTES = 16 << 20;

/** What the probing worker gets. Plain data. */
export interface ProbeSetup {
  readonly modelBytes: Uint8Array;
  readonly signature: Signature;
  readonly binding: Binding;
  readonly layout: Layout;
  readonly blockRows: number;
  readonly decoder: DecoderSetup;
}

/** `widths` is undefined where the chunk had no row that could be scored. */
export type ProbeAnswer = { readonly widths: Readonly<Record<string, number>> | undefined } | { readonly error: PlainError };

/**
 * Some models do not say how many columns an output has. The names of the output's columns must be known before row one, so the first rows that can be
 * scored are, ahead of the run and in a thread of their own, to look at what comes. Nothing is done for the models that say. An input without such a row
 * gives no output row either: then one column stands for each.
 *
 * @throws ModelError `unknown-width` where the first 16 MB have no row that can be scored.
 */
export async function probeWidths(request: PlanRequest, chunks: Lookahead<Chunk>, closers: Closers): Promise<Readonly<Record<string, number>>> {
  const { model, options, decoder, contract } = request;
  const unknown = unknownWidths(model.signature);
  if (unknown.length === 0) return {};
  const binding = bindColumns(request);
  const probe = await closers.add(
    openProbe({
      modelBytes: model.bytes,
      signature: model.signature,
      binding,
      layout: layoutOf(binding, [], expectations(contract, options)),
      blockRows: chooseBlockRows(model.signature, binding, options.batchRows),
      decoder,
    }),
  );
  try {
    for (let bytes = 0; bytes < PROBE_BYTES;) {
      const chunk = await chunks.peek();
      if (chunk === undefined) return Object.fromEntries(unknown.map((name) => [name, 1]));
      const widths = await probe.widths(chunk);
      if (widths !== undefined) return widths;
      bytes += chunk.bytes.length;
    }
  } finally {
    await probe.close();
  }
  throw new ModelError(
    'unknown-width',
    `the model does not say how many columns its output "${unknown[0] ?? ''}" has, and no row at the start of the input could be scored to find out`,
    {
      place: { file: model.path },
      fix: 'Export the model with the shape of its outputs, or begin the input with a row that it can score.',
    },
  );
}

interface Probe {
  widths(chunk: Chunk): Promise<Readonly<Record<string, number>> | undefined>;
  close(): Promise<void>;
}

/** A worker with a session of its own. Asked for one chunk at a time; what waits when it is closed is told so. */
function openProbe(setup: ProbeSetup): Probe {
  const worker = new Worker(new URL('./probe-worker.js', import.meta.url), { workerData: setup, name: 'scoreline-probe' });
  let failure: Error | undefined;
  let settle: { resolve: (widths: Readonly<Record<string, number>> | undefined) => void; reject: (error: Error) => void } | undefined;
  const fail = (error: Error): void => {
    failure ??= error;
    settle?.reject(error);
  };
  worker.on('message', (answer: ProbeAnswer) => ('error' in answer ? fail(unpackError(answer.error)) : settle?.resolve(answer.widths)));
  worker.on('error', fail);
  worker.on('exit', () => fail(new DefectError('the worker that looks at the first rows ended by itself')));
  return {
    widths: (chunk) =>
      new Promise((resolve, reject) => {
        if (failure !== undefined) return reject(failure);
        settle = { resolve, reject };
        worker.postMessage(chunk);
      }),
    close: () => leave(worker),
  };
}
