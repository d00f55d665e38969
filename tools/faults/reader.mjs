// A reader that looks at published files every millisecond while they are published, in a thread of its own, as a consumer in another process would.
import { readFileSync } from 'node:fs';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';

/** @typedef {{ reads: number, strange: string[] }} Seen what a reader saw: how often it looked, and what was neither old nor new */

export class Reader {
  #worker = new Worker(new URL(import.meta.url));

  /**
   * Watches from now on.
   * @param {{ path: string, allowed: (Buffer | undefined)[] }[]} files undefined stands for absent
   * @returns {() => Promise<Seen>} stops
   */
  watch(files) {
    this.#worker.postMessage(files);
    return () =>
      new Promise((fulfil) => {
        this.#worker.once('message', fulfil);
        this.#worker.postMessage('stop');
      });
  }

  close() {
    return this.#worker.terminate();
  }
}

if (!isMainThread) {
  let files = [];
  let timer;
  const seen = { reads: 0, strange: [] };
  const look = () => {
    for (const { path, allowed } of files) {
      const found = read(path);
      seen.reads++;
      const known = allowed.some((bytes) => (bytes === undefined || found === undefined ? bytes === found : found.equals(bytes)));
      if (!known) seen.strange.push(`${path}: ${found === undefined ? 'absent' : `${found.length} bytes`}`);
    }
  };
  parentPort.on('message', (message) => {
    clearInterval(timer);
    if (message === 'stop') {
      parentPort.postMessage({ ...seen });
      return;
    }
    files = message;
    Object.assign(seen, { reads: 0, strange: [] });
    timer = setInterval(look, 1);
  });
}

function read(path) {
  try {
    return readFileSync(path);
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}
