import { judgeEnd } from '../check/limits.js';
import { contractPathOf, loadContract } from '../contract/load.js';
import { InputError, InterruptedError, ModelError, ScorelineError } from '../errors/errors.js';
import { asDefect } from '../errors/transfer.js';
import { detectFormat, outputFormat } from '../format/detect.js';
import type { FormatName, Splitter } from '../format/format.js';
import { openSplitter } from '../format/open.js';
import { openSource } from '../format/open-source.js';
import type { ByteSource } from '../format/source.js';
import { DEFAULT_BLOCK_ROWS } from '../model/blocks.js';
import { loadModel } from './known-model.js';
import { silenceTelemetry } from '../model/telemetry.js';
import { publish } from '../publish/commit.js';
import { recordPublished } from '../publish/ledger.js';
import { isSpecialOutput, openOutput } from '../publish/open.js';
import { Accounting } from './accounting.js';
import { chooseCodes, stringFigures } from './choose-codes.js';
import { Closers } from './closers.js';
import { tuneEngine } from './engine.js';
import { lookahead } from './lookahead.js';
import { thisMachine } from './machine.js';
import type { ScoreOptions, RunSummary } from './options.js';
import { planChunkBytes, planRun, type Plan, type PlanRequest } from './plan.js';
import { probeWidths } from './probe.js';
import type { Supervision } from './supervision.js';
import { Pool } from './pool.js';
import { startPool } from './proven-pool.js';
import { RunRecord } from './record.js';
import { openRejectsFile } from './rejects-file.js';
import { checkPlaces, checkStdio, DEFAULT_MAX_REJECTS, placesOf, type Places } from './settings.js';
import { streamChunks, type StreamParts } from './stream.js';
import { checkOptions } from './validate.js';
import type { Warnings } from './warnings.js';
import { codedSetup, workerSetup } from './worker-setup.js';

/**
 * Scores one input by one model into one output: the order of a run. Everything that can be found wrong before row one is; nothing is published
 * before every row is accounted for.
 *
 * A run that is stopped by its signal ends when everything it held is closed. Once it publishes it cannot be stopped any more. `supervision` is there
 * where the run is supervised from another process.
 *
 * @throws ScorelineError: of every class, see `docs/exit-statuses.md`. What was published before stays as it was.
 */
export async function score(options: ScoreOptions, supervision?: Supervision): Promise<RunSummary> {
  silenceTelemetry();
  checkOptions(options);
  await checkStdio(options);
  const places = placesOf(options, await isSpecialOutput(options.output));
  const closers = new Closers();
  const record = new RunRecord(options, places);
  supervision?.begun({ runId: record.id, journal: places.journal });
  const stop = stopWith(options.signal, closers);
  try {
    return await run({ options, places, record, closers, stop, supervision });
  } catch (error) {
    const failure = stop.reason() ?? withFile(error instanceof ScorelineError ? error : asDefect(error), places, options.model);
    await closers.closeAll(failure);
    await record.fail(failure);
    throw failure;
  } finally {
    stop.disarm();
    await closers.closeAll();
  }
}

/** Workers and rooms do not know what the input and the model are called. */
function withFile(error: ScorelineError, { inputName }: Places, model: string): ScorelineError {
  if (error.place.file !== undefined || !(error instanceof InputError || error instanceof ModelError)) return error;
  const { code, message, place, fix, details, cause, statusName: status } = error;
  const [Class, file] = error instanceof InputError ? [InputError, inputName] : [ModelError, model];
  return new Class(code, message, { place: { file, ...place }, details, cause, status, ...(fix === undefined ? {} : { fix }) });
}

interface Parts {
  readonly options: ScoreOptions;
  readonly places: Places;
  readonly record: RunRecord;
  readonly closers: Closers;
  readonly stop: Stop;
  readonly supervision: Supervision | undefined;
}

