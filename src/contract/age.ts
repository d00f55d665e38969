import type { Contract } from './contract.js';
import { timeMs } from './shapes.js';

/** Training data that ended longer ago than this is worth a word, where the contract does not say until when it holds: a year has been once round the seasons. */
export const LARGEST_GAP_DAYS = 365;

const DAY_MS = 86_400_000;

/** Who is told: a code, and a message that speaks for itself. */
interface Warnings {
  add(code: string, message: string): void;
}

/** Warns where the training data ends in the future, a day of any time zone aside (`training-ahead`), and where the contract holds no longer (`contract-expired`), or, where it does not say how long it holds, the training data ended long ago (`data-gap`). */
export function warnOfAge({ expires, trainedThrough }: Pick<Contract, 'expires' | 'trainedThrough'>, nowMs: number, warnings: Warnings): void {
  if (trainedThrough !== undefined && timeMs(trainedThrough, 'start') > nowMs + DAY_MS) {
    warnings.add('training-ahead', `the model's training data would end on ${trainedThrough}, which is yet to come`);
  }
  if (expires !== undefined) {
    if (nowMs >= timeMs(expires, 'end')) warnings.add('contract-expired', `the contract of the model has expired: it held until ${expires}`);
  } else if (trainedThrough !== undefined && gapDays(trainedThrough, nowMs) > LARGEST_GAP_DAYS) {
    const ended = `the model's training data ended on ${trainedThrough}, more than a year ago`;
    warnings.add('data-gap', `${ended}; expires in the contract would say until when it is good`);
  }
}

/** Days from the end of the training data to a time; negative before it. */
export function gapDays(trainedThrough: string, nowMs: number): number {
  return (nowMs - timeMs(trainedThrough, 'end')) / DAY_MS;
}
