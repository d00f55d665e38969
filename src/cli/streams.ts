import { writeSync } from 'node:fs';
import { isatty } from 'node:tty';
import { InterruptedError, OutputError } from '../errors/errors.js';
import { systemCode } from '../errors/system-code.js';
import type { TextStream } from './effects.js';

/**
 * stdout for texts. Written by descriptor: `process.stdout` makes a pipe non-blocking as soon as it is touched, writes later, and does not
 * look at short counts. Throws InterruptedError `pipe-closed` when the reader went away, OutputError `write-failed` (74) otherwise.
 */
export function openStdout(): TextStream {
  const write = (text: string) => {
    try {
      writeAll(1, text);
    } catch (cause) {
      if (systemCode(cause) === 'EPIPE') throw new InterruptedError('pipe-closed', 'the reader of stdout went away', { cause });
      const fix = 'See what stdout is redirected to: its disk may be full.';
      throw new OutputError('write-failed', `writing to stdout failed (${systemCode(cause) || 'unknown'})`, {
        cause,
        fix,
        status: 'io',
        place: { file: 'stdout' },
      });
    }
  };
  return { ...terminal(1, () => process.stdout), write };
}

/** stderr for texts. A stderr that cannot be written is no reason to fail: the exit status still says it. */
export function openStderr(): TextStream {
  const write = (text: string) => {
    try {
      writeAll(2, text);
    } catch {
      // nowhere left to say it
    }
  };
  return { ...terminal(2, () => process.stderr), write };
}

function terminal(descriptor: number, raw: () => NodeJS.WriteStream) {
  const isTTY = isatty(descriptor);
  return { isTTY, raw, columns: isTTY ? raw().columns : undefined };
}

const RETRY_MS = 5;

/** writeSync may take less than given, and refuses while a non-blocking pipe is full. */
function writeAll(descriptor: number, text: string): void {
  const bytes = Buffer.from(text, 'utf8');
  let done = 0;
  while (done < bytes.length) {
    try {
      done += writeSync(descriptor, bytes, done);
    } catch (error) {
      if (systemCode(error) !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS);
    }
  }
}
