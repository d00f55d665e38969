import { relative } from 'node:path';
import { ScorelineError } from '../../errors/errors.js';
import { asDefect } from '../../errors/transfer.js';
import { gravest, type StatusName } from '../../errors/statuses.js';
import type { PassedOver } from '../../job/inputs.js';
import type { Job } from '../../job/job.js';
import { loadJob } from '../../job/load.js';
import { refuseForeignCommand } from '../../job/notify.js';
import { runJob, type JobEvents, type JobResult } from '../../job/run.js';
import { isWarned, type Warning } from '../../run/options.js';
import type { Context, Ending } from '../command.js';
import type { SettingsOf } from '../flag.js';
import type { RUN_JOB_FLAGS } from '../job/flags.js';
import { flagKeys } from '../job-keys.js';
import { jobPlanText } from '../job/plan-text.js';
import { openProgress, progressMode } from '../progress.js';
import { plural } from '../report/figures.js';
import { openReporter, type Reporter } from '../report/reporter.js';
import { stateDirectory } from '../score-options.js';
import { definedSinks, eventHook, jobEndOf, openSinksAsked, tellAll, type SinkSettings } from '../sinks.js';
import { unknownVariables } from '../variables.js';
import { warningStatus } from '../warning-status.js';
import { openWarnings } from '../warnings.js';
import { jobFile } from './job-file.js';

type RunSettings = SettingsOf<typeof RUN_JOB_FLAGS>;

/**
 * `scoreline run`: one run of a job. Every failure is told as it happens, each kind in full once; the gravest is the status. Throws what stops the whole run: the job file, its
 * folders, its lock, a signal.
 */
export async function runRun(settings: RunSettings, context: Context): Promise<Ending> {
  const { effects } = context;
  const keys = flagKeys(effects.readText);
  const job = await loadJob(jobFile('run', settings.job), keys, stateDirectory(effects.env));
  const own = keys.settings();
  const reporter = reporterOf(context, { ...own, syslog: settings.syslog ?? job.sinks.syslog });
  if (settings.dryRun === true) return dryRun(job, settings, context);
  if (job.notify !== undefined) refuseForeignCommand(job.notify, job.file);

  const begunMs = performance.now();
  const people = reporter.people;
  const view = await openProgress(progressMode(settings.progress ?? own.progress, people, job.output, effects), people, effects);
  const warnings = openWarnings(unknownVariables(effects.env));
  const failures = openFailures(reporter);
  const asked = { ...job.sinks, ...definedSinks(settings), notify: job.notify };
  const sinks = await openSinksAsked(asked, people, effects);
  const begunAt = effects.now().toISOString();
  const ended = async (status: StatusName, error: ScorelineError | undefined, result?: JobResult): Promise<void> => {
    // one that another run keeps from its work has not begun
    if (status !== 'locked' || result !== undefined)
      sinks?.jobEnded(jobEndOf({ status, error, result, seconds: (performance.now() - begunMs) / 1e3, at: effects.now() }));
    await tellAll(sinks, warnings);
  };
  let warned = false as boolean;
  const events: JobEvents = {
    onBegun: (run) => sinks?.jobBegun({ run, job: job.name, at: begunAt }),
    ...eventHook(sinks),
    onStart: () => undefined,
    onProgress: view.update,
    onWarning: warnings.add,
    onPublished: (_, summary) => {
      warned ||= isWarned(summary);
      reporter.summary(summary);
    },
    onFailed: failures.add,
  };
  try {
    const result = await runJob(job, {
      rescore: settings.rescore ?? false,
      lockWaitMs: settings.lockWait ?? own.lockWait ?? 0,
      deadlineMs: own.deadline,
      now: () => effects.now().getTime(),
      signal: effects.signal,
      openScorer: () =>
        effects.openScorer({ lowPriority: job.lowPriority, ...(own.maxMemory === undefined ? {} : { maxMemoryBytes: own.maxMemory }) }),
      events,
    });
    const status = gravest([...result.failures.map(({ statusName }) => statusName), ...(warned ? (['warning'] as const) : [])]);
    await ended(status, result.failures[0], result);
    view.close();
    passedOverWarnings(result.passedOver).forEach(warnings.add);
    failures.close();
    reporter.warnings(warnings.list(), warned && (settings.warnStatus ?? own.warnStatus) !== 0);
    reporter.job({ ...result, job: job.name, seconds: (performance.now() - begunMs) / 1e3 });
    return status === 'warning' ? warningStatus(settings, own) : status;
  } catch (error) {
    const own = error instanceof ScorelineError ? error : asDefect(error);
    await ended(own.statusName, own);
    view.close();
    failures.close();
    reporter.warnings(warnings.list());
    throw error;
  }
}

