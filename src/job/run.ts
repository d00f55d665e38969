import { randomBytes } from 'node:crypto';
import { basename } from 'node:path';
import { DefectError, InterruptedError, JobError, JournalError, ScorelineError } from '../errors/errors.js';
import { asDefect } from '../errors/transfer.js';
import { runId } from '../journal/run-id.js';
import { secureFolder } from '../publish/folder.js';
import { hasRunState } from '../publish/output-lock.js';
import type { Progress, RunEvent, RunSummary, Warning } from '../run/options.js';
import { recoverOutput } from '../run/recover-output.js';
import { finishInput } from './after.js';
import { zonedTime } from './clock.js';
import { judgeExpectation, unmetExpectation } from './expectation.js';
import { isInput } from './glob.js';
import { History, publishedEntry, UNREAD, type Known, type Published } from './history.js';
import { awaitInputs } from './inputs.js';
import type { Job } from './job.js';
import { noteJobFile } from './job-file.js';
import { leftBehind } from './left-behind.js';
import { lockJob } from './lock.js';
import { refuseSpecialOutput } from './plain-output.js';
import { planJobRun, type PlannedInput, type Repetition, type RunPlan } from './plan-run.js';
import { newlyGone } from './presence.js';
import type { Scorer } from './scorer.js';
import { retold } from './retold.js';
import { foreignOutput, judgeStanding, type Standing } from './standing.js';
import { ledgerOf } from './state.js';
import { templateFolder } from './template.js';
import { inJobWords } from './words.js';

/** What a run of a job is told and given. */
export interface JobRunOptions {
  readonly rescore: boolean;
  /** How long to wait for another run of the job. */
  readonly lockWaitMs: number;
  /** How long each input may take. */
  readonly deadlineMs: number | undefined;
  readonly now: () => number;
  readonly signal: AbortSignal;
  readonly openScorer: () => Promise<Scorer>;
  readonly events: JobEvents;
}

/** What happens meanwhile, for whoever watches. */
export interface JobEvents {
  readonly onStart: (path: string) => void;
  readonly onProgress: (progress: Progress) => void;
  readonly onWarning: (warning: Warning) => void;
  /** The run of the job itself begins: its id, which {run} stands for. */
  readonly onBegun?: (run: string) => void;
  /** As the option of `score`, of the run of each input. */
  readonly onEvent?: (event: RunEvent) => void;
  /** An input was published, or found published by a run that was killed before it could say so. */
  readonly onPublished: (path: string, summary: RunSummary) => void;
  /** An input was not scored, or what comes after could not be done with it; undefined: the run itself has failed. */
  readonly onFailed: (path: string | undefined, error: ScorelineError, attempts: number) => void;
}

/** What a run of a job came to. */
export interface JobResult {
  readonly published: number;
  readonly failures: readonly ScorelineError[];
  /** Inputs that were not scored. */
  readonly failed: number;
  /** Published inputs that could not be moved or deleted. */
  readonly unfinished: number;
  /** Inputs that were published before, also those that have been moved or deleted since. */
  readonly known: number;
  readonly waiting: number;
  readonly passedOver: RunPlan['passedOver'];
  /** Inputs that the run did not come to: it was stopped, or its time was up. */
  readonly untried: number;
}

/**
 * One run of a job: every input that is ready and not yet published, oldest first, each once. One that fails does not keep the others back, and is tried again by the next
 * run. What a run that was killed left undone is done first.
 *
 * @throws JobError `job-locked` (75), InputError of the folders, OutputError of the ledger; InterruptedError.
 */
export async function runJob(job: Job, options: JobRunOptions): Promise<JobResult> {
  const lock = await lockJob(job, options);
  try {
    const run = new JobRun(job, options, await History.open(ledgerOf(job), job.identity));
    try {
      return await run.whole();
    } finally {
      await run.close();
    }
  } finally {
    await lock.release();
  }
}

class JobRun {
  readonly #job: Job;
  readonly #options: JobRunOptions;
  readonly #history: History;
  readonly #id: string;
  readonly #begunMs: number;
  readonly #failures: ScorelineError[] = [];
  #scorer: Scorer | undefined;
  #published = 0;
  #failed = 0;
  #unfinished = 0;

