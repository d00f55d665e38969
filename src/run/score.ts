import { tmpdir } from 'node:os';
import { checkDigest, judgeEnd } from '../check/limits.js';
import { warnOfAge } from '../contract/age.js';
import { contractPathOf, loadContract } from '../contract/load.js';
import { InputError, InterruptedError, isInterruption, ModelError, ScorelineError } from '../errors/errors.js';
import { asDefect } from '../errors/transfer.js';
import type { ByteSource } from '../format/source.js';
import { loadModel } from './known-model.js';
import { silenceTelemetry } from '../model/telemetry.js';
import { publish } from '../publish/commit.js';
import { isSpecialOutput, openOutput } from '../publish/open.js';
import { saveCheckpoint } from '../publish/checkpoint.js';
import { isStage } from '../publish/stage.js';
import { Accounting } from './accounting.js';
import { beginRun } from './begin.js';
import { nextRow, type Checkpoint } from './checkpoint.js';
import { Checkpointer } from './checkpointer.js';
import { chooseCodes, stringFigures } from './choose-codes.js';
import { OutputClaim } from './claim.js';
import { Closers } from './closers.js';
import { tuneEngine } from './engine.js';
import { withFallbackRows } from './ledger-line.js';
import type { RunSummary, ScoreOptions } from './options.js';
import type { Supervision } from './supervision.js';
import type { Plan } from './plan.js';
import { Pool } from './pool.js';
import { startPool } from './proven-pool.js';
import { RunRecord } from './record.js';
import { openRejectsFile } from './rejects-file.js';
import { checkPlaces, checkStdio, DEFAULT_MAX_REJECTS, followsOf, placesOf, refusePlantedLinks, rejectsOf, type Places } from './settings.js';
import { streamChunks, type StreamParts } from './stream.js';
import { checkOptions } from './validate.js';
import type { Warnings } from './warnings.js';
import type { Gates } from './withhold.js';
import type { Work } from './work.js';
import { codedSetup, workerSetup } from './worker-setup.js';

/** The options of a program in JavaScript may be none at all: what is wrong with them is told with the rest. */
function hasFallback(options: ScoreOptions | undefined): boolean {
  return options?.fallback !== undefined;
}

/** Of a run in the process of its caller. */
const ALONE = { publishing: () => undefined, published: () => undefined, memoryBytes: undefined, deadlineMs: undefined } as const;

/** Scores one input into one output, as scoreOnce, and by the fallback where there is one and the model cannot: then in a second run. */
export async function score(options: ScoreOptions): Promise<RunSummary> {
  if (!hasFallback(options)) return scoreOnce(options);
  checkOptions(options);
  const { withFallback } = await import('./fallback.js');
  return withFallback(options, ({ options: asked, begun, reading }) => scoreOnce(asked, { ...ALONE, begun: ({ runId }) => begun(runId), reading }));
}

/**
 * Scores one input by one model into one output: the order of a run. Everything that can be found wrong before row one is; nothing is published
 * before every row is accounted for.
 *
 * A run that is stopped by its signal ends when everything it held is closed. Once it publishes it cannot be stopped any more. `supervision` is there
 * where the run is supervised from another process.
 *
 * @throws ScorelineError: of every class, see `docs/exit-statuses.md`. What was published before stays as it was.
 */
