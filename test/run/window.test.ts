import { describe, expect, test } from 'vitest';
import { OrderedWindow } from '#src/run/window.js';

function deferred<T>() {
  let resolve: (value: T) => void = () => undefined;
  let reject: (error: Error) => void = () => undefined;
  const promise = new Promise<T>((ok, no) => {
    resolve = ok;
    reject = no;
  });
  return { promise, resolve, reject };
}

describe('OrderedWindow', () => {
  test('gives items in the order they were put in, whatever order they are done in', async () => {
    const window = new OrderedWindow<number>(3);
    const items = [deferred<number>(), deferred<number>(), deferred<number>()];
    for (const item of items) window.push(item.promise);
    window.end();
    items[2]?.resolve(2);
    items[1]?.resolve(1);
    items[0]?.resolve(0);
    const seen: (number | undefined)[] = [];
    for (let next = await window.next(); next !== undefined; next = await window.next()) {
      seen.push(next);
      window.release();
    }
    expect(seen).toEqual([0, 1, 2]);
  });

  test('holds no more than its limit until an item is released', async () => {
    const window = new OrderedWindow<number>(1);
    window.push(Promise.resolve(1));
    let free = false;
    const room = window.room().then(() => (free = true));
    expect(await window.next()).toBe(1);
    await new Promise(setImmediate);
    expect(free).toBe(false);
    window.release();
    await room;
    expect(free).toBe(true);
  });

  test('a failure takes its turn', async () => {
    const window = new OrderedWindow<number>(3);
    window.push(Promise.resolve(1));
    window.push(Promise.reject(new Error('second')));
    window.end();
    expect(await window.next()).toBe(1);
    window.release();
    await expect(window.next()).rejects.toThrow('second');
  });
});
