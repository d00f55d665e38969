import { FrequentTexts, type FrequentTextsSnapshot } from './frequent-texts.js';
import type { TextDelta } from './text-tally.js';

/** As JSON keeps it. */
export interface TextCountsSnapshot {
  /** By place in the list of the known texts. */
  readonly known: readonly number[];
  readonly others: FrequentTextsSnapshot;
}

/** Counts of the texts of a column: exact of those that are known before, whatever else there is, and of others as FrequentTexts has them. */
export class TextCounts {
  readonly #texts: readonly string[];
  readonly #known: Float64Array;
  #others = new FrequentTexts();

  /** @param known each once. */
  constructor(known: readonly string[]) {
    this.#texts = known;
    this.#known = new Float64Array(known.length);
  }

  /** The next rows, in the order of the input. */
  add({ known, others }: TextDelta): void {
    for (let place = 0; place < known.length; place++) this.#known[place] = (this.#known[place] as number) + (known[place] as number);
    this.#others.add(others);
  }

  /**
   * `distinct` is exact where `isExact`, else an estimate. `counts` has every text then, most frequent first; else the known ones, whose counts are exact, and the most frequent of the others, whose
   * counts are at most `error` too low.
   */
  result(): {
    readonly total: number;
    readonly distinct: number;
    readonly isExact: boolean;
    readonly error: number;
    readonly counts: readonly (readonly [text: string, count: number])[];
  } {
    const { rows, distinct, isExact, error, counts: others } = this.#others.result();
    const known = this.#texts.map((text, place) => [text, this.#known[place] as number] as const).filter(([, count]) => count > 0);
    const counts = [...known, ...others].sort(([a, many], [b, more]) => more - many || (a < b ? -1 : 1));
    return { total: this.#known.reduce((sum, count) => sum + count, rows), distinct: distinct + known.length, isExact, error, counts };
  }

  snapshot(): TextCountsSnapshot {
    return { known: [...this.#known], others: this.#others.snapshot() };
  }

  static restore(texts: readonly string[], { known, others }: TextCountsSnapshot): TextCounts {
    const counts = new TextCounts(texts);
    counts.#known.set(known);
    counts.#others = FrequentTexts.restore(others);
    return counts;
  }
}