/** The straight line: load, plan, start, stream, judge, publish, record. */
async function run({ options, places, record, closers, stop, supervision }: Parts): Promise<RunSummary> {
  const hired = await closers.add(new Pool());
  const model = await loadModel(options.model, options.maxModelBytes);
  record.model = model;
  const contract = await loadContract(options.contract, model.path, model.sha256);
  record.contract = contract;
  checkPlaces(places, model.path, contract?.path ?? contractPathOf(model.path));

  const hashed = places.journal !== undefined || options.ledger !== undefined; // the digests stand nowhere else
  const source = await closers.add(await openSource(options.input, { hashed }));
  const input = await openInput(options, source, model.signature.fixedBatch ?? options.batchRows ?? DEFAULT_BLOCK_ROWS);
  record.input = { source, format: input.splitter.schema.format, outputFormat: input.outputFormat };
  const chunks = lookahead(input.splitter.chunks());
  const request: PlanRequest = {
    options,
    model,
    contract,
    schema: input.splitter.schema,
    decoder: input.splitter.decoderSetup,
    outputFormat: input.outputFormat,
    inputBytes: source.size,
    chunkBytes: input.chunkBytes,
    machine: thisMachine(supervision?.memoryBytes),
  };
  const plan = planRun({ ...request, widths: await probeWidths(request, chunks, closers) });
  record.plan = { ...plan, chunkBytes: input.chunkBytes };

  const setup = workerSetup({ options, model, contract, plan, decoder: input.splitter.decoderSetup });
  const codedModel = chooseCodes(options, model, source.size);
  const coded = codedModel === undefined ? undefined : { ...setup, ...codedSetup(setup, codedModel) };
  const starting = startPool(hired, { workers: plan.workers, texts: setup, coded, closers });
  const output = await closers.addSink(
    await openOutput(options.output, {
      noClobber: options.noClobber ?? false,
      hashed,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    }),
  );
  const rejects = await openRejectsFile(places.rejects, closers);
  await record.start();
  const { pool, proof } = await starting.ready(chunks);
  tuneEngine(source.size);
  record.strings = stringFigures(model.signature, codedModel, proof);

  const accounting = new Accounting(plan.layout, setup.results, input.splitter.headLines);
  record.figures = { accounting, output, rejects };
  const stoppedEarly = await streamChunks({
    options,
    plan,
    splitter: input.splitter,
    chunks: chunks.all(),
    pool,
    output,
    rejects,
    accounting,
    record,
  });

  void pool.close(); // while this thread publishes
  warnOfPredictions(accounting, plan, record.warnings);
  await judge({ options, places, accounting, rejects, record }, stoppedEarly);
  accounting.assertWhole({ rowsOut: options.rejectedRows === 'blank' ? 'all' : 'scored', rejectsWritten: rejects.rows });
  closers.check();
  stop.disarm(); // from here on the run is done: to stop now would deny what can be seen
  supervision?.publishing();
  await publish({ output, rejects: rejects.sink, staleRejects: places.rejects }).catch((error: unknown) => {
    // the sync of the folder comes last: what fails there is in its place already
    const visible = error instanceof ScorelineError && error.code === 'sync-failed';
    record.published = { output: visible, rejects: visible && rejects.sink !== undefined };
    throw error;
  });
  if (options.ledger !== undefined && output.path !== undefined) {
    await recordPublished(options.ledger, record.id, { path: output.path, bytes: output.bytes, sha256: output.digest() });
  }
  await record.commit();
  return record.summary();
}

/** The input as it says it is: format, header, and where its records can be cut. */
async function openInput(
  options: ScoreOptions,
  source: ByteSource,
  blockRows: number,
): Promise<{ splitter: Splitter; outputFormat: FormatName; chunkBytes: number }> {
  const format = await detectFormat(source, options.inputFormat);
  let chunkBytes = 0;
  const splitter = await openSplitter(format, source, {
    csv: options.csv ?? {},
    nullValues: options.nullValues,
    chunkBytes: (columns) => (chunkBytes = planChunkBytes(columns, options.chunkBytes)),
    blockRows,
    flushMs: options.flushMs,
  });
  return {
    splitter,
    outputFormat: outputFormat(typeof options.output === 'string' ? options.output : undefined, options.outputFormat, format),
    chunkBytes,
  };
}

/** What the scores themselves give reason to doubt. */
function warnOfPredictions({ contradictions, observation }: Accounting, plan: Plan, warnings: Warnings): void {
  warnings.addCounted(
    'label-contradiction',
    contradictions,
    'labels contradict their own probabilities: the model chose another class than the likeliest',
  );
  observation.results.forEach(({ nonFinite }, index) => {
    warnings.addCounted('non-finite-prediction', nonFinite, `values of ${plan.outputs.fields[index]?.name ?? ''} are NaN or infinite`);
  });
}

/** The whole input is known: may it be published? If not, the rejects still are, so that all faults show at once. */
async function judge(
  parts: Pick<StreamParts, 'options' | 'accounting' | 'rejects' | 'record'> & { readonly places: Places },
  stoppedEarly: boolean,
): Promise<void> {
  const { options, places, accounting, rejects, record } = parts;
  try {
    judgeEnd(
      { rowsIn: accounting.rowsIn, rejected: accounting.rejected, stoppedEarly },
      {
        maxRejects: options.maxRejects ?? DEFAULT_MAX_REJECTS,
        expectRows: options.expectRows,
        allowEmpty: options.allowEmpty ?? false,
        file: places.inputName,
        rejectsPath: rejects.sink === undefined ? undefined : places.rejects,
        first: accounting.firstReject,
      },
    );
  } catch (error) {
    if (rejects.sink !== undefined) await publish({ rejects: rejects.sink });
    record.published = { output: false, rejects: rejects.sink !== undefined };
    throw error;
  }
}

/** A caller's wish to stop. */
interface Stop {
  /** Why the run was stopped; undefined while it was not. */
  reason(): ScorelineError | undefined;
  /** Stopping is no longer possible. */
  disarm(): void;
}

/** Closes everything when the caller's signal is aborted, so that the run fails wherever it is; the signal's reason is then the run's error, if it is one of ours. */
function stopWith(signal: AbortSignal | undefined, closers: Closers): Stop {
  let reason: ScorelineError | undefined;
  const listener = (): void => {
    const why: unknown = signal?.reason;
    reason = why instanceof ScorelineError ? why : new InterruptedError('interrupted', 'the run was stopped by its caller', { cause: why });
    void closers.closeAll(reason);
  };
  if (signal?.aborted === true) listener();
  else signal?.addEventListener('abort', listener, { once: true });
  return { reason: () => reason, disarm: () => signal?.removeEventListener('abort', listener) };
}
