import { joinSinks, type Sinks } from './sinks.js';
import type { Command } from './notify/command.js';
import type { Sink } from './sink.js';

/** Who shall hear of runs; what is undefined shall not. */
export interface SinkOptions {
  readonly metrics: string | undefined;
  readonly openlineage: string | undefined;
  readonly syslog: { /** Writes to the journal of systemd; undefined: logger(1). */ readonly journal: ((text: string) => void) | undefined; readonly quiet: boolean } | undefined;
  /** A command for verdicts. */
  readonly notify: Command | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
} // prettier-ignore

/** Opens the sinks that are asked for, and reads the code of no other. Nothing is written or connected to before there is something to tell. */
export async function openSinks({ metrics, openlineage, syslog, notify, env }: SinkOptions): Promise<Sinks> {
  const sinks: Sink[] = [];
  if (syslog !== undefined) sinks.push((await import('./syslog/syslog.js')).openSyslog(syslog));
  if (metrics !== undefined) sinks.push((await import('./metrics/metrics.js')).openMetrics(metrics));
  if (openlineage !== undefined) sinks.push((await import('./openlineage/openlineage.js')).openOpenLineage(openlineage, env));
  if (notify !== undefined) sinks.push((await import('./notify/notify.js')).openNotify(notify, env));
  return joinSinks(sinks);
}
