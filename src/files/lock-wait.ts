import { setTimeout as wait } from 'node:timers/promises';

/** Another process holds the lock. */
export class LockedError extends Error {
  readonly code = 'LOCKED';

  constructor(path: string) {
    super(`another process holds the lock on '${path}'`);
  }
}

/** The patience of one who waits for a lock. */
export class LockWait {
  readonly #path: string;
  readonly #waitMs: number;
  readonly #signal: AbortSignal | undefined;
  readonly #begun = performance.now();
  #attempt = 0;

  constructor(path: string, { waitMs, signal }: { readonly waitMs: number; readonly signal?: AbortSignal }) {
    this.#path = path;
    this.#waitMs = waitMs;
    this.#signal = signal;
  }

  /** How long may still be waited. Throws LockedError where that is over. */
  leftMs(): number {
    const left = this.#waitMs - (performance.now() - this.#begun);
    if (left <= 0) throw new LockedError(this.#path);
    return left;
  }

  /** Throws the signal's reason where that has ended the wait. */
  check(): void {
    if (this.#signal?.aborted === true) throw this.#signal.reason;
  }

  /** Where nobody can queue: waits a little, longer each time. Throws as leftMs and check. */
  async pause(): Promise<void> {
    const left = this.leftMs();
    // Locks held for milliseconds are asked for often, those held for a whole run seldom: each attempt is a process.
    const pause = Math.min(2 ** this.#attempt++, this.#waitMs - left < 1000 ? 25 : 250, left);
    try {
      await wait(pause, undefined, this.#signal === undefined ? {} : { signal: this.#signal });
    } catch (error) {
      this.check();
      throw error;
    }
  }
}