export async function scoreOnce(options: ScoreOptions, supervision?: Supervision): Promise<RunSummary> {
  silenceTelemetry();
  checkOptions(options);
  await checkStdio(options);
  const special = await isSpecialOutput(options.output, { followLinks: followsOf(options).output });
  const places = placesOf(options, special);
  refusePlantedLinks(places, options);
  const closers = new Closers();
  const record = new RunRecord(options, places);
  supervision?.begun({ runId: record.id, journal: places.journal });
  const stop = stopWith(options.signal, closers);
  const claim = special || typeof options.output !== 'string' ? undefined : claimOutput(options, options.output, places, record);
  const resumes = claim !== undefined && places.input !== undefined && options.resume !== 'never';
  const checkpointer = new Checkpointer(resumes ? (options.checkpointEveryMs ?? DEFAULT_CHECKPOINT_MS) : Infinity);
  try {
    return await run({ options, places, record, closers, checkpointer, stop, claim, supervision });
  } catch (error) {
    const failure = stop.reason(record) ?? withFile(error instanceof ScorelineError ? error : asDefect(error), places, options.model);
    await closers.closeAll(failure);
    const left = checkpointer.keeps(failure) ? checkpointer.durable : undefined;
    const told = left === undefined ? failure : withNextRow(failure, left);
    await record.fail(told);
    if (record.unrecorded || left !== undefined) claim?.keep();
    if (await fallsBack(told, options)) await claim?.keepPublished();
    throw told;
  } finally {
    stop.disarm();
    await closers.closeAll();
    await claim?.release();
  }
}

/** Is a fallback going to score in the place of a run that failed so? */
async function fallsBack(failure: ScorelineError, { fallback }: ScoreOptions): Promise<boolean> {
  if (fallback === undefined) return false;
  const { causeOf, isFor } = await import('./fallback.js');
  const cause = causeOf(failure);
  return cause !== undefined && isFor(fallback, cause);
}

/** From one checkpoint to the next, unless told. */
const DEFAULT_CHECKPOINT_MS = 5000;

/** What one run is made of. */
interface RunParts {
  readonly options: ScoreOptions;
  readonly places: Places;
  readonly record: RunRecord;
  readonly closers: Closers;
  readonly checkpointer: Checkpointer;
  readonly stop: Stop;
  readonly supervision: Supervision | undefined;
  /** Absent where the output is not staged. */
  readonly claim: OutputClaim | undefined;
}

function claimOutput(
  { lockWaitMs: waitMs = 0, signal }: ScoreOptions,
  target: string,
  places: Places,
  { id: run, warnings, teller }: RunRecord,
): OutputClaim {
  return new OutputClaim({ target, run, warnings, waitMs, signal, followLinks: places.follows.output, rejects: rejectsOf(places), teller });
}

/** The same command will do: no row is lost. */
function withNextRow(error: ScorelineError, left: Checkpoint): ScorelineError {
  const row = nextRow(left).toLocaleString('en-US');
  return error.withFix(
    error.fix === undefined ? `Give the same command again: it goes on from row ${row}.` : `${error.fix} The same command goes on from row ${row}.`,
  );
}

/** Workers and rooms do not know what the input and the model are called. */
function withFile(error: ScorelineError, { inputName }: Places, model: string): ScorelineError {
  if (error.place.file !== undefined || !(error instanceof InputError || error instanceof ModelError)) return error;
  const { code, message, place, fix, details, cause, statusName: status } = error;
  const [Class, file] = error instanceof InputError ? [InputError, inputName] : [ModelError, model];
  return new Class(code, message, { place: { file, ...place }, details, cause, status, ...(fix === undefined ? {} : { fix }) });
}

