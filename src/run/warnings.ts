import type { Warning } from './options.js';

/** The warnings of a run, each once with its count. */
export class Warnings {
  readonly #byKey = new Map<string, { code: string; message: string; count: number }>();
  readonly #tell: ((warning: Warning) => void) | undefined;

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
    this.#put(key, { code, message, count: (this.#byKey.get(key)?.count ?? 0) + 1 });
  }

  #put(key: string, warning: { code: string; message: string; count: number }): void {
    this.#byKey.set(key, warning);
    this.#tell?.(warning);
  }

  list(): Warning[] {
    return [...this.#byKey.values()];
  }
}
