import { readFileSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { cgroupLimits } from './cgroup.js';

/** What the plan may use of this machine. */
export interface Machine {
  /** Cores that this process may use, container limits included. */
  readonly cores: number;
  /** Memory that this process may use, likewise. */
  readonly memoryBytes: number;
}

/** `memoryLimitBytes` is a limit that somebody else holds this process to. Node 20 knows the affinity mask but no CPU quota. A part of a core counts as a core: the kernel sees to it that no more is used. */
export function thisMachine(memoryLimitBytes = Infinity): Machine {
  const { cpus, memoryBytes } = cgroupLimits(readOrNothing('/proc/self/cgroup') ?? '', readOrNothing);
  return {
    cores: Math.max(1, Math.min(availableParallelism(), Math.ceil(cpus ?? Infinity))),
    memoryBytes: Math.min(totalmem(), memoryBytes ?? Infinity, memoryLimitBytes),
  };
}

function readOrNothing(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined; // no Linux, or a controller that is not there
  }
}

/** CPU seconds of the whole process since it started, but for those of `before`. */
export function cpuSeconds(before = { user: 0, system: 0 }): { user: number; system: number } {
  const { user, system } = process.cpuUsage();
  return { user: user / 1e6 - before.user, system: system / 1e6 - before.system };
}

/** Largest resident memory of the process so far, in bytes. */
export function peakMemoryBytes(): number {
  return process.resourceUsage().maxRSS * 1024;
}
