// States of processes, as the kernel shows them.
import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';

/** Waits until the process is stopped; false where it ended before. @param {import('node:child_process').ChildProcess} child */
export function stops(child) {
  return whileAlive(child, () => stateOf(child.pid) === 'T');
}

/** Waits until a child of the process is stopped; false where the process ended before. */
export function childStops(child) {
  return whileAlive(child, () => childrenOf(child.pid).some((pid) => stateOf(pid) === 'T'));
}

async function whileAlive(child, condition) {
  while (child.exitCode === null && child.signalCode === null) {
    if (condition()) return true;
    await wait(2);
  }
  return false;
}

/** The most that the process and its children ever held in memory, looked at until the process is gone, in bytes. @param {import('node:child_process').ChildProcess} child */
export async function peakMemory(child) {
  let peak = 0;
  do {
    for (const pid of [child.pid, ...childrenOf(child.pid)]) {
      peak = Math.max(peak, 1024 * Number(/^VmHWM:\s*(\d+) kB$/m.exec(readOr(`/proc/${pid}/status`, ''))?.[1] ?? 0));
    }
    await wait(2);
  } while (child.exitCode === null && child.signalCode === null);
  return peak;
}

function childrenOf(pid) {
  return readOr(`/proc/${pid}/task/${pid}/children`, '').split(' ').filter(Boolean).map(Number); // prettier-ignore
}

/** One letter: R, S, D, T (stopped), Z. */
function stateOf(pid) {
  const stat = readOr(`/proc/${pid}/stat`, '');
  return stat[stat.lastIndexOf(')') + 2];
}

function readOr(path, otherwise) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return otherwise;
  }
}
