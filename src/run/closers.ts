import { InterruptedError } from '../errors/errors.js';
import type { Sink } from '../publish/sink.js';

type Close = (cause: Error | undefined) => Promise<void>;

/**
 * What a run holds open, closed in reverse order whatever happens. Once closed it stays so: what is opened later is closed at once, and its opener told
 * why. That is how a run that was stopped ends: everything that it waits for gives up, and nothing new begins.
 */
export class Closers {
  readonly #first: Close[] = [];
  readonly #open: Close[] = [];
  #closing: Promise<void> = Promise.resolve();
  #closed: { readonly cause: Error | undefined } | undefined;

  async add<T extends { close(): Promise<void> }>(resource: T): Promise<T> {
    await this.#hold(() => resource.close());
    return resource;
  }

  /** A sink is aborted: that does nothing to one that was published. */
  async addSink<T extends Sink>(sink: T): Promise<T> {
    await this.#hold((cause) => sink.abort(cause));
    return sink;
  }

  /** A resource that is closed before all others, whenever it was opened. */
  async addFirst<T extends { close(): Promise<void> }>(resource: T): Promise<T> {
    await this.#hold(() => resource.close(), this.#first);
    return resource;
  }

  /** Throws what closed it, where something did. */
  check(): void {
    if (this.#closed !== undefined) throw this.#closed.cause ?? new InterruptedError('interrupted', 'the run was stopped');
  }

  /** Closes everything, and resolves when all of it is closed, also by an earlier call; a failure to close hides no other failure. */
  closeAll(cause?: Error): Promise<void> {
    this.#closed ??= { cause };
    const open = [...this.#first.splice(0), ...this.#open.splice(0).reverse()];
    this.#closing = this.#closing.then(async () => {
      for (const close of open) await close(cause).catch(() => undefined);
    });
    return this.#closing;
  }

  async #hold(close: Close, among = this.#open): Promise<void> {
    if (this.#closed === undefined) {
      among.push(close);
      return;
    }
    await close(this.#closed.cause).catch(() => undefined);
    this.check();
  }
}
