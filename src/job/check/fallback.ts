import { loadContract } from '../../contract/load.js';
import { ScorelineError } from '../../errors/errors.js';
import type { FormatName } from '../../format/format.js';
import { loadModel } from '../../model/load.js';
import type { Closers } from '../../run/closers.js';
import { causeOf, fallbackAlone, isFor, whyOnce } from '../../run/fallback.js';
import type { ScoreOptions } from '../../run/options.js';
import { failed, ok, warning, type Finding } from './finding.js';
import type { FirstRows } from './first-rows.js';
import { planFirst } from './plan-first.js';
import { pathText } from './texts.js';
import { TRIAL_ROWS, tryRows } from './trial.js';

/** A fallback is needed on the day on which nobody has time to mend it: it has to score the first rows today. Nothing where there is none. */
export async function tryFallback(
  options: ScoreOptions,
  { first, outputFormat, closers }: { readonly first: FirstRows; readonly outputFormat: FormatName; readonly closers: Closers },
): Promise<readonly Finding[]> {
  const alone = await fallbackAlone(options);
  if (alone === undefined) return [];
  try {
    const model = await loadModel(alone.model, alone.maxModelBytes);
    const contract = await loadContract(undefined, model.path, model.sha256);
    const planned = await planFirst({ options: alone, model, contract, first, outputFormat, closers });
    if (planned.plan === undefined || planned.failure !== undefined) throw planned.failure;
    const bytes = first.chunk?.bytes.length ?? 0;
    const { accounting } = await tryRows({ options: alone, model, contract, plan: planned.plan, first, bytes, rows: TRIAL_ROWS, closers, paceMs: 0 });
    return [ok('fallback', `${pathText(alone.model)}: ${accounting.scored} of the first ${accounting.rowsIn} rows can be scored by it`)];
  } catch (error) {
    return [failed('fallback', error)];
  }
}

/** A fallback for single rows that cannot be used ends the run; what to do is what its own error says. */
export function brokenFallback(error: unknown): Finding {
  const because = error instanceof ScorelineError && error.cause instanceof ScorelineError ? error.cause.fix : undefined;
  return failed('fallback', error, because === undefined ? {} : { fix: because });
}

/** Found before a run reads anything of its input: then even one that comes through a pipe is left to the fallback. */
const BEFORE_READING: ReadonlySet<string> = new Set(['model', 'contract']);

/** What fails by the model, where the fallback can score the first rows and is for that, keeps nothing from being published: a run scores by the fallback, and warns. */
export async function takenOver(findings: readonly Finding[], options: ScoreOptions): Promise<readonly Finding[]> {
  const { fallback } = options;
  if (fallback === undefined || !findings.some(({ subject, level }) => subject === 'fallback' && level === 'ok')) return findings;
  const once = await whyOnce(options);
  return findings.map((finding) => {
    const { subject, text, fix, error } = finding;
    const cause = causeOf(error);
    if (error === undefined || cause === undefined || !isFor(fallback, cause)) return finding;
    if (once !== undefined && !BEFORE_READING.has(subject)) return { ...finding, lines: [...(finding.lines ?? []), `The fallback cannot take over, because ${once}.`] };
    return warning(subject, 'fallback-takes-over', `a run would score all rows by the fallback: ${text} [${error.code}]`, { lines: finding.lines ?? [], fix, details: { ...finding.details, cause, because: error.code } });
  });
} // prettier-ignore
