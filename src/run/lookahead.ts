/** Items that can be looked at before they are gone through: `first` gives the first one, and `all` still starts with it. */
export interface Lookahead<T> {
  first(): Promise<T | undefined>;
  all(): AsyncGenerator<T, void, undefined>;
}

export function lookahead<T>(items: AsyncGenerator<T, void, undefined>): Lookahead<T> {
  let head: Promise<IteratorResult<T, void>> | undefined;
  return {
    async first() {
      head ??= items.next();
      const { value, done } = await head;
      return done === true ? undefined : value;
    },
    async *all() {
      const next = await head;
      if (next !== undefined && next.done !== true) yield next.value;
      yield* items;
    },
  };
}
