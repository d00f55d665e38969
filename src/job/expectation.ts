import { InputError } from '../errors/errors.js';
import { dayBefore, zonedTime } from './clock.js';
import type { Expectation } from './job.js';

/** From the day before to the end of this one, an hour of summer time included. */
const LONGEST_WINDOW_MS = 49 * 3_600_000;

export interface Expected {
  /** Has the hour come by which the inputs should be there? */
  readonly due: boolean;
  /** New inputs within the window that ends now. */
  readonly found: number;
  /** Local date and time from which on they count. */
  readonly since: string;
}

/**
 * What became of the expectation so far today: how many inputs came since `since` (of the day before, where that is later than `by`). Compared as local dates and times, so
 * that days of 23 and 25 hours are days.
 *
 * @param arrivals when each input was first taken up, in milliseconds since 1970.
 */
export function judgeExpectation(expect: Expectation, arrivals: readonly number[], nowMs: number, zone: string | undefined): Expected {
  const now = zonedTime(nowMs, zone);
  const since = `${expect.since > expect.by ? dayBefore(now.date) : now.date} ${expect.since}`;
  const found = arrivals.filter((ms) => {
    if (nowMs - ms > LONGEST_WINDOW_MS) return false; // asking a calendar takes its time
    const { date, time } = zonedTime(ms, zone);
    return `${date} ${time}` >= since;
  }).length;
  const today = expect.days === undefined || expect.days.includes(now.weekday);
  return { due: today && now.time >= expect.by, found, since };
}

/** The error of an expectation that is not met, 66; undefined where it is, or is not due yet. */
export function unmetExpectation(expect: Expectation, { due, found, since }: Expected, waiting: number): InputError | undefined {
  if (!due || found >= expect.new) return undefined;
  const inputs = expect.new === 1 ? '1 new input was' : `${expect.new} new inputs were`;
  const also = waiting === 0 ? '' : `; ${waiting} more ${waiting === 1 ? 'is' : 'are'} still being written`;
  return new InputError(
    'expected-input-missing',
    `${inputs} expected by ${expect.by}, and ${found === 0 ? 'none' : found} came since ${since}${also}`,
    {
      status: 'missing',
      details: { expected: expect.new, found, by: expect.by, since },
      fix: 'Ask whoever sends the files; the next run takes what has come by then.',
    },
  );
}
