import { InterruptedError } from '../errors/errors.js';
import type { StatusName } from '../errors/statuses.js';

/** What of the process signals need; tests pass their own. */
export interface SignalHost {
  readonly pid: number;
  on(event: 'SIGINT' | 'SIGTERM', listener: () => void): unknown;
  removeListener(event: 'SIGINT' | 'SIGTERM', listener: () => void): unknown;
  kill(pid: number, signal: 'SIGINT' | 'SIGTERM'): unknown;
}

export interface SignalWatch {
  /** Aborted by the first SIGINT or SIGTERM; its reason is an InterruptedError. */
  readonly signal: AbortSignal;
  /** Stops what runs for another reason. */
  readonly abort: (reason: Error) => void;
  /**
   * To be called when all is cleaned up. A run that ended by a signal ends the process by the same signal's default action, so that shells
   * and schedulers see what happened (130, 143) and stop their own loops.
   */
  readonly close: (status: StatusName) => void;
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** Turns SIGINT and SIGTERM into an abort; the second one, of either kind, ends the process at once. */
export function watchSignals(host: SignalHost): SignalWatch {
  const controller = new AbortController();
  const listeners = SIGNALS.map((name) => ({ name, listener: () => onSignal(name) }));
  let caught: (typeof SIGNALS)[number] | undefined;

  function onSignal(name: (typeof SIGNALS)[number]): void {
    if (caught !== undefined) {
      end(name);
      return;
    }
    caught = name;
    const code = name === 'SIGINT' ? 'interrupted' : 'terminated';
    controller.abort(new InterruptedError(code, `stopped by ${name}; nothing was published`));
  }

  function unwatch(): void {
    for (const { name, listener } of listeners) host.removeListener(name, listener);
  }

  function end(name: (typeof SIGNALS)[number]): void {
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
      if (caught !== undefined && (status === 'interrupt' || status === 'terminate')) host.kill(host.pid, caught);
    },
  };
}
