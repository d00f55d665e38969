import { FrequentTexts } from './frequent-texts.js';
import type { TextRows } from './text-rows.js';

/** Distinct numbers of a column that are known each by itself: of more, a column of numbers and texts is no category. */
export const MOST_KNOWN = 1000;
/** And of those, numbers that are written in another way than they are by JSON. */
export const MOST_ODD = 100;

/** What some rows hold of a column whose type is not known yet; its numbers are in a sketch beside it. Plain data. */
export interface ColumnDelta {
  /** Missing, whatever the type. */
  readonly empty: number;
  /** Texts that mean "missing" in a column of numbers: they stand among `texts`, too. */
  readonly words: number;
  /** Whole numbers behind zeros, which no number keeps: codes. */
  readonly padded: number;
  readonly booleans: number;
  readonly dates: number;
  readonly times: number;
  /** The latest day among the texts, as `2026-06-30`; empty where there is none. */
  readonly latest: string;
  /** Everything that is no number, and not missing. */
  readonly texts: TextRows;
  readonly numbers: number;
  /** Numbers that are not whole; infinities among them. */
  readonly fractions: number;
  /** Of the finite numbers. */
  readonly min: number;
  readonly max: number;
  /** The numbers one by one, with their counts; `odd`: by the texts that JSON has not for them. Undefined where there are too many. */
  readonly known:
    { readonly values: Float64Array; readonly counts: Float64Array; readonly odd: readonly (readonly [text: string, count: number])[] } | undefined;
  readonly order: NumberOrder;
}

/** How the numbers of some rows follow each other; `first` and `last` are NaN where there is none. */
export interface NumberOrder {
  readonly first: number;
  readonly last: number;
  /** Each is greater, or less, than the one before. */
  readonly rises: boolean;
  readonly falls: boolean;
}

export const NO_ORDER: NumberOrder = { first: NaN, last: NaN, rises: true, falls: true };

const COUNTS = ['empty', 'words', 'padded', 'booleans', 'dates', 'times', 'numbers', 'fractions'] as const;

/** All that was seen of a column: deltas added up in the order of the input; nothing hangs on where they were cut. */
export class ColumnEvidence {
  empty = 0;
  words = 0;
  padded = 0;
  booleans = 0;
  dates = 0;
  times = 0;
  numbers = 0;
  fractions = 0;
  min = Infinity;
  max = -Infinity;
  latest = '';
  order = NO_ORDER;
  readonly texts = new FrequentTexts();
  #known: { readonly values: Map<number, number>; readonly odd: Map<string, number> } | undefined = { values: new Map(), odd: new Map() };

  add(delta: ColumnDelta): void {
    for (const name of COUNTS) this[name] += delta[name];
    this.min = Math.min(this.min, delta.min);
    this.max = Math.max(this.max, delta.max);
    if (delta.latest > this.latest) this.latest = delta.latest;
    this.order = follow(this.order, delta.order);
    this.texts.add(delta.texts);
    this.#addKnown(delta.known);
  }

  /** Each number as it was written, with its count; undefined where there are too many. */
  knownNumbers(): readonly (readonly [text: string, count: number])[] | undefined {
    return this.#known && [...Array.from(this.#known.values, ([value, count]) => [String(value), count] as const), ...this.#known.odd];
  }

  #addKnown(known: ColumnDelta['known']): void {
    if (known === undefined) this.#known = undefined;
    if (known === undefined || this.#known === undefined) return;
    const { values, odd } = this.#known;
    known.values.forEach((value, at) => values.set(value, (values.get(value) ?? 0) + (known.counts[at] ?? 0)));
    for (const [text, count] of known.odd) odd.set(text, (odd.get(text) ?? 0) + count);
    if (values.size > MOST_KNOWN || odd.size > MOST_ODD) this.#known = undefined;
  }
}

function follow(before: NumberOrder, next: NumberOrder): NumberOrder {
  if (Number.isNaN(next.first)) return before;
  if (Number.isNaN(before.first)) return next;
  return {
    first: before.first,
    last: next.last,
    rises: before.rises && next.rises && next.first > before.last,
    falls: before.falls && next.falls && next.first < before.last,
  };
}
