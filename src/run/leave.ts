import type { Worker } from 'node:worker_threads';

/** To a worker: finish what is in hand and leave. */
export const LEAVE = 'leave';
/** To a worker: finish what is in hand, say so, and wait for the next run. It answers with the same word. */
export const REST = 'rest';

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

/** Asks a worker to be done with its run, and takes off it whoever listened. False where it is gone, or did not come back and was ended. */
export async function rest(worker: Worker): Promise<boolean> {
  worker.removeAllListeners('message').removeAllListeners('error').removeAllListeners('exit');
  if (worker.threadId === -1) return false;
  const answer = new Promise<'resting' | 'gone'>((resolve) => {
    worker.on('message', (message) => message === REST && resolve('resting'));
    worker.on('error', () => resolve('gone')).on('exit', () => resolve('gone'));
  });
  worker.postMessage(REST);
  const outcome = await inTime(answer);
  if (outcome === 'late') await worker.terminate();
  worker.removeAllListeners('message').removeAllListeners('error').removeAllListeners('exit');
  return outcome === 'resting';
}

async function inTime<T>(event: Promise<T>): Promise<T | 'late'> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => (timer = setTimeout(() => resolve('late'), PATIENCE_MS)));
  const first = await Promise.race([event, late]);
  clearTimeout(timer);
  return first;
}
