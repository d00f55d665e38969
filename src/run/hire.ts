import { Worker } from 'node:worker_threads';
import { leave } from './leave.js';

let ahead: Worker | undefined;

/**
 * Keeps a worker of ours that the process has started before its own code was read, for the first run of this process: its thread loads the runtime meanwhile.
 * One that dies before it is hired is forgotten; the one hired in its place says why.
 */
export function keepAhead(worker: Worker): void {
  ahead = worker;
  worker.on('error', () => (ahead = undefined));
}

/** The worker that was started ahead, or a new one. It loads the runtime by itself, and waits to be told what to do. */
export function hire(name: string): Worker {
  const started = ahead?.threadId === -1 ? undefined : ahead;
  const worker = started ?? new Worker(new URL('./worker.js', import.meta.url), { name });
  ahead = undefined;
  return worker;
}

/** Lets a worker go that nobody hired. */
export async function dismissAhead(): Promise<void> {
  const worker = ahead;
  ahead = undefined;
  if (worker !== undefined) await leave(worker);
}
