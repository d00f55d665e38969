import { readFileSync } from 'node:fs';
import { isatty } from 'node:tty';
import type { Worker } from 'node:worker_threads';
import { ScorelineError } from '../errors/errors.js';
import { statusOf } from '../errors/statuses.js';
import { asDefect } from '../errors/transfer.js';
import { ownProcess } from '../run/engine.js';
import { dismissIdle, keepAhead } from '../run/hire.js';
import { hasStuckWorkers } from '../run/leave.js';
import type { Ending } from './command.js';
import type { Effects } from './effects.js';
import { helpWidth } from './help.js';
import { isJournalStream } from './journald.js';
import { parse, type Invocation } from './parse.js';
import { peoplePreferences } from './people.js';
import { openReporter } from './report/reporter.js';
import type { Sources } from './settings.js';
import { watchSignals } from './signals.js';
import { openStderr, openStdout } from './streams.js';
import { version } from '../version.js';

/** How long the process stays for threads that are in native code when all else is done. */
const STUCK_MS = 60_000;

/** Runs a command line (`argv` without node and script) and gives its exit status. Never throws: this is the one place that catches. */
export async function runCli(argv: readonly string[], effects: Effects): Promise<number> {
  return statusNumber(await run(argv, effects));
}

function statusNumber(ending: Ending): number {
  return typeof ending === 'string' ? statusOf(ending) : ending.status;
}

async function run(argv: readonly string[], effects: Effects): Promise<Ending> {
  const invocation = parse(argv, effects.version, helpWidth(effects.stdout.columns));
  const sources = sourcesOf(invocation, effects);
  const reporter = openReporter(peoplePreferences(sources, effects.stderrIsJournal()), effects);
  try {
    switch (invocation.kind) {
      case 'show':
        effects.stdout.write(invocation.text);
        return 'ok';
      case 'refuse':
        throw invocation.error;
      case 'run':
        return await invocation.command.run(sources, { effects, reporter });
    }
  } catch (error) {
    const own = asOwn(error, effects.signal);
    reporter.error(own);
    return own.statusName;
  }
}

function sourcesOf(invocation: Invocation, { env, readText }: Effects): Sources {
  return { given: invocation.kind === 'show' ? [] : invocation.given, env, readText };
}

/** What was thrown, as an error of ours. What an abort set off, in whatever words, is reported as the reason of the abort. */
function asOwn(error: unknown, signal: AbortSignal): ScorelineError {
  if (error instanceof ScorelineError) return error;
  if (signal.aborted && signal.reason instanceof ScorelineError && isAbort(error)) return signal.reason;
  return asDefect(error);
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

/**
 * The process: its streams, signals and exit status. Never ends it by itself, so that all output drains; only a signal is raised again, when
 * everything is cleaned up. `ahead` is a scoring worker that the process has started already.
 */
export async function main(host: NodeJS.Process, ahead?: Worker): Promise<void> {
  ownProcess();
  if (ahead !== undefined) keepAhead(ahead);
  const watch = watchSignals(host);
  const stderr = openStderr();
  // holds until the run says otherwise: a process that runs out of work half-way has not succeeded
  host.exitCode = statusOf('defect');
  let finished = false;
  host.once('exit', () => {
    if (!finished) stderr.write('scoreline: error: the process ended before the run was over\n');
  });
  let escaped: ScorelineError | undefined;
  host.on('uncaughtException', (error) => {
    // what escapes from a callback stops the run, which then cleans up and reports it
    escaped = asDefect(error);
    host.exitCode = escaped.status;
    watch.abort(escaped);
  });
  const ending = await run(host.argv.slice(2), {
    env: host.env,
    stdin: { isTTY: isatty(0) },
    stdout: openStdout(),
    stderr,
    stderrIsJournal: () => isJournalStream(host.env['JOURNAL_STREAM']),
    score: async (options) => (await import('../run/score.js')).score(options),
    openScorer: async (options) => (await import('../job/scorer.js')).openScorer(options),
    inspectModel: async (path, maxBytes) => (await import('../model/inspect.js')).inspectModel(path, maxBytes),
    readText: (path) => readFileSync(path, 'utf8'),
    now: () => new Date(),
    uptimeMs: () => performance.now(),
    signal: watch.signal,
    version: version,
  });
  finished = true;
  void dismissIdle();
  if (escaped === undefined) host.exitCode = statusNumber(ending);
  else if (ending === 'ok') stderr.write(`scoreline: error: ${escaped.message}\n`);
  watch.close(typeof ending === 'string' ? ending : 'ok');
  endStuck(host);
}

/** The end of a process waits for its threads, also for those that never leave native code. All is said and recorded by now: they are not waited for without end. */
function endStuck(host: NodeJS.Process): void {
  if (!hasStuckWorkers()) return;
  const fromMs = performance.now();
  const look = setInterval(() => {
    if (!hasStuckWorkers()) clearInterval(look);
    else if (performance.now() - fromMs > STUCK_MS) host.kill(host.pid, 'SIGABRT');
  }, 100);
}
