import type { Warning } from './options.js';

/** By what makes two warnings the same. */
export type WarningsSnapshot = readonly (readonly [key: string, warning: Warning])[];

/** The warnings of a run, each once with its count. */
export class Warnings {
  readonly #byKey = new Map<string, { code: string; message: string; count: number }>();
  readonly #tell: ((warning: Warning) => void) | undefined;
  /** Keys of what another run warned of. */
  readonly #inherited = new Set<string>();

  constructor(tell: ((warning: Warning) => void) | undefined) {
    this.#tell = tell;
  }

  /** Adds a warning about `count` things, said once; nothing for a count of 0. */
  addCounted(code: string, count: number, what: string): void {
    if (count === 0) return;
    this.#put(`${code}\n${what}`, { code, message: `${count} ${what}`, count });
  }

  /** Adds a warning that speaks for itself; again, it counts one more. */
  add(code: string, message: string): void {
    const key = `${code}\n${message}`;
    const before = this.#inherited.delete(key) ? 0 : (this.#byKey.get(key)?.count ?? 0);
    this.#put(key, { code, message, count: before + 1 });
  }

  /** What another run needs to `inherit`. Plain JSON. */
  snapshot(): WarningsSnapshot {
    return [...this.#byKey];
  }

  /** Takes over what the run warned of that this one goes on from. What each process finds anew is not counted twice. */
  inherit(warnings: WarningsSnapshot): void {
    for (const [key, warning] of warnings) {
      if (this.#byKey.has(key)) continue;
      this.#byKey.set(key, { ...warning });
      this.#inherited.add(key);
    }
  }

  #put(key: string, warning: { code: string; message: string; count: number }): void {
    this.#byKey.set(key, warning);
    this.#tell?.(warning);
  }

  list(): Warning[] {
    return [...this.#byKey.values()];
  }
}
