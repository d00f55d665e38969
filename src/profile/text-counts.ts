import { textHash } from './text-hash.js';

/** Distinct texts of a column that are counted each by itself. */
export const MOST_TEXTS = 10_000;
/** Texts more than that which may wait to be sorted out. */
const SLACK = 2_500;

/** As JSON keeps it. */
export interface TextCountsSnapshot {
  readonly total: number;
  readonly other: number;
  /** Texts of this hash or a greater one are not kept; null: all are. */
  readonly limit: number | null;
  readonly counts: readonly (readonly [text: string, count: number])[];
}

/**
 * Counts of texts: exact while there are at most 10,000 distinct ones. Beyond that the 10,000 with the least hashes are kept (a bottom-k sample of the distinct texts: Cohen and
 * Kaplan, Summarizing Data Using Bottom-k Sketches, 2007): a text among them was among the least of every part, so its count is exact, and which they are does
 * not hang on the order or the cut. The number of distinct texts is then estimated from the greatest hash kept (Beyer et al., On Synopses for Distinct-Value Estimation, 2007),
 * with a standard error of 1/sqrt(9,998) = 1%.
 */
export class TextCounts {
  readonly #most: number;
  readonly #counts = new Map<string, number>();
  #total = 0;
  #unknown = 0;
  /** Texts with this hash or a greater one are not kept. */
  #limit = Infinity;

  constructor(most = MOST_TEXTS) {
    this.#most = most;
  }

  add(text: string, count: number): void {
    this.#total += count;
    const before = this.#counts.get(text);
    if (before !== undefined) this.#counts.set(text, before + count);
    else if (this.#limit === Infinity || textHash(text) < this.#limit) {
      this.#counts.set(text, count);
      if (this.#counts.size > this.#most + SLACK) this.#sortOut();
    }
  }

  /** Values whose texts are not known. */
  addUnknown(count: number): void {
    this.#total += count;
    this.#unknown += count;
  }

  #sortOut(): void {
    if (this.#counts.size <= this.#most) return;
    const byHash = [...this.#counts.keys()].map((text) => [textHash(text), text] as const).sort(([a], [b]) => a - b);
    // texts of equal hashes go or stay together
    const limit = byHash[this.#most]?.[0] ?? Infinity;
    for (const [hash, text] of byHash) if (hash >= limit) this.#counts.delete(text);
    this.#limit = limit;
  }

  /** `isExact`: each text that was added stands among the counts. */
  result(): { readonly total: number; readonly distinct: number; readonly isExact: boolean; readonly counts: [text: string, count: number][] } {
    this.#sortOut();
    const counts = [...this.#counts].sort(([a, many], [b, more]) => more - many || (a < b ? -1 : 1));
    const isWhole = this.#limit === Infinity;
    const distinct = isWhole ? counts.length : Math.round(this.#counts.size / (this.#limit / 2 ** 53));
    return { total: this.#total, distinct, isExact: isWhole && this.#unknown === 0, counts };
  }

  snapshot(): TextCountsSnapshot {
    const { total, counts } = this.result();
    return { total, other: this.#unknown, limit: this.#limit === Infinity ? null : this.#limit, counts };
  }

  static restore(snapshot: TextCountsSnapshot, most = MOST_TEXTS): TextCounts {
    const texts = new TextCounts(most);
    texts.#total = snapshot.total;
    texts.#unknown = snapshot.other;
    texts.#limit = snapshot.limit ?? Infinity;
    for (const [text, count] of snapshot.counts) texts.#counts.set(text, count);
    return texts;
  }
}
