/** Items that can be looked at before they are gone through; `all` still starts with the first of them. */
export interface Lookahead<T> {
  /** One more item that was not looked at yet; undefined at the end. */
  peek(): Promise<T | undefined>;
  all(): AsyncGenerator<T, void, undefined>;
}

export function lookahead<T>(items: AsyncGenerator<T, void, undefined>): Lookahead<T> {
  const seen: T[] = [];
  return {
    async peek() {
      const { value, done } = await items.next();
      if (done === true) return undefined;
      seen.push(value);
      return value;
    },
    async *all() {
      for (let item = seen.shift(); item !== undefined; item = seen.shift()) yield item;
      yield* items;
    },
  };
}
