import { cpuSeconds } from './machine.js';

let warm = false;
let runs = 0;

/** For a process that does one run after the other: what the next run is likely to need is kept (hire.ts, known-model.ts). */
export function stayWarm(): void {
  warm = true;
}

export function isWarm(): boolean {
  return warm;
}

/** Processor time that earlier runs of this process have taken, where it does one after the other; that of its start counts for the first. */
export function cpuOfEarlierRuns(): ReturnType<typeof cpuSeconds> {
  return warm && runs++ > 0 ? cpuSeconds() : { user: 0, system: 0 };
}
