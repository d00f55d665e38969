import { untilNul } from '../batch/codes.js';
import type { Expected, Field } from '../batch/layout.js';
import { isOfType, orderOf } from '../batch/value-type.js';

/** What may be wrong with a value: it is no category, lies outside the range, or is not of the type that is asked for. */
export type Oddity = 'unseen' | 'outOfRange' | 'wrongType';

/** Judges texts of a field. */
export interface Judge {
  /** Texts that are as expected, as far as they are remembered. */
  readonly fine: ReadonlySet<string>;
  readonly look: (text: string) => Oddity | undefined;
}

/** Texts of a column that are remembered as fine, so that each is judged once: bounded, as every row may have its own. */
const MOST_FINE = 10_000;
const LONGEST_FINE = 256;

/** What a missing value becomes is as expected. */
export function openJudge({ onMissing }: Field, expected: Expected): Judge {
  const fine = new Set(expected.categories ?? []);
  if (onMissing.kind === 'empty') fine.add('');
  if (onMissing.kind === 'value') fine.add(onMissing.text);
  const judge = expected.categories === undefined ? ofType(expected) : (): Oddity => 'unseen';
  return {
    fine,
    look: (text) => {
      if (fine.has(text)) return undefined;
      const oddity = fine.has(untilNul(text)) ? undefined : judge(text);
      if (oddity === undefined && fine.size < MOST_FINE && text.length <= LONGEST_FINE) fine.add(text);
      return oddity;
    },
  };
}

function ofType({ type, min = -Infinity, max = Infinity }: Expected): (text: string) => Oddity | undefined {
  if (type === undefined) return () => undefined;
  const isHeld = min !== -Infinity || max !== Infinity;
  return (text) => {
    if (!isOfType(type.name, text)) return 'wrongType';
    const order = isHeld ? orderOf(type.name, text) : undefined;
    return order !== undefined && (order < min || order > max) ? 'outOfRange' : undefined;
  };
}
