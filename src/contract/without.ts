/** A copy of an object without some of its keys. */
export function without<T extends object, K extends keyof T>(object: T, ...keys: readonly K[]): Omit<T, K> {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !(keys as readonly string[]).includes(key))) as Omit<T, K>;
}
