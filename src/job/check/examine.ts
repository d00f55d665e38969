import { contractPathOf, loadContract } from '../../contract/load.js';
import { detectFormat, outputFormat } from '../../format/detect.js';
import type { Chunk, FormatName } from '../../format/format.js';
import { openSplitter } from '../../format/open.js';
import { openSource } from '../../format/open-source.js';
import { DEFAULT_BLOCK_ROWS } from '../../model/blocks.js';
import { loadModel, type LoadedModel } from '../../model/load.js';
import { silenceTelemetry } from '../../model/telemetry.js';
import { isSpecialOutput } from '../../publish/open.js';
import { Closers } from '../../run/closers.js';
import { lookahead } from '../../run/lookahead.js';
import { thisMachine } from '../../run/machine.js';
import type { ScoreOptions } from '../../run/options.js';
import { planChunkBytes, planRun } from '../../run/plan.js';
import { probeWidths } from '../../run/probe.js';
import { checkPlaces, placesOf } from '../../run/settings.js';
import { checkOptions } from '../../run/validate.js';

/** What is known of a run before its first row. */
export interface Examined {
  readonly model: LoadedModel;
  /** Path of the contract; undefined where there is none. */
  readonly contract: string | undefined;
  readonly format: FormatName;
  readonly outputFormat: FormatName;
  /** Undefined for pipes. */
  readonly inputBytes: number | undefined;
  readonly columns: readonly string[];
  readonly read: ReadonlySet<string>;
  readonly kept: ReadonlySet<string>;
  /** Share of the cells' bytes at the start of the input that are of columns neither read nor kept; undefined for Arrow. */
  readonly idleShare: number | undefined;
  readonly outputColumns: readonly string[];
  readonly workers: number;
}

/** Goes the way of a run up to its plan, and writes nothing. Throws as `score` does before row one. */
export async function examine(options: ScoreOptions): Promise<Examined> {
  silenceTelemetry();
  checkOptions(options);
  const closers = new Closers();
  try {
    const model = await loadModel(options.model, options.maxModelBytes);
    const contract = await loadContract(options.contract, model.path, model.sha256);
    checkPlaces(placesOf(options, await isSpecialOutput(options.output)), model.path, contract?.path ?? contractPathOf(model.path));
    const source = await closers.add(await openSource(options.input, { hashed: false }));
    const format = await detectFormat(source, options.inputFormat);
    let chunkBytes = 0;
    const splitter = await openSplitter(format, source, {
      csv: options.csv ?? {},
      nullValues: options.nullValues,
      chunkBytes: (columns) => (chunkBytes = planChunkBytes(columns, options.chunkBytes)),
      blockRows: model.signature.fixedBatch ?? options.batchRows ?? DEFAULT_BLOCK_ROWS,
      flushMs: undefined,
    });
    const chunks = lookahead(splitter.chunks());
    const out = outputFormat(typeof options.output === 'string' ? options.output : undefined, options.outputFormat, splitter.schema.format);
    const request = { options, model, contract, schema: splitter.schema, decoder: splitter.decoderSetup, outputFormat: out, inputBytes: source.size, chunkBytes, machine: thisMachine() }; // prettier-ignore
    const plan = planRun({ ...request, widths: await probeWidths(request, chunks, closers) });
    const read = new Set(plan.binding.inputs.flatMap((input) => input.columns.map(({ name }) => name)));
    const kept = new Set(plan.layout.kept.map(({ name }) => name));
    const columns = splitter.schema.columns.map(({ name }) => name);
    const first = await chunks.first();
    const idle = columns.map((name) => !read.has(name) && !kept.has(name));
    return {
      model,
      contract: contract?.path,
      format: splitter.schema.format,
      outputFormat: out,
      inputBytes: source.size,
      columns,
      read,
      kept,
      idleShare: first === undefined ? undefined : await shareOf(idle, first, splitter.decoderSetup),
      outputColumns: plan.columns,
      workers: plan.workers,
    };
  } finally {
    await closers.closeAll();
  }
}

async function shareOf(idle: readonly boolean[], chunk: Chunk, decoder: Parameters<typeof planRun>[0]['decoder']): Promise<number | undefined> {
  if (decoder.format !== 'csv') return undefined;
  const { csvColumnBytes } = await import('../../format/csv/column-bytes.js');
  const bytes = csvColumnBytes(chunk.bytes, decoder);
  const all = bytes.reduce((sum, each) => sum + each, 0);
  return all === 0 ? 0 : bytes.reduce((sum, each, column) => sum + (idle[column] === true ? each : 0), 0) / all;
}