  constructor(job: Job, options: JobRunOptions, history: History) {
    this.#job = job;
    this.#options = options;
    this.#history = history;
    this.#begunMs = options.now();
    this.#id = runId(this.#begunMs, randomBytes(10));
  }

  async whole(): Promise<JobResult> {
    const { now, signal, rescore, events } = this.#options;
    events.onBegun?.(this.#id);
    await noteJobFile(this.#job, this.#history, this.#at());
    if (this.#history.damaged > 0) events.onWarning(damagedLedger(this.#history));
    await this.#clearOutputs();
    await this.#finishPending();
    const listing = await awaitInputs(this.#job, now, signal);
    const plan = await planJobRun(this.#job, this.#history, listing, { rescore, run: this.#id, date: this.#date(), nowMs: now(), signal });
    await this.#lookAfterOutputs(plan);
    await this.#recognize(plan.published);
    for (const repetition of plan.published) await this.#repeat(repetition);
    let tried = 0;
    for (const input of plan.todo) {
      signal.throwIfAborted();
      if (this.#leftMs() <= 0) break;
      tried++;
      await this.#tryInput(input);
    }
    const untried = plan.todo.length - tried;
    if (untried > 0) this.#fail(undefined, outOfTime(this.#job, untried), 0);
    this.#judgeExpectation(plan.waiting.length);
    await this.#history.gone(await newlyGone(this.#history, plan), this.#at());
    const known = Math.max(0, this.#history.all().filter(isPublished).length - this.#published);
    await this.#history.compact(now() - this.#job.rememberMs);
    const { waiting, passedOver } = plan;
    return {
      published: this.#published,
      failures: this.#failures,
      failed: this.#failed,
      unfinished: this.#unfinished,
      known,
      waiting: waiting.length,
      passedOver,
      untried,
    };
  }

  async close(): Promise<void> {
    await this.#scorer?.close();
  }

  /** What killed runs have left at outputs that no run comes to again. */
  async #clearOutputs(): Promise<void> {
    for (const { path, paths, attempts } of await leftBehind(this.#history.all())) {
      try {
        const warnings = await recoverOutput(paths, { ...this.#heard(), ledger: this.#history.path });
        warnings.forEach(this.#options.events.onWarning);
      } catch (error) {
        if (this.#options.signal.aborted) throw error;
        const own = error instanceof ScorelineError ? error : asDefect(error);
        if (own.statusName !== 'locked') this.#fail(path, own, attempts); // else a run is at work there
      }
    }
    await this.#history.refresh(); // what had been prepared is published by now
  }

  /** Inputs that were published by a run that was killed before it had done with them what the job says. Whatever a ledger says, only inputs of the job are meant. */
  async #finishPending(): Promise<void> {
    for (const known of this.#history.all())
      if (isPublished(known) && !known.settled && isInput(known.path, this.#job.sources)) await this.#finish(known, 'recover');
  }

  /** Says which published predictions of inputs that are there do not stand any more. They are not made again by themselves: somebody has wanted them away, or other. */
  async #lookAfterOutputs({ published, todo }: RunPlan): Promise<void> {
    const replaced = todo.flatMap(({ paths }) => this.#history.writerOf(paths.output) ?? []);
    const standing = published.map(({ known }) => known);
    const { gone, changed } = await judgeStanding([...standing, ...replaced], this.#history, this.#options.signal);
    const missed = gone.filter((path) => standing.some(({ paths }) => paths.output === path)); // where a new input came, its output comes, too
    for (const warning of standingWarnings({ gone: missed, changed })) this.#options.events.onWarning(warning);
  }

  /** Inputs that were published before and lie there under other stamps, or again, need not be read by the next run. */
  async #recognize(published: readonly Repetition[]): Promise<void> {
    const unknown = published.filter(({ stamp, known }) => known.goneAt !== undefined || this.#history.digestOf(stamp) === undefined);
    await this.#history.seen(unknown.map(({ path, stamp, known: { name, sha256 } }) => ({ name, sha256, path, stamp })));
  }

  /** An input that was published before is there, or there again: it is to be done with as the first. */
  async #repeat({ path, stamp, known }: Repetition): Promise<void> {
    if (this.#job.after.kind !== 'keep' && isPublished(known) && known.settled) await this.#finish({ ...known, path, stamp });
  }

  async #tryInput(input: PlannedInput): Promise<void> {
    const { path, name, sha256, paths, refusal, attempts } = input;
    if (refusal !== undefined) return this.#refuse(input, refusal);
    try {
      for (const written of [paths.output, paths.rejects]) if (written !== null) await refuseSpecialOutput(written);
      if (!this.#options.rescore && (await this.#isPublishedMeanwhile(input))) return;
      if (!this.#options.rescore) await this.#refuseForeignOutput(input);
      const summary = await this.#score(input);
      await this.#history.refresh();
      const known = this.#history.get(name, sha256);
      if (known === undefined || !isPublished(known)) throw new DefectError(`the ledger does not say that '${path}' was published`);
      this.#published++;
      this.#options.events.onPublished(path, summary);
      await this.#finish(known);
    } catch (error) {
      const thrown = error instanceof ScorelineError ? error : asDefect(error);
      if (thrown instanceof InterruptedError || this.#options.signal.aborted) throw thrown;
      const own = await retold(thrown, input, { job: this.#job, leftMs: this.#leftMs() });
      await this.#history.failed(input, { at: this.#at(), code: own.code, status: own.status, message: own.message });
      this.#failed++;
      this.#fail(path, own, attempts + 1);
    }
  }

  /** An input that may not be scored as things are. That it cannot be read is kept, so that `status` can tell: it finds nothing out by itself. */
  async #refuse(input: PlannedInput, refusal: ScorelineError): Promise<void> {
    const { code, status, message } = refusal;
    if (input.sha256 === UNREAD) {
      await this.#history.attempt(fileOf(input), this.#at());
      await this.#history.failed(input, { at: this.#at(), code, status, message });
    }
    this.#failed++;
    this.#fail(input.path, refusal, input.attempts + (input.sha256 === UNREAD ? 1 : 0));
  }

  /**
   * The same content may have been published a moment ago, under another name; or by a run that was killed before it could say so in the ledger: with another model, or a file that was
   * touched since, this run would not know it for its own, and publish a second time.
   */
  async #isPublishedMeanwhile(input: PlannedInput): Promise<boolean> {
    if (input.attempts > 0) {
      await this.#recover(input);
      await this.#history.refresh();
    }
    const known = this.#history.publishedAs(input.name, input.sha256);
    if (known === undefined) return false;
    if (isPublished(known) && !known.settled) await this.#finish(known);
    return true;
  }

  /** What stands at the output without the job's doing is let be; it may be of a run of another content that was killed before it could say so. */
  async #refuseForeignOutput(input: PlannedInput): Promise<void> {
    const { path, paths } = input;
    if (!(await hasRunState(paths.output))) return; // the plan has looked
    await this.#recover(input);
    await this.#history.refresh();
    const foreign = await foreignOutput(path, paths.output, this.#history, { job: this.#job, read: true, signal: this.#options.signal });
    if (foreign !== undefined) throw foreign;
  }

  async #score(input: PlannedInput): Promise<RunSummary> {
    const { deadlineMs = Infinity, events, openScorer } = this.#options;
    const { options, output, rejects, journal, stateDir, name: job } = this.#job;
    const { path, paths } = input;
    await secureFolder(paths.output, templateFolder(output));
    if (rejects !== undefined && paths.rejects !== null) await secureFolder(paths.rejects, templateFolder(rejects));
    if (journal !== false && paths.journal !== null) await secureFolder(paths.journal, templateFolder(journal));
    await this.#history.attempt(fileOf(input), this.#at());
    events.onStart(path);
    this.#scorer ??= await openScorer();
    const leftMs = Math.min(deadlineMs, this.#leftMs());
    return this.#scorer.score(
      {
        // what the ledger says was published is what was read: a file that was changed since its digest was taken fails
        ...(options.limit === undefined ? { expectSha256: input.sha256 } : {}),
        ...options,
        input: path,
        output: paths.output,
        ...(rejects === undefined || paths.rejects === null ? {} : { rejects: paths.rejects }),
        journal: paths.journal ?? false,
        stateDir,
        followLinks: false,
        labels: { job, ...options.labels },
        ledger: { path: this.#history.path, entry: publishedEntry(fileOf(input)) },
      },
      {
        onProgress: events.onProgress,
        onWarning: (warning) => events.onWarning({ ...warning, message: inJobWords(warning.message) }),
        ...this.#heard(),
        ...(leftMs === Infinity ? {} : { deadlineMs: Math.max(1, Math.round(leftMs)) }),
      },
    );
  }

  /** Does with the file of a published input what the job says. What fails is tried again by the next run. */
  async #finish(known: Known & { readonly published: Published }, first?: 'recover'): Promise<void> {
    const { after, doneMarker } = this.#job;
    const { path, name } = known;
    try {
      if (first === 'recover') await this.#recover(known);
      const fill = { name: basename(name), run: this.#id, date: this.#date() };
      const action = await finishInput({ after, path, known, doneMarker, fill, signal: this.#options.signal });
      await this.#history.settled(known, action, this.#at());
    } catch (error) {
      if (this.#options.signal.aborted) throw error;
      this.#unfinished++;
      this.#fail(path, error instanceof ScorelineError ? error : asDefect(error), known.attempts);
    }
  }

  /** The run that published an input may have died before its COMMIT: without that nothing is done with the input. */
  async #recover({ path, paths }: Pick<Known, 'path' | 'paths'>): Promise<void> {
    const warnings = await recoverOutput(paths, this.#heard());
    warnings.forEach(this.#options.events.onWarning);
    const unrecorded = warnings.find(({ code }) => code === 'end-not-recorded');
    if (unrecorded === undefined) return;
    throw new JournalError('commit-not-recorded', `the input was published, but its COMMIT is not in the journal: ${unrecorded.message}`, {
      place: { file: path },
      fix: 'Mend the journal. The predictions are whole and in their place.',
    });
  }

  #heard(): { readonly signal: AbortSignal; readonly onEvent?: (event: RunEvent) => void } {
    const { signal, events } = this.#options;
    return { signal, ...(events.onEvent === undefined ? {} : { onEvent: events.onEvent }) };
  }

  #judgeExpectation(waiting: number): void {
    const { expect, zone } = this.#job;
    if (expect === undefined) return;
    const nowMs = this.#options.now();
    const arrivals = this.#history.all().map(({ firstAt }) => Date.parse(firstAt));
    const error = unmetExpectation(expect, judgeExpectation(expect, arrivals, nowMs, zone), waiting);
    if (error !== undefined) this.#fail(undefined, error, 0);
  }

  #fail(path: string | undefined, error: ScorelineError, attempts: number): void {
    this.#failures.push(error);
    this.#options.events.onFailed(path, error, attempts);
  }

  /** Milliseconds until the run's own deadline. */
  #leftMs(): number {
    const { runDeadlineMs } = this.#job;
    return runDeadlineMs === undefined ? Infinity : this.#begunMs + runDeadlineMs - this.#options.now();
  }

  #date(): string {
    return zonedTime(this.#begunMs, this.#job.zone).date;
  }

  #at(): string {
    return new Date(this.#options.now()).toISOString();
  }
}

function fileOf({ name, sha256, path, stamp, paths }: PlannedInput) {
  return { name, sha256, path, stamp, paths };
}

function isPublished(known: Known): known is Known & { readonly published: Published } {
  return known.published !== undefined;
}

function outOfTime(job: Job, untried: number): JobError {
  return new JobError('run-deadline', `the run's deadline has passed, with ${untried} input${untried === 1 ? '' : 's'} not scored yet`, {
    status: 'deadline',
    place: { file: job.file },
    fix: 'The next run takes them; to give a run more time, raise runDeadline in the job file.',
  });
}

function standingWarnings({ gone, changed }: Standing): readonly Warning[] {
  const [missing, other] = [gone[0], changed[0]];
  return [
    ...(missing === undefined ? [] : [{ code: 'output-gone', message: `published predictions are gone, though their input is there; --rescore makes them again: ${missing}`, count: gone.length }]),
    ...(other === undefined ? [] : [{ code: 'output-changed', message: `published predictions are other bytes by now: ${other}`, count: changed.length }]),
  ];
} // prettier-ignore

function damagedLedger({ path, damaged }: History): Warning {
  return {
    code: 'ledger-damaged',
    message: `the ledger ${path} has lines that do not prove themselves: what they said was published may be scored again`,
    count: damaged,
  };
}