/** As the command line says, else as the job file does. */
function reporterOf(
  { reporter, effects }: Context,
  own: {
    readonly quiet?: boolean;
    readonly verbose?: boolean;
    readonly logFormat?: 'text' | 'json';
    readonly syslog: SinkSettings['syslog'] | undefined;
  },
): Reporter {
  const { quiet, verbose, logFormat, priorities = false } = reporter.people;
  const said = quiet || verbose;
  return openReporter(
    {
      quiet: said ? quiet : (own.quiet ?? false),
      verbose: said ? verbose : (own.verbose ?? false),
      logFormat: logFormat === 'text' ? (own.logFormat ?? 'text') : logFormat,
      priorities: priorities && own.syslog !== 'never',
    },
    effects,
  );
}

async function dryRun(job: Job, settings: RunSettings, { effects }: Context): Promise<StatusName> {
  const { previewJob } = await import('../../job/preview.js');
  const plan = await previewJob(job, { rescore: settings.rescore ?? false, nowMs: effects.now().getTime(), signal: effects.signal });
  effects.stdout.write(jobPlanText(job, plan, effects.now().getTime()));
  return gravest(plan.todo.flatMap(({ refusal }) => (refusal === undefined ? [] : [refusal.statusName])));
}

/** Tells each failure; of a kind that was told already only how often it came again, at the end: one broken model is one screen, not one for each input. */
function openFailures(reporter: Reporter): { readonly add: JobEvents['onFailed']; readonly close: () => void } {
  const again = new Map<string, { readonly error: ScorelineError; count: number }>();
  return {
    add: (path, error, attempts) => {
      const key = `${error.code}\0${error.message}`;
      const known = again.get(key);
      if (known !== undefined) known.count++;
      else {
        again.set(key, { error, count: 0 });
        reporter.error(ofInput(error, path, attempts));
      }
    },
    close: () => {
      for (const { error, count } of again.values()) {
        if (count === 0) continue;
        const message = `${plural(count, 'more input')} failed in the same way: ${error.message}`;
        reporter.error(new ScorelineError(error.code, message, error.statusName, error.fix === undefined ? {} : { fix: error.fix }));
      }
      again.clear();
    },
  };
}

/** An error with the input that it befell, and how often that has failed by now. */
function ofInput(error: ScorelineError, path: string | undefined, attempts: number): ScorelineError {
  if (path === undefined) return error;
  const { code, message, statusName, place, fix, details, cause } = error;
  const named = place.file === path ? message : `input ${relative('', path)}: ${message}`;
  const told = new ScorelineError(code, attempts > 1 ? `${named} (attempt ${attempts})` : named, statusName, {
    place: { file: path, ...place },
    details,
    cause,
    ...(fix === undefined ? {} : { fix }),
  });
  if (error.stack !== undefined) told.stack = error.stack;
  return told;
}

/** One warning for each reason, with the first path. */
export function passedOverWarnings(passedOver: readonly PassedOver[]): readonly Warning[] {
  const reasons = [...new Set(passedOver.map(({ reason }) => reason))];
  return reasons.map((reason) => {
    const [first, ...others] = passedOver.filter((entry) => entry.reason === reason);
    return passedOverWarning(reason, first?.path ?? '', 1 + others.length);
  });
}

function passedOverWarning(reason: PassedOver['reason'], path: string, times: number): Warning {
  switch (reason) {
    case 'link':
      return {
        code: 'input-is-link',
        message: `a symbolic link among the inputs was passed over; followLinks: true would take it: ${path}`,
        count: times,
      };
    case 'not-a-file':
      return { code: 'input-not-a-file', message: `an entry among the inputs is no file, and was passed over: ${path}`, count: times };
    case 'not-utf-8':
      return { code: 'input-name-encoding', message: `an input was passed over, because its name is not in UTF-8: ${path}`, count: times };
  }
}
