import { writeObject } from '../../files/json.js';
import type { SinkEvent, StartFacts } from '../event.js';
import { jobName } from '../job-name.js';
import type { Sink } from '../sink.js';
import { runCommand, type Command } from './command.js';
import { commandEnvironment } from './environment.js';
import { gatesText, GIVEN_OVER, verdictOf, type Verdict } from './verdict.js';

/** What a command may take: a mail or a call of a web hook that hangs is given up. */
const COMMAND_MS = 30_000;

/** A verdict that a second run may still change: a gate has asked for the fallback. */
interface Held {
  readonly verdict: Verdict;
  /** The fallback's run, once it has begun. */
  by?: string;
}

/**
 * Runs a command for each run that ends with a verdict. Where a gate asks for the fallback, the two runs have one verdict between them: `fallback` where the second was published, else `withheld`.
 *
 * @param env of this process; the command gets the part of it that programs need to run at all, and what it is told.
 */
export function openNotify(command: Command, env: Readonly<Record<string, string | undefined>>): Sink {
  const starts = new Map<string, StartFacts>();
  let held: Held | undefined;

  const run = (verdict: Verdict, signal: AbortSignal): Promise<void> =>
    runCommand(command, { env: { ...commandEnvironment(env), ...facts(verdict) }, stdin: `${document(verdict)}\n` }, signal);

  /** Nothing comes any more that could change it. */
  async function release(signal: AbortSignal): Promise<void> {
    const last = held;
    held = undefined;
    if (last !== undefined) await run(last.verdict, signal);
  }

  async function end(event: Extract<SinkEvent, { kind: 'COMMIT' | 'FAIL' }>, signal: AbortSignal): Promise<void> {
    const verdict = verdictOf(event, starts.get(event.run) ?? event.dead?.start ?? undefined);
    starts.delete(event.run);
    const before = held?.by === event.run ? held.verdict : undefined;
    if (before === undefined) await release(signal);
    if (event.kind === 'FAIL' && event.record.error?.code === GIVEN_OVER && verdict !== undefined) {
      held = { verdict };
      return;
    }
    if (before !== undefined) {
      held = undefined;
      await run(verdict?.verdict === 'fallback' ? { ...verdict, gates: [...before.gates, ...verdict.gates] } : before, signal);
    } else if (verdict !== undefined) await run(verdict, signal);
  }

  return {
    limitMs: COMMAND_MS,
    warning: (found, times) => ({
      code: 'notify-failed',
      message: `the command of notify, ${command.argv[0] ?? ''}, failed: ${found}`,
      count: times,
    }),
    async tell(event, signal) {
      if (event.kind === 'START') {
        starts.set(event.run, event.record);
        if (held !== undefined && event.record.fallback?.of === held.verdict.event.run) held.by = event.run;
        else await release(signal);
      } else if (event.kind === 'ABORT') starts.delete(event.run);
      else await end(event, signal);
    },
    close: release,
  };
}

/** The verdict as variables: texts to show, never to run. What is not known is empty. */
function facts({ verdict, status, message, gates, event, start }: Verdict): Record<string, string> {
  const { journal } = start?.options ?? {};
  const values = {
    VERDICT: verdict,
    STATUS: String(status),
    MESSAGE: message,
    GATES: gatesText(gates),
    RUN: event.run,
    JOB: start === undefined ? '' : jobName(start),
    INPUT: start?.input.path ?? '',
    OUTPUT: start?.output.path ?? '',
    JOURNAL: typeof journal === 'string' ? journal : '',
  };
  // the system refuses a variable with a zero byte in it
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`SCORELINE_NOTIFY_${name}`, value.replaceAll('\0', '')]));
}

/** All that is known of the run, as one JSON object: the records of the journal. */
function document({ verdict, status, message, event, start }: Verdict): string {
  return writeObject([
    ['verdict', verdict],
    ['status', status],
    ['message', message],
    ['run', event.run],
    ['at', event.at],
    ['kind', event.kind],
    ['start', start ?? null],
    ['record', event.record],
  ]);
}
