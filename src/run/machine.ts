import { availableParallelism } from 'node:os';

/** What the plan may use of this machine. */
export interface Machine {
  /** Cores that this process may use, container limits included. */
  readonly cores: number;
}

export function thisMachine(): Machine {
  return { cores: availableParallelism() };
}

/** CPU seconds of the whole process since it started. */
export function cpuSeconds(): { user: number; system: number } {
  const { user, system } = process.cpuUsage();
  return { user: user / 1e6, system: system / 1e6 };
}

/** Largest resident memory of the process so far, in bytes. */
export function peakMemoryBytes(): number {
  return process.resourceUsage().maxRSS * 1024;
}
