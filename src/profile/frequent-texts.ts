import { DistinctTexts } from './distinct-texts.js';
import type { TextRows } from './text-rows.js';

/** Distinct texts that are counted each by itself. */
export const MOST_TEXTS = 10_000;
/** UTF-16 units that they may have together: 200 a text. */
const MOST_UNITS = 2_000_000;

/** As JSON keeps it. */
export interface FrequentTextsSnapshot {
  readonly rows: number;
  readonly error: number;
  readonly counts: readonly (readonly [text: string, count: number])[];
  /** Absent as long as every text is counted. */
  readonly distinct?: string;
}

export interface FrequentTextsResult {
  readonly rows: number;
  /** Exact where `isExact`, else an estimate: see DISTINCT_ERROR. */
  readonly distinct: number;
  /** Every text was counted from its first row on. */
  readonly isExact: boolean;
  /** Each count is at most so many rows too low, and a text that is not listed has at most so many. 0 where `isExact`. */
  readonly error: number;
  /** Most frequent first, then by text. */
  readonly counts: readonly (readonly [text: string, count: number])[];
}

/**
 * Counts texts row by row, exactly while there are at most 10,000 distinct ones (of at most 2 million characters together). With one more, the median count is taken from each, and what comes to nothing
 * goes: the frequent items of J. Misra and D. Gries (Finding Repeated Elements, 1982), many at a time as in D. Anderson et al., A High-Performance Algorithm for Identifying Frequent Items in Data Streams (2017).
 * Each count is then too low by at most what was taken in all, `error`, which is at most a 5,000th of the rows where texts are short, since at least half of the counts give it up each time. Rows come in the
 * order of the input: that is what makes the result independent of how it was cut.
 */
export class FrequentTexts {
  readonly #most: number;
  readonly #counts = new Map<string, number>();
  #rows = 0;
  #units = 0;
  #error = 0;
  /** Of all texts, from the first time on that some had to go. */
  #distinct: DistinctTexts | undefined;

  constructor(most = MOST_TEXTS) {
    this.#most = most;
  }

  get rows(): number {
    return this.#rows;
  }

  /** The next rows. */
  add({ texts, places }: TextRows): void {
    this.#rows += places.length;
    const units = texts.reduce((sum, text) => sum + text.length, this.#units);
    if (this.#counts.size + texts.length > this.#most || units > MOST_UNITS) {
      for (const place of places) this.#count(texts[place] as string, 1);
      return;
    }
    // None has to go, so that their order is all one.
    const counts = new Uint32Array(texts.length);
    for (const place of places) counts[place] = (counts[place] as number) + 1;
    texts.forEach((text, place) => this.#count(text, counts[place] as number));
  }

  #count(text: string, rows: number): void {
    const before = this.#counts.get(text);
    this.#counts.set(text, (before ?? 0) + rows);
    if (before !== undefined) return;
    this.#units += text.length;
    this.#distinct?.add(text);
    while (this.#counts.size > this.#most || this.#units > MOST_UNITS) this.#thin();
  }

  #thin(): void {
    if (this.#distinct === undefined) {
      this.#distinct = new DistinctTexts();
      for (const text of this.#counts.keys()) this.#distinct.add(text);
    }
    const sorted = Float64Array.from(this.#counts.values()).sort();
    const median = sorted[Math.floor((sorted.length - 1) / 2)] as number;
    this.#error += median;
    for (const [text, count] of this.#counts) {
      if (count > median) this.#counts.set(text, count - median);
      else {
        this.#counts.delete(text);
        this.#units -= text.length;
      }
    }
  }

  result(): FrequentTextsResult {
    const counts = [...this.#counts].sort(([a, many], [b, more]) => more - many || (a < b ? -1 : 1));
    const isExact = this.#distinct === undefined;
    const distinct = Math.max(this.#distinct?.estimate() ?? 0, counts.length);
    return { rows: this.#rows, distinct, isExact, error: this.#error, counts };
  }

  snapshot(): FrequentTextsSnapshot {
    const distinct = this.#distinct?.snapshot();
    return { rows: this.#rows, error: this.#error, counts: [...this.#counts], ...(distinct === undefined ? {} : { distinct }) };
  }

  static restore({ rows, error, counts, distinct }: FrequentTextsSnapshot, most = MOST_TEXTS): FrequentTexts {
    const texts = new FrequentTexts(most);
    texts.#rows = rows;
    texts.#error = error;
    for (const [text, count] of counts) {
      texts.#counts.set(text, count);
      texts.#units += text.length;
    }
    texts.#distinct = distinct === undefined ? undefined : DistinctTexts.restore(distinct);
    return texts;
  }
}
