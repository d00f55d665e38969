import { execFile } from 'node:child_process';
import type { LogLine } from './line.js';

const TAG = 'scoreline';

/** Hands a line to logger(1), which knows where the log of this system is: Node has no datagram sockets of that kind. No shell is involved. Throws what went wrong, in words. */
export function logByLogger({ level, text }: LogLine, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    // flags that the loggers of util-linux, BSD and BusyBox all have
    execFile('logger', ['-t', TAG, '-p', `user.${level}`, '--', text], { signal, killSignal: 'SIGKILL' }, (error, _, stderr) => {
      // where there is no socket to log to, that of util-linux says so, and ends with 0
      if (error === null && stderr.trim() === '') return resolve();
      reject(error?.code === 'ENOENT' ? new Error('logger(1) is not installed') : reasonOf(error?.code, stderr));
    });
  });
}

function reasonOf(code: number | string | null | undefined, stderr: string): Error {
  const said = stderr.trim().split('\n')[0] ?? '';
  return new Error(said === '' ? `logger(1) ended with ${String(code ?? 'a signal')}` : `logger(1) said: ${said}`);
}
