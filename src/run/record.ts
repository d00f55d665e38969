import { randomBytes } from 'node:crypto';
import { version as scorelineVersion } from '../version.js';
import type { Verdict } from '../check/gates/gate.js';
import type { Contract } from '../contract/contract.js';
import { DefectError, JournalError, UsageError, type ScorelineError } from '../errors/errors.js';
import { statusOf, type StatusName } from '../errors/statuses.js';
import type { Chunk, FormatName } from '../format/format.js';
import type { ByteSource } from '../format/source.js';
import type {
  CheckpointRecord,
  CommitRecord,
  FailRecord,
  FallbackFigures,
  InsteadFigures,
  Json,
  RunFigures,
  StartRecord,
  StringFigures,
} from '../journal/record.js';
import { runId } from '../journal/run-id.js';
import type { EntryDraft } from '../journal/entry.js';
import { abortsOfDead, type OpenRun } from '../journal/open-runs.js';
import { openJournal, type Journal } from '../journal/writer.js';
import type { LoadedModel } from '../model/load.js';
import { runtimeVersion } from '../model/ort-session.js';
import type { Chronicle, PublishStep } from '../publish/commit.js';
import { thisProcess } from '../files/process-identity.js';
import { rowFigures, type Accounting } from './accounting.js';
import type { Checkpoint } from './checkpoint.js';
import type { Outcome } from './claim.js';
import { dataSummary } from './data-summary.js';
import { dataFigures, runFigures, type DataFigures, type FigureParts, type FigureSource, type Timings } from './figures.js';
import { cpuSeconds, peakMemoryBytes } from './machine.js';
import type { DataSummary, RunSummary, ScoreOptions } from './options.js';
import type { Plan } from './plan.js';
import { runColumns } from './run-columns.js';
import { effectiveOptions, type Places } from './settings.js';
import { Teller, type ToldBefore } from './teller.js';
import { cpuOfEarlierRuns } from './warm.js';
import { Warnings } from './warnings.js';

/** What a run may fail by before it begins, without a line in the journal. */
const UNBEGUN: ReadonlySet<string> = new Set<StatusName>(['usage', 'locked']);

/**
 * What is known of a run so far, and its lines in the journal: one START and exactly one of COMMIT and FAIL. A run that fails before it is
 * planned gets its START with what was known, at its end.
 */
export class RunRecord {
  readonly id: string;
  readonly warnings: Warnings;
  /** Tells the caller what the journal is told. */
  readonly teller: Teller;
  readonly #options: ScoreOptions;
  readonly #places: Places;
  readonly #begun = performance.now();
  readonly #cpuBefore = cpuOfEarlierRuns();
  readonly #timings: Timings = { total: 0, read: 0, write: 0 };
  #journal: Journal | undefined;
  #starting: Promise<void> | undefined;
  #started = false;
  /** No FAIL any more: it is published, or has one. */
  #ended = false;
  #committed = false;
  /** Its line in the journal. */
  #commitLine: { readonly record: CommitRecord; readonly at: string } | undefined;
  /** Once the run is through. */
  #data: DataSummary | undefined;
  model: LoadedModel | undefined;
  contract: Contract | undefined;
  /** For single rows. */
  rowFallback: LoadedModel | undefined;
  input: { readonly source: ByteSource; readonly format: FormatName; readonly outputFormat: FormatName } | undefined;
  plan: (Plan & { readonly chunkBytes: number }) | undefined;
  figures: FigureParts | undefined;
  strings: StringFigures | undefined;
  /** The run that this one goes on from, and what that had done. */
  resumed: { readonly run: string; readonly fromRow: number; readonly rows: number; readonly bytes: number } | undefined;
  /** What became of each gate; empty until they are judged. */
  gates: readonly Verdict[] = [];
  /** Where the predictions lie that a gate has kept back. */
  aside: string | undefined;
  /** What users can see by now. */
  published = { output: false, rejects: false };

  /** `id` is that of a run that was begun in another process, and `told` what was told of it there. */
  constructor(options: ScoreOptions, places: Places, id = runId(Date.now(), randomBytes(10)), told?: ToldBefore) {
    this.id = id;
    this.#options = options;
    this.#places = places;
    this.warnings = new Warnings(options.onWarning);
    this.teller = new Teller(id, options.onEvent, told);
  }

