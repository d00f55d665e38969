import { InterruptedError, type Interruption } from '../errors/errors.js';
import type { StatusName } from '../errors/statuses.js';

/** SIGHUP comes when a terminal or an ssh session goes away. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const CODES: Readonly<Record<SignalName, Interruption>> = { SIGINT: 'interrupted', SIGTERM: 'terminated', SIGHUP: 'hung-up' };
const STATUSES: ReadonlySet<StatusName> = new Set(['interrupt', 'terminate', 'hangup']);
/** `timeout` signals its child and then the child's group: a second signal within this time is the first one again. */
const SAME_SIGNAL_MS = 1000;

type SignalName = (typeof SIGNALS)[number];

/** What of the process signals need; tests pass their own. */
export interface SignalHost {
  readonly pid: number;
  on(event: SignalName, listener: () => void): unknown;
  removeListener(event: SignalName, listener: () => void): unknown;
  kill(pid: number, signal: SignalName): unknown;
}

export interface SignalWatch {
  /** Aborted by the first SIGINT, SIGTERM or SIGHUP; its reason is an InterruptedError. */
  readonly signal: AbortSignal;
  /** Stops what runs for another reason. */
  readonly abort: (reason: Error) => void;
  /**
   * To be called when all is cleaned up. A run that ended by a signal ends the process by the same signal's default action, so that shells
   * and schedulers see what happened (130, 143, 129) and stop their own loops.
   */
  readonly close: (status: StatusName) => void;
}

/** Turns SIGINT, SIGTERM and SIGHUP into an abort; another one a second later ends the process at once. */
export function watchSignals(host: SignalHost, clock: () => number = () => performance.now()): SignalWatch {
  const controller = new AbortController();
  const listeners = SIGNALS.map((name) => ({ name, listener: () => onSignal(name) }));
  let caught: SignalName | undefined;
  let caughtAtMs = 0;

  function onSignal(name: SignalName): void {
    const nowMs = clock();
    if (caught !== undefined) {
      if (nowMs - caughtAtMs > SAME_SIGNAL_MS) end(name);
      return;
    }
    caught = name;
    caughtAtMs = nowMs;
    controller.abort(new InterruptedError(CODES[name], `stopped by ${name} before the end`));
  }

  function unwatch(): void {
    for (const { name, listener } of listeners) host.removeListener(name, listener);
  }

  function end(name: SignalName): void {
    unwatch();
    host.kill(host.pid, name);
  }

  for (const { name, listener } of listeners) host.on(name, listener);
  return {
    signal: controller.signal,
    abort: (reason) => controller.abort(reason),
    close: (status) => {
      unwatch();
      // a run that was published before the signal came in is a success
      if (caught !== undefined && STATUSES.has(status)) host.kill(host.pid, caught);
    },
  };
}
