import type { ScorelineError } from '../../errors/errors.js';
import { WARNED_BY, type RunSummary, type Warning } from '../../run/options.js';
import type { Effects } from '../effects.js';
import type { People } from '../people.js';
import { jobLine, jobText, type JobSummary } from './job.js';
import { errorLine, profiledLine, summaryLine, warningLine } from './json.js';
import { profiledText, type Profiled } from './profiled.js';
import { errorText, summaryText, warningText, type TextStyle } from './text.js';

/** Says on stderr what people and programs should know, in the form and to the degree that they asked for. */
export interface Reporter {
  readonly people: People;
  readonly error: (error: ScorelineError) => void;
  /** Shown on a terminal or with -v; those by which a run ends with another status, where it does (`isWarned`), everywhere but with -q: cron knows no status. */
  readonly warnings: (warnings: readonly Warning[], isWarned?: boolean) => void;
  /** Shown on a terminal or with -v. */
  readonly summary: (summary: RunSummary) => void;
  /** Shown on a terminal or with -v. */
  readonly profiled: (profiled: Profiled) => void;
  /** Shown on a terminal or with -v, and where something failed. */
  readonly job: (summary: JobSummary) => void;
}

/** The reporter for these preferences. */
export function openReporter(people: People, { stderr, env, now }: Pick<Effects, 'stderr' | 'env' | 'now'>): Reporter {
  const style: TextStyle = { color: takesColor(stderr.isTTY, env), verbose: people.verbose };
  const json = people.logFormat === 'json';
  const say = (level: keyof typeof PRIORITY, text: string): void =>
    stderr.write(people.priorities === true ? prioritised(text, PRIORITY[level]) : text);
  const talks = !people.quiet && (people.verbose || stderr.isTTY);
  return {
    people,
    error: (error) => {
      if (isSilent(error, stderr.isTTY || people.verbose)) return;
      say('err', json ? errorLine(error, now(), people.verbose) : errorText(error, style));
    },
    warnings: (warnings, isWarned = false) => {
      // under systemd the sink of its journal has told them
      const shown = talks
        ? warnings
        : isWarned && !people.quiet && people.priorities !== true
          ? warnings.filter(({ code }) => WARNED_BY.has(code))
          : [];
      for (const warning of shown) say('warning', json ? warningLine(warning, now()) : warningText(warning, style));
    },
    summary: (summary) => {
      if (talks) say('info', json ? summaryLine(summary, now()) : summaryText(summary, style));
    },
    profiled: (profiled) => {
      if (talks) say('info', json ? profiledLine(profiled, now()) : profiledText(profiled));
    },
    job: (summary) => {
      const failed = summary.failures.some((error) => !isSilent(error, stderr.isTTY || people.verbose));
      if (talks || (failed && !people.quiet)) say(failed ? 'err' : 'info', json ? jobLine(summary, now()) : jobText(summary));
    },
  };
}

/** Of syslog, as systemd reads them at the start of a line (sd-daemon(3)). */
const PRIORITY = { err: 3, warning: 4, info: 6 } as const;

function prioritised(text: string, priority: number): string {
  return text.replace(/^(?=.)/gm, `<${priority}>`);
}

/** Locks that are held for milliseconds: one that is busy for longer is news, and a run may have scored all of its rows before it met it. */
const BRIEF_LOCKS: ReadonlySet<string> = new Set(['journal-locked', 'ledger-locked']);

/** `| head` is no failure to speak of, and a run that finds another at its work is not news where nobody watches. */
function isSilent(error: ScorelineError, watched: boolean): boolean {
  return error.statusName === 'pipe' || (error.statusName === 'locked' && !watched && !BRIEF_LOCKS.has(error.code));
}

/** Colours on a terminal, unless NO_COLOR (no-color.org) or TERM=dumb says no. */
export function takesColor(isTTY: boolean, env: Readonly<Record<string, string | undefined>>): boolean {
  return isTTY && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb';
}
