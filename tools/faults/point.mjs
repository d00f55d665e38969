// A point: one fault at one place, and what was found there. Checks are counted by the promise that they belong to.

/** @typedef {{ promise: string, message: string }} Violation */

export class Point {
  /** @type {Violation[]} */
  violations = [];
  /** Promises that were checked here. @type {Set<string>} */
  promises = new Set();

  /** @param {string} name */
  constructor(name) {
    this.name = name;
  }

  /** @param {string} promise @param {boolean} holds @param {string | (() => string)} message what was found, where it does not hold */
  check(promise, holds, message) {
    this.promises.add(promise);
    if (!holds) this.violations.push({ promise, message: typeof message === 'string' ? message : message() });
    return holds;
  }
}

/** `count` of the items, spread evenly, the first and the last among them. @template T @param {readonly T[]} items @param {number} count */
export function spread(items, count) {
  if (count >= items.length) return [...items];
  if (count === 1) return items.slice(0, 1);
  return Array.from({ length: count }, (_, index) => items[Math.round((index * (items.length - 1)) / (count - 1))]);
}
