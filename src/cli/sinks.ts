import { resolve } from 'node:path';
import { UsageError, type ScorelineError } from '../errors/errors.js';
import { statusOf, type StatusName } from '../errors/statuses.js';
import type { JobResult } from '../job/run.js';
import type { RunEvent, ScoreOptions } from '../run/options.js';
import { placesOf, realPath } from '../run/settings.js';
import type { JobEnd } from '../sinks/event.js';
import type { Sinks } from '../sinks/sinks.js';
import type { Effects } from './effects.js';
import type { People } from './people.js';
import type { WarningList } from './warnings.js';

/** What settings and job files say of sinks. */
export interface SinkSettings {
  readonly metrics?: string;
  readonly openlineage?: string;
  readonly syslog?: 'auto' | 'always' | 'never';
}

/** What of sinks only a job says. */
interface JobSinkSettings extends SinkSettings {
  readonly notify?: { readonly argv: readonly string[]; readonly folder: string } | undefined;
}

/** The sinks that are asked for; undefined, and no code of theirs read, where none is. */
export async function openSinksAsked(
  { metrics, openlineage, notify, syslog = 'auto' }: JobSinkSettings,
  people: People,
  { env, stderr, stderrIsJournal }: Pick<Effects, 'env' | 'stderr' | 'stderrIsJournal'>,
): Promise<Sinks | undefined> {
  const journal = stderrIsJournal() ? stderr.write.bind(stderr) : undefined;
  const logs = syslog === 'always' || (syslog === 'auto' && journal !== undefined);
  if (metrics === undefined && openlineage === undefined && notify === undefined && !logs) return undefined;
  const { openSinks } = await import('../sinks/open.js');
  return openSinks({ metrics, openlineage, notify, env, syslog: logs ? { journal, quiet: people.quiet } : undefined });
}

/** For the options of `score`. */
export function eventHook(sinks: Sinks | undefined): { readonly onEvent?: (event: RunEvent) => void } {
  return sinks === undefined ? {} : { onEvent: sinks.tell };
}

/** What of sinks was said; the rest is absent, so that it hides nothing of a job file. */
export function definedSinks({ metrics, openlineage, syslog }: SinkSettings): SinkSettings {
  return {
    ...(metrics === undefined ? {} : { metrics }),
    ...(openlineage === undefined ? {} : { openlineage }),
    ...(syslog === undefined ? {} : { syslog }),
  };
}

/** How a run of a job ended, for sinks. */
export function jobEndOf(end: {
  readonly status: StatusName;
  readonly error: ScorelineError | undefined;
  readonly result: JobResult | undefined;
  readonly seconds: number;
  readonly at: Date;
}): JobEnd {
  const { status, error, result, seconds, at } = end;
  const inputs = result && {
    published: result.published,
    failed: result.failures.length,
    waiting: result.waiting,
    untried: result.untried,
    known: result.known,
  };
  return {
    at: at.toISOString(),
    status: statusOf(status),
    seconds,
    ...(error === undefined ? {} : { error: { code: error.code, message: error.message } }),
    ...(inputs === undefined ? {} : { inputs }),
  };
}

/** Waits until the sinks have heard all, and passes on what went wrong. */
export async function tellAll(sinks: Sinks | undefined, warnings: WarningList): Promise<void> {
  for (const warning of (await sinks?.close()) ?? []) warnings.add(warning);
}

/**
 * A sink's file may be nothing that the run reads or writes by itself.
 *
 * @throws UsageError `same-file`.
 */
export function refuseSharedFiles(settings: SinkSettings, options: ScoreOptions): void {
  const { input, output, rejects, journal } = placesOf(options, false);
  const own: readonly (readonly [what: string, path: string | undefined])[] = [
    ['the input', input],
    ['the model', options.model],
    ['the contract', options.contract === 'none' ? undefined : options.contract],
    ['the output', output],
    ['the rejects file', rejects],
    ['the journal', journal],
  ];
  const seen = new Map(own.flatMap(([what, path]) => (path === undefined ? [] : [[realPath(resolve(path)), what] as const])));
  for (const [flag, path] of [['--metrics', settings.metrics], ['--openlineage', settings.openlineage]] as const) {
    if (path === undefined || path === 'env' || /^https?:/i.test(path)) continue;
    const real = realPath(resolve(path));
    const other = seen.get(real);
    if (other !== undefined) {
      throw new UsageError('same-file', `the file of ${flag} and ${other} are the same file: ${path}`, { place: { file: path }, fix: `Name a file of its own with ${flag}.` });
    }
    seen.set(real, `the file of ${flag}`);
  }
} // prettier-ignore