/** The straight line: claim, load, recover, plan, start, stream, judge, publish, record. */
async function run(parts: RunParts): Promise<RunSummary> {
  const { options, places, record, closers, checkpointer, stop, claim, supervision } = parts;
  await closers.addFirst(checkpointer);
  const hired = await closers.add(new Pool());
  const [model] = await Promise.all([loadModel(options.model, options.maxModelBytes), claim?.unlessBusy()]);
  record.model = model;
  const contract = await loadContract(options.contract, model.path, model.sha256);
  record.contract = contract;
  if (contract !== undefined) warnOfAge(contract, Date.now(), record.warnings);
  const fallback = options.fallback && (await (await import('./plan-fallback.js')).loadRowFallback(options));
  record.rowFallback = fallback?.model;
  checkPlaces(places, model.path, contract?.path ?? contractPathOf(model.path), options.fallback?.model);

  supervision?.reading();
  const begun = await beginRun({ ...parts, model, contract, fallback, memoryBytes: supervision?.memoryBytes });
  if (begun.kind === 'finished') return { ...begun.outcome.summary, warnings: record.warnings.list() };
  if (begun.kind === 'published') return { ...record.summary(), alreadyPublished: begun.earlier };
  const { work, from, ledger } = begun;
  const { source, splitter, chunks, plan } = work;
  const setup = workerSetup({ options, model, contract, plan, decoder: splitter.decoderSetup, fallback: work.fallback });
  const codedModel = chooseCodes(options, model, source.size);
  const coded = codedModel === undefined ? undefined : { ...setup, ...codedSetup(setup, codedModel) };
  const starting = startPool(hired, { workers: plan.workers, texts: setup, coded, closers });
  const keeps = (cause: Error | undefined): boolean => checkpointer.keeps(cause);
  const output =
    from?.output ??
    (await closers.addSink(
      await openOutput(options.output, {
        noClobber: options.noClobber ?? false,
        followLinks: places.follows.output,
        hashed: places.journal !== undefined || options.onEvent !== undefined || ledger !== undefined, // the digests of what is written straight through stand nowhere else
        keeps,
        ...(options.spoolStdout === true ? { spool: options.stateDir ?? tmpdir() } : {}),
        ...(options.signal === undefined ? {} : { signal: options.signal }),
        ...(claim === undefined ? {} : { announce: (staged, path) => claim.announce('output', staged, path) }),
      }),
    ));
  const rejects = await openRejectsFile(places.rejects, {
    closers,
    keeps,
    followLinks: places.follows.rejects,
    ...(claim === undefined ? {} : { announce: (staged, path) => claim.announce('rejects', staged, path), beside: (await claim.lock()).target }),
    begun: from?.rejects && { sink: from.rejects, rows: from.checkpoint.accounting.sums.rejected },
  });
  const [{ pool, proof }] = await Promise.all([starting.ready(chunks), record.start((await claim?.lock())?.target)]);
  tuneEngine();
  record.strings = stringFigures(model.signature, codedModel, proof);

  const accounting = new Accounting(plan.layout, setup.results, splitter.headLines, setup.profile);
  if (from !== undefined) accounting.restore(from.checkpoint.accounting);
  record.figures = { accounting, output, rejects };
  await startCheckpoints(parts, { work, accounting, output, rejects });
  const gates = await gatesAsked(parts, { accounting, output, rejects, plan });
  const end = await streamChunks({
    options,
    plan,
    splitter,
    chunks: chunks.all(),
    pool,
    assembler: work.assembler,
    output,
    rejects,
    accounting,
    record,
    checkpointer,
    watch: gates?.watch,
  });

  void pool.close(); // while this thread publishes
  warnOfPredictions(accounting, plan, record.warnings);
  warnOfFallback(options, accounting, record.warnings);
  if (end === 'gates') await gates?.stop();
  await judge({ options, places, accounting, rejects, record, source }, end === 'rejects');
  await gates?.pass();
  accounting.assertWhole({ rowsOut: options.rejectedRows === 'blank' ? 'all' : 'scored', rejectsWritten: rejects.rows });
  await publish({
    output,
    rejects: rejects.sink,
    staleRejects: places.rejects,
    followStale: places.follows.rejects,
    recoverable: claim && {
      lock: await claim.lock(),
      noClobber: options.noClobber ?? false,
      outcome: () => record.outcome(),
      decided: () => checkpointer.seal(),
      chronicle: record.chronicle,
      ledger: ledger === undefined ? null : withFallbackRows(ledger, record.summary()),
      run: record.id,
    },
    sealed: () => {
      closers.check();
      stop.disarm(); // from here on the run is done: to stop now would deny what can be seen
      supervision?.publishing();
    },
    onStep: (step) => {
      record.onStep(step);
      if (step === 'recorded') supervision?.published(record.outcome());
    },
  });
  await record.commit();
  return record.summary();
}

