import { Worker } from 'node:worker_threads';
import { leave, rest } from './leave.js';
import { isWarm } from './warm.js';

/** A worker that is hired for a run. */
export interface Hired {
  readonly worker: Worker;
  /** Of the session that it has from an earlier run. */
  readonly sessionKey: string | undefined;
}

/** Workers that nobody has hired, with their threads alive: started ahead of the first run, or kept from one run for the next. */
const idle: Hired[] = [];

/** Starts a worker for the first run of this process: its thread loads the runtime while this one reads its own code. */
export function hireAhead(): void {
  keepAhead(newWorker('scoreline-0'));
}

/** Keeps a worker of ours until it is hired. One that dies before that is forgotten; the one hired in its place says why. */
export function keepAhead(worker: Worker, sessionKey?: string): void {
  const kept = { worker, sessionKey };
  idle.push(kept);
  const forget = (): void => {
    const at = idle.indexOf(kept);
    if (at >= 0) idle.splice(at, 1);
  };
  worker.on('error', forget).on('exit', forget);
}

/** A worker that waits for work, or a new one. It loads the runtime by itself, and waits to be told what to do. */
export function hire(name: string): Hired {
  const waiting = idle.shift();
  if (waiting === undefined || waiting.worker.threadId === -1) return { worker: newWorker(name), sessionKey: undefined };
  waiting.worker.removeAllListeners('error').removeAllListeners('exit');
  return waiting;
}

/** Takes a worker back when its run is over: it leaves, or in a process that stays warm rests, with all that it has loaded and its session. Resolves when nothing of the run goes on in it. */
export async function release(worker: Worker): Promise<void> {
  if (!isWarm()) return leave(worker);
  const resting = await rest(worker);
  if (resting !== undefined) keepAhead(worker, resting.sessionKey);
}

/** Lets all workers go that nobody has hired. */
export async function dismissIdle(): Promise<void> {
  await Promise.all(idle.splice(0).map(({ worker }) => leave(worker)));
}

function newWorker(name: string): Worker {
  return new Worker(new URL('./worker.js', import.meta.url), { name });
}
