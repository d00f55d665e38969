import type { EndFacts } from './event.js';

const WARNED = 3;

/** The exit status that the end of a run stands for: that of its error; 3 where it was published with a failed gate or by the fallback; else 0. */
export function exitStatus({ error, gates, fallback }: EndFacts): number {
  if (error !== undefined) return error.status;
  const warned = (gates ?? []).some(({ verdict }) => verdict === 'fail') || (fallback ?? null) !== null;
  return warned ? WARNED : 0;
}
