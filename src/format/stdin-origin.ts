import { fstatSync, read } from 'node:fs';
import { promisify } from 'node:util';
import { isMainThread } from 'node:worker_threads';
import { readError, type Origin } from './origin.js';
import { openPipeOrigin } from './pipe-origin.js';
import { openStreamOrigin } from './stream-origin.js';

const STDIN = 0;
const NAME = 'stdin';
const readOf = promisify(read);

/**
 * stdin, by its descriptor where that is a pipe, a socket or a file; else, and in a worker thread, which has a stdin of its own, by Node's stream. All count
 * as pipes: a shell may have opened the file for others as well, so its size says nothing.
 */
export function openStdinOrigin(): Origin {
  if (isMainThread) {
    const kind = fstatSync(STDIN);
    if (kind.isFIFO() || kind.isSocket()) return openPipeOrigin(STDIN, NAME);
    if (kind.isFile()) return openRedirected();
  }
  return openStreamOrigin(process.stdin, NAME);
}

/** `scoreline score < file`: read on from where the descriptor stands. */
function openRedirected(): Origin {
  return {
    name: NAME,
    size: undefined,
    isPipe: true,
    async pull(into) {
      try {
        return (await readOf(STDIN, into, 0, into.length, null)).bytesRead;
      } catch (error) {
        throw readError(NAME, error);
      }
    },
    close: () => Promise.resolve(),
  };
}
