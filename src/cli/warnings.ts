import type { Warning } from '../run/options.js';

/** Warnings by code and message, each once. */
export interface WarningList {
  readonly add: (warning: Warning) => void;
  readonly list: () => readonly Warning[];
}

/** The engine counts: the count seen last for a warning is the whole count, so the largest is kept. */
export function openWarnings(first: readonly Warning[]): WarningList {
  const known = new Map<string, Warning>();
  const add = (warning: Warning) => {
    const key = `${warning.code}\0${warning.message}`;
    if ((known.get(key)?.count ?? 0) < warning.count) known.set(key, warning);
  };
  first.forEach(add);
  return { add, list: () => [...known.values()] };
}