  /** Opens the journal, where there is one, so that a place that cannot be written is known before anything is. Gives its real path. Throws JournalError. */
  async openJournal(): Promise<string | undefined> {
    if (this.#places.journal === undefined) return undefined;
    this.#journal ??= await openJournal(this.#places.journal, {
      followLinks: this.#places.follows.journal,
      onWarning: ({ code, message }) => this.warnings.add(code, message),
    });
    return this.#journal.path;
  }

  /** Writes START, where there is a journal, and ends the runs in it whose process is dead. `held`: the output whose lock this run has. Throws JournalError. */
  start(held?: string): Promise<void> {
    this.#starting ??= this.#start(held);
    return this.#starting;
  }

  async #start(held: string | undefined): Promise<void> {
    const record = this.#startRecord();
    const path = await this.openJournal();
    if (path === undefined) return this.teller.start(() => record, runColumns(this.plan));
    const { aborts, at } = await this.#openedJournal().hold(async (lines) => {
      const dead = abortsOfDead(lines.open, this.id, held);
      for (const abort of [...dead, ...this.#missingEnd(lines.open)]) await lines.append(abort);
      return { aborts: dead, ...(await lines.append({ kind: 'START', run: this.id, record })) };
    });
    this.#started = true;
    for (const abort of aborts) await this.teller.dead(abort, path);
    this.teller.start(() => record, runColumns(this.plan), at);
  }

  /** The FAIL of the run in whose place a fallback scores, where the journal refused that a moment ago: that one is alive, and nobody else would end it. */
  #missingEnd(open: readonly OpenRun[]): readonly EntryDraft[] {
    const { insteadOf } = this.#options;
    if (insteadOf === undefined || !open.some(({ run }) => run === insteadOf.of)) return [];
    const error = { code: insteadOf.why, status: statusOf(insteadOf.statusName), message: insteadOf.said, place: {}, fix: null };
    return [{ kind: 'FAIL', run: insteadOf.of, record: { error } }];
  }

  /** What this run will have done, once it is published: for the state file, and for its own COMMIT. */
  outcome(): Outcome {
    const before = this.published;
    this.published = { output: true, rejects: true };
    const commit = this.#journal === undefined && !this.teller.isHeard ? undefined : this.#runFigures();
    this.published = before;
    this.#data = dataSummary(commit ?? this.figuresNow() ?? {});
    return { summary: this.summary(), commit: commit ?? null };
  }

  /**
   * Writes CHECKPOINT: all that it speaks of is durable. A journal that cannot be locked or opened now is no end of the run: nothing hangs on this line. One that refused the
   * line itself is, with a JournalError: what a failed write or sync has left there is not known, and a later sync that succeeds would vouch for it.
   */
  async checkpoint({ input, output, rejects, accounting }: Checkpoint): Promise<void> {
    const record: CheckpointRecord = {
      chunks: accounting.sums.chunks,
      input: { offset: input.bytes, sha256: input.sha256 },
      output,
      rejects,
      rows: rowFigures(accounting),
    };
    let opened = false as boolean;
    try {
      await this.#journal?.hold(async (lines) => {
        opened = true;
        await lines.append({ kind: 'CHECKPOINT', run: this.id, record });
      });
    } catch (error) {
      if (opened || !(error instanceof JournalError)) throw error;
      this.warnings.add('checkpoint-not-recorded', error.message);
    }
  }

  /** The journal of a run that publishes a file: one hold of its lock, from PREPARE to COMMIT. */
  readonly chronicle: Chronicle = {
    journal: async (act) => {
      const silent = { prepare: () => Promise.resolve(), commit: () => Promise.resolve() };
      const journal = this.#journal;
      if (journal === undefined) return act(silent);
      await journal.hold((lines) =>
        act({
          prepare: async ({ output, rejects, removes }) => {
            await lines.append({ kind: 'PREPARE', run: this.id, record: { output, rejects, removes } });
          },
          commit: async ({ outcome }) => {
            const { commit } = outcome as Outcome;
            if (commit !== null) await this.#commit(lines, commit, ', and run again: the same command then writes the COMMIT alone.');
          },
        }),
      );
    },
  };

  /** Told how far publishing has come: what cannot be undone any more, and what a FAIL says then. */
  readonly onStep = (step: PublishStep): void => {
    if (step === 'durable') this.#ended = true;
    else if (step !== 'recorded') this.published = { rejects: true, output: step === 'output' };
  };

  /** True where what is missing of this run is for a later one to make good: it is published, and that could not be recorded. */
  get unrecorded(): boolean {
    return this.#ended && !this.#committed;
  }

  /** Ends a run whose predictions went through a pipe: COMMIT. Throws JournalError `commit-not-recorded`. */
  async commit(): Promise<void> {
    this.#ended = true;
    const commit = this.#commitLine?.record ?? this.outcome().commit;
    if (commit !== null && this.#journal !== undefined && !this.#committed)
      await this.#commit(this.#journal, commit, '; run again only if it must hold this run.');
    this.#committed = true;
    if (commit !== null) this.teller.end({ kind: 'COMMIT', record: commit }, this.#commitLine?.at);
  }

  /** Throws JournalError `commit-not-recorded`, which says that the output is published all the same, and what to do `afterwards`. */
  async #commit(journal: Pick<Journal, 'append'>, record: CommitRecord, afterwards: string): Promise<void> {
    try {
      const { at } = await journal.append({ kind: 'COMMIT', run: this.id, record });
      this.#commitLine = { record, at };
      this.#committed = true;
    } catch (cause) {
      if (!(cause instanceof JournalError)) throw cause;
      throw new JournalError(
        'commit-not-recorded',
        `the output was published, but its COMMIT could not be written to the journal: ${cause.message}`,
        {
          place: { file: this.#places.journal ?? '' },
          cause,
          fix: `The predictions are whole and in their place. Mend the journal${afterwards}`,
        },
      );
    }
  }

  /** Writes FAIL, after START where that was not reached. A journal that cannot be written does not hide the run's own failure. */
  async fail(error: ScorelineError): Promise<void> {
    // a run that was not begun leaves no line for a wrong command line, or for another run at work; one that was begun has one end
    if (!this.#started && !this.teller.started && UNBEGUN.has(error.statusName)) return;
    // what a journal refused it will refuse again; a lock that was busy may be free by now
    const refused = error instanceof JournalError && error.statusName !== 'locked';
    const recorded = this.#places.journal !== undefined && !refused && !this.#ended;
    if (!recorded && !this.teller.isHeard) return;
    const record = (): FailRecord => ({ ...this.#runFigures(), ...this.#withheld(), error: errorFigures(error) });
    if (recorded) await this.#failInJournal(record);
    this.teller.start(() => this.#startRecord(), runColumns(this.plan));
    this.teller.end({ kind: 'FAIL', record: record() });
  }

  async #failInJournal(record: () => FailRecord): Promise<void> {
    try {
      await this.start();
      await this.#journal?.append({ kind: 'FAIL', run: this.id, record: record() });
    } catch (failure) {
      if (!(failure instanceof JournalError)) throw failure;
    }
  }

  /** The end of a run whose process is gone, which is in its journal by now. */
  tellFailure(error: ScorelineError): void {
    this.teller.start(() => this.#startRecord(), runColumns(this.plan));
    this.teller.end({ kind: 'FAIL', record: { error: errorFigures(error) } });
  }

  /** Passes chunks on and adds up the time spent waiting for them. */
  async *timeReads(chunks: AsyncIterable<Chunk>): AsyncGenerator<Chunk, void, undefined> {
    let from = performance.now();
    for await (const chunk of chunks) {
      this.#timings.read += (performance.now() - from) / 1e3;
      yield chunk;
      from = performance.now();
    }
  }

  async timeWrite(write: Promise<void>): Promise<void> {
    const from = performance.now();
    await write;
    this.#timings.write += (performance.now() - from) / 1e3;
  }

  progress({ rowsIn, rejected, bytes }: Accounting): void {
    const source = this.input?.source;
    if (source === undefined) return;
    try {
      const resumed = this.resumed && { resumed: { rows: this.resumed.rows, bytes: this.resumed.bytes } };
      this.#options.onProgress?.({ rows: rowsIn, rejected, bytes, totalBytes: source.size, seconds: this.seconds, ...resumed });
    } catch (cause) {
      throw new UsageError('callback-failed', `onProgress threw: ${cause instanceof Error ? cause.message : String(cause)}`, {
        cause,
        fix: 'Mend the callback: what it throws stops the run.',
      });
    }
  }

  summary(): RunSummary {
    const { accounting, rejects } = this.figures ?? {};
    return {
      runId: this.id,
      ...(this.resumed === undefined ? {} : { resumed: { run: this.resumed.run, fromRow: this.resumed.fromRow } }),
      rowsIn: accounting?.rowsIn ?? 0,
      scored: accounting?.scored ?? 0,
      rejected: accounting?.rejected ?? 0,
      rejectedByCode: Object.fromEntries(accounting?.byCode ?? []),
      ...(accounting === undefined || accounting.byFallback === 0 ? {} : { byFallback: accounting.byFallback }),
      ...(this.#options.insteadOf === undefined ? {} : { fallback: this.#options.insteadOf }),
      model: { path: this.#options.model, sha256: this.model?.sha256 ?? '' },
      input: this.#places.inputName,
      output: this.#places.outputName,
      rejects: rejects?.sink === undefined ? undefined : this.#places.rejects,
      journal: this.#places.journal,
      seconds: this.seconds,
      warnings: this.warnings.list(),
      ...(this.#data === undefined ? {} : { data: this.#data }),
      gates: this.gates,
      workers: this.plan?.workers ?? 0,
      plan: this.#planSummary(),
      peakMemoryBytes: peakMemoryBytes(),
      columns: this.plan?.columns ?? [],
    };
  }

  #openedJournal(): Journal {
    if (this.#journal === undefined) throw new DefectError('a journal is written to before it is open');
    return this.#journal;
  }

  #planSummary(): RunSummary['plan'] {
    const { plan } = this;
    if (plan === undefined) return undefined;
    const { limitedBy, threads, chunkBytes, blockRows: batchRows, machine } = plan;
    return { limitedBy, threads, chunkBytes, batchRows, machine };
  }

  #startRecord(): StartRecord {
    const { model, contract, input, plan } = this;
    return {
      versions: { scoreline: scorelineVersion, node: process.versions.node, runtime: runtimeVersion() },
      options: effectiveOptions(this.#options, (contract?.ids ?? []).length > 0) as Record<string, Json>,
      labels: this.#options.labels ?? {},
      model: {
        path: this.#options.model,
        sha256: model?.sha256 ?? null,
        bytes: model?.sizeBytes ?? null,
        producer: model?.producer || null,
        family: model?.family ?? null,
      },
      contract: contract === undefined ? null : { path: contract.path, sha256: contract.sha256 },
      input: { path: this.#places.inputName, bytes: input?.source.size ?? null, format: input?.format ?? null },
      output: { path: this.#places.outputName, format: input?.outputFormat ?? null },
      plan:
        plan === undefined
          ? null
          : {
              workers: plan.workers,
              limitedBy: plan.limitedBy,
              threads: plan.threads,
              chunkBytes: plan.chunkBytes,
              batchRows: plan.blockRows,
              machine: plan.machine,
            },
      ...(this.resumed === undefined ? {} : { resumes: this.resumed.run }),
      ...this.#instead(),
      process: thisProcess(),
    };
  }

  /** The figures of the data, as far as the run has come; undefined before it is planned. */
  figuresNow(): DataFigures | undefined {
    const parts = this.#figureParts();
    return parts && dataFigures(parts);
  }

  #runFigures(): RunFigures | undefined {
    const parts = this.#figureParts();
    return parts && runFigures(parts);
  }

  #figureParts(): FigureSource | undefined {
    const { figures, input, plan, strings, gates, contract, warnings, published } = this;
    if (figures === undefined || input === undefined || plan === undefined) return undefined;
    this.#timings.total = this.seconds;
    const places = { outputName: this.#places.outputName, rejectsPath: this.#places.rejects };
    const effort = { timings: this.#timings, cpu: cpuSeconds(this.#cpuBefore), peakMemoryBytes: peakMemoryBytes() };
    const asked = { journalValues: this.#options.journalValues ?? ('plain' as const), contract };
    return { ...figures, ...this.#fallback(), ...places, ...effort, ...asked, strings, gates, warnings, published, plan, source: input.source };
  }

  /** Only where somebody is told: without a journal no digest is taken. */
  #withheld(): Pick<FailRecord, 'withheld'> {
    const { figures, aside: path } = this;
    if (figures === undefined || path === undefined) return {};
    const { output, accounting } = figures;
    return { withheld: { path, sha256: output.digest(), bytes: output.bytes, rows: accounting.rowsOut } };
  }

  /** In whose place a fallback scores. */
  #instead(): { readonly fallback?: InsteadFigures } {
    const { insteadOf } = this.#options;
    return insteadOf === undefined ? {} : { fallback: { of: insteadOf.of, model: insteadOf.model, why: insteadOf.why } };
  }

  /** What a fallback has scored: everything, or rows. */
  #fallback(): { readonly fallback?: FallbackFigures } {
    const { insteadOf, model: path } = this.#options;
    const rows = this.figures?.accounting.byFallback ?? 0;
    if (insteadOf !== undefined)
      return { fallback: { kind: this.model?.kind ?? 'model', of: insteadOf.of, model: insteadOf.model, why: insteadOf.why, rows } };
    return rows === 0 ? {} : { fallback: { kind: this.rowFallback?.kind ?? 'model', of: null, model: path, why: 'rows', rows } };
  }

  /** Wall-clock time since the run began. */
  get seconds(): number {
    return (performance.now() - this.#begun) / 1e3;
  }
}

/** An error as a FAIL keeps it. */
export function errorFigures({ code, status, message, place }: ScorelineError): FailRecord['error'] {
  return { code, status, message, place, fix: null };
}
