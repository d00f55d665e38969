import type { Worker } from 'node:worker_threads';

/** To a worker: finish what is in hand and leave. */
export const LEAVE = 'leave';

/** How long a worker may take for what it has in hand. */
const PATIENCE_MS = 10_000;

/**
 * Asks a worker to leave by itself and waits until it is gone. A thread that is terminated inside the runtime takes the whole process with it (SIGABRT),
 * so that is left for a worker that does not come back.
 */
export async function leave(worker: Worker): Promise<void> {
  const left = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  worker.postMessage(LEAVE);
  if (worker.threadId === -1) return; // it is gone already
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => (timer = setTimeout(() => resolve('late'), PATIENCE_MS)));
  if ((await Promise.race([left, late])) === 'late') await worker.terminate();
  clearTimeout(timer);
}
