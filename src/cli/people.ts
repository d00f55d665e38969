import { PEOPLE_FLAGS, SINK_FLAGS } from './flags.js';
import { readSettings, type Sources } from './settings.js';

/** How a command talks to people. */
export interface People {
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly logFormat: 'text' | 'json';
  /** Each line on stderr begins with its priority, as the journal of systemd reads it. */
  readonly priorities?: boolean;
}

/**
 * How to talk, as far as the command line tells: read before anything else, and from whatever was understood of it, so that an error in the
 * rest is reported as asked for. What is wrong with these flags themselves is found when the settings are read.
 */
export function peoplePreferences(sources: Sources, stderrIsJournal: boolean): People {
  const [quiet, verbose] = [PEOPLE_FLAGS.filter(({ name }) => name === 'quiet'), PEOPLE_FLAGS.filter(({ name }) => name === 'verbose')];
  const syslog = SINK_FLAGS.filter(({ name }) => name === 'syslog');
  const format = PEOPLE_FLAGS.filter(({ name }) => name === 'log-format');
  return {
    quiet: attempt(() => 'quiet' in readSettings(quiet, sources), false),
    verbose: attempt(() => 'verbose' in readSettings(verbose, sources), false),
    logFormat: attempt(() => readSettings(format, sources).logFormat ?? 'text', 'text'),
    priorities: stderrIsJournal && attempt(() => readSettings(syslog, sources).syslog, undefined) !== 'never',
  };
}

function attempt<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch {
    return otherwise;
  }
}
