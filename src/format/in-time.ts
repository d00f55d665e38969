import { setImmediate, setTimeout } from 'node:timers';

/**
 * Waits for something, but no longer than `ms`; gives whether it came. With 0 or less what the event loop has at hand still counts. What is waited for goes
 * on, and may be waited for again.
 */
export async function inTime(coming: Promise<void>, ms: number): Promise<boolean> {
  if (ms === Infinity) return coming.then(() => true);
  let stop = (): void => undefined;
  const late = new Promise<boolean>((resolve) => {
    const tooLate = (): void => resolve(false);
    if (ms <= 0) {
      const turn = setImmediate(tooLate);
      stop = () => clearImmediate(turn);
    } else {
      const timer = setTimeout(tooLate, ms);
      stop = () => clearTimeout(timer);
    }
  });
  try {
    return await Promise.race([coming.then(() => true), late]);
  } finally {
    stop();
  }
}
