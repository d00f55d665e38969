import type { Sink } from '../publish/sink.js';

/** What a run holds open, closed in reverse order whatever happens. Closing twice is closing once. */
export class Closers {
  #open: ((cause: Error | undefined) => Promise<void>)[] = [];

  add<T extends { close(): Promise<void> }>(resource: T): T {
    this.#open.push(() => resource.close());
    return resource;
  }

  /** A sink is aborted: that does nothing to one that was published. */
  addSink<T extends Sink>(sink: T): T {
    this.#open.push((cause) => sink.abort(cause));
    return sink;
  }

  /** Closes everything; a failure to close hides no other failure. */
  async closeAll(cause?: Error): Promise<void> {
    const open = this.#open;
    this.#open = [];
    for (const close of open.reverse()) await close(cause).catch(() => undefined);
  }
}
