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

/** How long a worker may take for what it has in hand. */
const PATIENCE_MS = 10_000;

/**
 * Asks a worker to leave by itself and waits until it is gone. A thread that is terminated inside the runtime takes the whole process with it (SIGABRT),
 * so that is left for a worker that does not come back.
 */
export async function leave(worker: Worker): Promise<void> {
  const left = new Promise<'gone'>((resolve) => worker.once('exit', () => resolve('gone')));
  worker.postMessage(LEAVE);
  if (worker.threadId === -1) return; // it is gone already
  if ((await inTime(left)) === 'late') await worker.terminate();
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
  const outcome = await inTime(answer);
  if (outcome === 'late') await worker.terminate();
  worker.removeAllListeners('message').removeAllListeners('error').removeAllListeners('exit');
  return outcome === 'late' ? undefined : outcome;
}

async function inTime<T>(event: Promise<T>): Promise<T | 'late'> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => (timer = setTimeout(() => resolve('late'), PATIENCE_MS)));
  const first = await Promise.race([event, late]);
  clearTimeout(timer);
  return first;
}
