/** Items that can be looked at before they are gone through; `all` still starts with the first of them. */
export interface Lookahead<T> {
  /** One more item that was not looked at yet; undefined at the end. What it throws, `all` throws too, in its place. */
  peek(): Promise<T | undefined>;
  /** The first item of all, looked at now if it was not before. */
  first(): Promise<T | undefined>;
  /** Takes off the item that `all` would give next; undefined at the end. */
  pass(): Promise<T | undefined>;
  all(): AsyncGenerator<T, void, undefined>;
}

export function lookahead<T>(items: AsyncGenerator<T, void, undefined>): Lookahead<T> {
  const seen: T[] = [];
  let first: T | undefined;
  let failure: { readonly cause: unknown } | undefined;
  const peek = async (): Promise<T | undefined> => {
    try {
      const { value, done } = await items.next();
      if (done === true) return undefined;
      seen.push(value);
      first ??= value;
      return value;
    } catch (cause) {
      failure = { cause };
      throw cause;
    }
  };
  return {
    peek,
    first: async () => first ?? (await peek()),
    async pass() {
      if (seen.length === 0 && failure !== undefined) throw failure.cause;
      if (seen.length === 0) await peek();
      return seen.shift();
    },
    async *all() {
      for (let item = seen.shift(); item !== undefined; item = seen.shift()) yield item;
      if (failure !== undefined) throw failure.cause;
      yield* items;
    },
  };
}
