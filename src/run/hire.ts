import { Worker } from 'node:worker_threads';
import { leave, rest } from './leave.js';

/** Workers that nobody has hired, with their threads alive: started ahead of the first run, or kept from one run for the next. */
const idle: Worker[] = [];
let warm = false;

/** For a process that does one run after the other: workers are kept from one to the next, with the runtime, their compiled code and the session that they have. */
export function stayWarm(): void {
  warm = true;
}

/** Starts a worker for the first run of this process: its thread loads the runtime while this one reads its own code. */
export function hireAhead(): void {
  keepAhead(newWorker('scoreline-0'));
}

/**
 * Keeps a worker of ours until it is hired. One that dies before that is forgotten; the one hired in its place says why.
 */
export function keepAhead(worker: Worker): void {
  idle.push(worker);
  const forget = (): void => {
    const at = idle.indexOf(worker);
    if (at >= 0) idle.splice(at, 1);
  };
  worker.on('error', forget).on('exit', forget);
}

/** A worker that waits for work, or a new one. It loads the runtime by itself, and waits to be told what to do. */
export function hire(name: string): Worker {
  const waiting = idle.shift();
  if (waiting === undefined || waiting.threadId === -1) return newWorker(name);
  waiting.removeAllListeners('error').removeAllListeners('exit');
  return waiting;
}

/** Takes a worker back when its run is over: it rests until it is hired again, or leaves. Resolves when nothing of the run goes on in it. */
export async function release(worker: Worker): Promise<void> {
  if (!warm) return leave(worker);
  if (await rest(worker)) keepAhead(worker);
}

/** Lets all workers go that nobody has hired. */
export async function dismissIdle(): Promise<void> {
  await Promise.all(idle.splice(0).map((worker) => leave(worker)));
}

function newWorker(name: string): Worker {
  return new Worker(new URL('./worker.js', import.meta.url), { name });
}
