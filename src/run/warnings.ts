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
    const warning = { code, message: `${count} ${what}`, count };
    this.#byKey.set(`${code}\n${what}`, warning);
    this.#tell?.(warning);
  }

  list(): Warning[] {
    return [...this.#byKey.values()];
  }
}
