import type { Worker } from 'node:worker_threads';
import type { FromWorker } from './protocol.js';

/** To a worker: finish what is in hand and leave. */
export const LEAVE = 'leave';
/** To a worker: finish what is in hand, say so, and wait for the next run. */
export const REST = 'rest';

/** A worker's answer to that, with the session that it keeps. */
export interface Resting {
  readonly kind: 'resting';
  readonly sessionKey: string | undefined;
}

/** How long a worker may take for what it has in hand before a run that fails does not wait for it any more; service managers kill ten seconds after SIGTERM. */
const LEAVE_MS = 3000;
/** The same before a worker that was to be kept is ended by force. */
const REST_MS = 10_000;

/** Workers that were asked to leave and are in native code to this day. */
const stuck = new Set<Worker>();

/**
 * Asks a worker to leave by itself and waits until it is gone, or has not been heard of for so long that it must be stuck in native code. Such a thread is
 * let be: terminated inside the runtime, it would take the whole process with it (SIGABRT), before the run is recorded.
 */
export async function leave(worker: Worker): Promise<void> {
  const left = new Promise<'gone'>((resolve) => worker.once('exit', () => resolve('gone')));
  worker.postMessage(LEAVE);
  if (worker.threadId === -1) return; // it is gone already
  if ((await inTime(left, LEAVE_MS)) !== 'late') return;
  stuck.add(worker);
  worker.once('exit', () => stuck.delete(worker)).unref();
}

/** True while threads run on that could not be made to leave: the process cannot end in order as long as they do. */
export function hasStuckWorkers(): boolean {
  return stuck.size > 0;
}

/** Asks a worker to be done with its run, and takes off it whoever listened. Undefined where it is gone, or did not come back and was ended. */
export async function rest(worker: Worker): Promise<Resting | undefined> {
  worker.removeAllListeners('message').removeAllListeners('error').removeAllListeners('exit');
  if (worker.threadId === -1) return undefined;
  const answer = new Promise<Resting | undefined>((resolve) => {
    worker.on('message', (message: Resting | FromWorker) => message.kind === 'resting' && resolve(message));
    worker.on('error', () => resolve(undefined)).on('exit', () => resolve(undefined));
  });
  worker.postMessage(REST);
  const outcome = await inTime(answer, REST_MS);
  if (outcome === 'late') await worker.terminate();
  worker.removeAllListeners('message').removeAllListeners('error').removeAllListeners('exit');
  return outcome === 'late' ? undefined : outcome;
}

async function inTime<T>(event: Promise<T>, ms: number): Promise<T | 'late'> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => (timer = setTimeout(() => resolve('late'), ms)));
  const first = await Promise.race([event, late]);
  clearTimeout(timer);
  return first;
}
