/**
 * A bounded queue of work under way, emptied in the order in which it was filled: what lets chunks be scored side by side and committed one
 * after the other. The one bound of a run: no more than `limit` items are between the splitter and the output.
 */
export class OrderedWindow<T> {
  readonly #limit: number;
  readonly #items: Promise<T>[] = [];
  #ended = false;
  #wake: (() => void)[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Resolves when there is room for one more, or when the window was ended. */
  async room(): Promise<void> {
    while (this.#items.length >= this.#limit && !this.#ended) await this.#change();
  }

  /** Adds work under way. Its failure is seen by `next`, in its turn. */
  push(item: Promise<T>): void {
    item.catch(() => undefined); // seen in its turn; until then it is not "unhandled"
    this.#items.push(item);
    this.#notify();
  }

  /** Nothing more is wanted or will come. */
  get ended(): boolean {
    return this.#ended;
  }

  /** No more will come. */
  end(): void {
    this.#ended = true;
    this.#notify();
  }

  /** The oldest item, once done; undefined when the window is empty and ended. It keeps its place until `release`. */
  async next(): Promise<T | undefined> {
    while (this.#items.length === 0) {
      if (this.#ended) return undefined;
      await this.#change();
    }
    return await this.#items[0];
  }

  /** The item that `next` gave is committed: its place is free. So a slow output stops the reader. */
  release(): void {
    void this.#items.shift(); // seen by `next` already
    this.#notify();
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#wake.push(resolve));
  }

  #notify(): void {
    const waiting = this.#wake;
    this.#wake = [];
    for (const resolve of waiting) resolve();
  }
}