/** From now on a kill costs no more than what was done since the last checkpoint. */
async function startCheckpoints(
  { checkpointer, claim, record }: RunParts,
  { work, accounting, output, rejects }: Pick<StreamParts, 'accounting' | 'output' | 'rejects'> & { readonly work: Work },
): Promise<void> {
  const lock = await claim?.lock();
  if (lock === undefined || !isStage(output)) return;
  const { chunkBytes, assembler } = work;
  const { warnings } = record;
  checkpointer.start({
    ...{ chunkBytes, threads: work.plan.threads, assembler, accounting, warnings, output },
    rejects: () => (rejects.sink !== undefined && isStage(rejects.sink) ? rejects.sink : undefined),
    save: async (checkpoint, stages) => {
      await saveCheckpoint(checkpoint, stages, lock);
      await record.checkpoint(checkpoint);
    },
  });
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

/** Somebody has to know that these are not the model's own scores: the model may have to be mended. */
function warnOfFallback({ insteadOf, fallback, model }: ScoreOptions, { byFallback }: Accounting, warnings: Warnings): void {
  if (insteadOf !== undefined) {
    warnings.add('fallback-scored', `scored by the fallback ${model} in the place of ${insteadOf.model}: ${insteadOf.said} [${insteadOf.why}]`);
  } else
    warnings.addCounted(
      'rows-by-fallback',
      byFallback,
      `${byFallback === 1 ? 'row that the model could not score was' : 'rows that the model could not score were'} scored by the fallback ${fallback?.model ?? ''}`,
    );
}

/** The whole input is known: may it be published? If not, the rejects still are, so that all faults show at once. */
async function judge(
  parts: Pick<StreamParts, 'options' | 'accounting' | 'rejects' | 'record'> & { readonly places: Places; readonly source: ByteSource },
  stoppedEarly: boolean,
): Promise<void> {
  const { options, places, accounting, rejects, record, source } = parts;
  if (options.expectSha256 !== undefined && !stoppedEarly) checkDigest(options.expectSha256, source.digest(), places.inputName);
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

/** The gates of the run, where there are any; without them nothing of their code is read. */
async function gatesAsked(
  { options, record, stop, supervision }: RunParts,
  parts: Pick<StreamParts, 'accounting' | 'output' | 'rejects' | 'plan'>,
): Promise<Gates | undefined> {
  const { contract } = record;
  if ((options.gates ?? []).length === 0 && contract?.usualRows === undefined) return undefined;
  const { openGates } = await import('./withhold.js');
  return openGates({ ...parts, options, record, contract, deadlineMs: supervision?.deadlineMs, stop: (why) => stop.now(why) });
}

/** A caller's wish to stop. */
interface Stop {
  /** Why the run was stopped, and what of it can be seen; undefined while it was not. */
  reason(record: RunRecord): ScorelineError | undefined;
  /** Stops the run for a reason of its own, as its signal would. */
  now(why: ScorelineError): void;
  /** Stopping is no longer possible. */
  disarm(): void;
}

/** Closes everything when the caller's signal is aborted, so that the run fails wherever it is; the signal's reason is then the run's error, if it is one of ours. */
function stopWith(signal: AbortSignal | undefined, closers: Closers): Stop {
  let reason: ScorelineError | undefined;
  const now = (why: ScorelineError): void => {
    reason ??= why;
    void closers.closeAll(reason);
  };
  const listener = (): void => {
    const why: unknown = signal?.reason;
    now(why instanceof ScorelineError ? why : new InterruptedError('interrupted', 'the run was stopped by its caller', { cause: why }));
  };
  if (signal?.aborted === true) listener();
  else signal?.addEventListener('abort', listener, { once: true });
  return { reason: (record) => reason && withSeen(reason, record), now, disarm: () => signal?.removeEventListener('abort', listener) };
}

/** The caller's reason with what is true of the output then. */
function withSeen(reason: ScorelineError, { figures }: RunRecord): ScorelineError {
  if (!(reason instanceof InterruptedError) || reason.code === 'pipe-closed') return reason;
  const { output } = figures ?? {};
  const seen = output?.visible === true && output.bytes > 0 ? `${output.name} has a part of the predictions` : 'nothing was published';
  const code = isInterruption(reason.code) ? reason.code : 'interrupted';
  return new InterruptedError(code, `${reason.message}; ${seen}`, { cause: reason.cause, place: reason.place, details: reason.details });
}
