import type { SinkEvent, StartFacts } from '../event.js';
import { untold, type Sink } from '../sink.js';
import { logLines, PRIORITY, type LogLine } from './line.js';
import { logByLogger } from './logger.js';

export interface SyslogOptions {
  /** Writes to stderr, where that is the journal of systemd; undefined where it is not. */
  readonly journal: ((text: string) => void) | undefined;
  /** Only what is wrong. */
  readonly quiet: boolean;
}

/** The log of the system: by lines with a priority on stderr where systemd reads that (sd-daemon(3)), else by logger(1). */
export function openSyslog({ journal, quiet }: SyslogOptions): Sink {
  const starts = new Map<string, StartFacts>();
  async function log(line: LogLine, signal: AbortSignal): Promise<void> {
    if (quiet && line.level !== 'err') return;
    if (journal !== undefined) journal(`<${PRIORITY[line.level]}>${line.text}\n`);
    else await logByLogger(line, signal);
  }
  return {
    warning: (found, times) => ({ code: 'syslog-failed', message: untold('the system log', found), count: times }),
    async tell(event: SinkEvent, signal) {
      if (event.kind === 'START') starts.set(event.run, event.record);
      for (const line of logLines(event, starts.get(event.run) ?? event.dead?.start ?? undefined)) await log(line, signal);
      if (event.kind !== 'START') starts.delete(event.run);
    },
  };
}
