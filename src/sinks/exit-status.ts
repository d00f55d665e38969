import type { EndFacts } from './event.js';

const WARNED = 3;

/** The exit status that the end of a run stands for: that of its error; 3 where it was published though a gate does not hold or could not be judged, by the fallback, or beyond the time of its contract; else 0. */
export function exitStatus({ error, gates, fallback, warnings = [] }: EndFacts): number {
  if (error !== undefined) return error.status;
  const isGated = (gates ?? []).some(({ verdict }) => verdict !== 'pass');
  const isExpired = warnings.some(({ code }) => code === 'contract-expired');
  return isGated || isExpired || (fallback ?? null) !== null ? WARNED : 0;
}
