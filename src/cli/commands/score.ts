import { InterruptedError } from '../../errors/errors.js';
import { FALLBACK_CAUSES, isWarned, type RunSummary, type ScoreOptions } from '../../run/options.js';
import type { Context, Ending } from '../command.js';
import type { Effects } from '../effects.js';
import { openProgress, progressMode, type ProgressView } from '../progress.js';
import { toScoreOptions, type ScoreSettings } from '../score-options.js';
import { eventHook, openSinksAsked, refuseSharedFiles, tellAll } from '../sinks.js';
import { warningStatus } from '../warning-status.js';
import { unknownVariables } from '../variables.js';
import { openWarnings } from '../warnings.js';

/** `scoreline score`: runs the engine, shows how far it is, and closes with a summary. Throws what the engine throws. */
export async function runScore(settings: ScoreSettings, { effects, reporter }: Context): Promise<Ending> {
  const options = toScoreOptions(settings, effects);
  const warnings = openWarnings(unknownVariables(effects.env));
  const output = settings.output ?? '-';
  refuseSharedFiles(settings, options);
  const sinks = await openSinksAsked(settings, reporter.people, effects);
  const view = await openProgress(progressMode(settings.progress, reporter.people, output, effects), reporter.people, effects);
  let summary: RunSummary;
  try {
    const hooks = { signal: effects.signal, onProgress: view.update, onWarning: warnings.add, ...eventHook(sinks) };
    summary = await scoreAsAsked(settings, { ...options, ...hooks }, effects);
  } catch (error) {
    await tellAll(sinks, warnings);
    close(view, () => reporter.warnings(warnings.list()));
    throw output === '-' ? asPipeClosed(error) : error;
  }
  await tellAll(sinks, warnings);
  close(view, () => {
    for (const warning of summary.warnings) warnings.add(warning);
    reporter.warnings(warnings.list(), isWarned(summary) && settings.warnStatus !== 0);
    reporter.summary({ ...summary, warnings: warnings.list() });
  });
  return isWarned(summary) ? warningStatus(settings) : 'ok';
}

/** Here, or where time or memory is limited in a process of its own. The deadline counts from the start of the command. */
async function scoreAsAsked({ deadline, maxMemory }: ScoreSettings, options: ScoreOptions, effects: Effects): Promise<RunSummary> {
  const { fallback } = options;
  // a fallback for crashes has to outlive them
  const outlives = fallback !== undefined && (fallback.on ?? FALLBACK_CAUSES).includes('crash');
  if (deadline === undefined && maxMemory === undefined && !outlives) return effects.score(options);
  const scorer = await effects.openScorer(maxMemory === undefined ? {} : { maxMemoryBytes: maxMemory });
  const { onProgress, onWarning, onEvent } = options;
  const limits = deadline === undefined ? {} : { deadlineMs: deadline, elapsedMs: effects.uptimeMs() };
  try {
    return await scorer.score(options, {
      signal: effects.signal,
      ...limits,
      ...(onProgress === undefined ? {} : { onProgress }),
      ...(onWarning === undefined ? {} : { onWarning }),
      ...(onEvent === undefined ? {} : { onEvent }),
    });
  } finally {
    await scorer.close();
  }
}

function close(view: ProgressView, afterwards: () => void): void {
  view.close();
  afterwards();
}

/** The reader of stdout went away: whatever the writer made of it, this is `| head` and no failed write. */
function asPipeClosed(error: unknown): unknown {
  const causes = [error, error instanceof Error ? error.cause : undefined];
  const closed = causes.some((cause) => cause instanceof Error && 'code' in cause && cause.code === 'EPIPE');
  return closed ? new InterruptedError('pipe-closed', 'the reader of stdout went away', { cause: error }) : error;
}
