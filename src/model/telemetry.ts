import { isMainThread } from 'node:worker_threads';
import { UsageError } from '../errors/errors.js';

/** The runtime's own switch; anything but `1` leaves its telemetry on. */
export const TELEMETRY_SWITCH = 'ORT_DISABLE_TELEMETRY';

/**
 * Switches the runtime's telemetry off, before the runtime is loaded anywhere in the process: from 1.29 on it writes a device id and a queue into the home
 * folder and looks up a vendor's host. The runtime reads the process's real environment, which a worker thread only has a copy of; so this belongs
 * on the main thread. In a host's worker thread it throws UsageError `telemetry` unless the switch was set before that worker started.
 */
export function silenceTelemetry(): void {
  if (isMainThread) {
    process.env[TELEMETRY_SWITCH] = '1';
    return;
  }
  if (isTelemetrySilent()) return;
  throw new UsageError(
    'telemetry',
    `found a worker thread without ${TELEMETRY_SWITCH}=1 in its environment, expected it to be set before the runtime is loaded`,
    {
      fix: `Start the process with ${TELEMETRY_SWITCH}=1, or load scoreline on the main thread before starting the worker.`,
    },
  );
}

/** Was the switch set, as far as this thread can see? */
export function isTelemetrySilent(): boolean {
  return process.env[TELEMETRY_SWITCH] === '1';
}
