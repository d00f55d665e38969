import { FrequentTexts, type FrequentTextsResult, type FrequentTextsSnapshot } from '../profile/frequent-texts.js';
import type { RuleCounts } from './row-rules.js';

/** As JSON keeps it. By field of the layout. */
export interface RuleTallySnapshot {
  readonly unseen: readonly number[];
  readonly outOfRange: readonly number[];
  readonly wrongType: readonly number[];
  readonly texts: readonly (readonly [field: number, counts: FrequentTextsSnapshot])[];
}

/** What was not as expected in a run, chunk by chunk in the order of the input. Exact, but for the texts of a column with more than 10,000 unseen ones: see FrequentTexts. */
export class RuleTally {
  /** By field: rows scored with a category that is not known. */
  readonly unseen: Float64Array;
  /** By field: rows scored with a number outside the range. */
  readonly outOfRange: Float64Array;
  /** By field: rows scored with a value that is not of the type. */
  readonly wrongType: Float64Array;
  readonly #texts = new Map<number, FrequentTexts>();

  constructor(fields: number) {
    this.unseen = new Float64Array(fields);
    this.outOfRange = new Float64Array(fields);
    this.wrongType = new Float64Array(fields);
  }

  add({ unseen, outOfRange, wrongType, unseenTexts }: RuleCounts): void {
    for (let field = 0; field < this.unseen.length; field++) {
      this.unseen[field] = (this.unseen[field] as number) + (unseen[field] as number);
      this.outOfRange[field] = (this.outOfRange[field] as number) + (outOfRange[field] as number);
      this.wrongType[field] = (this.wrongType[field] as number) + (wrongType[field] as number);
    }
    for (const [field, rows] of unseenTexts) {
      const texts = this.#texts.get(field) ?? new FrequentTexts();
      this.#texts.set(field, texts);
      texts.add(rows);
    }
  }

  /** The unseen values of a field, most frequent first. */
  textsOf(field: number): FrequentTextsResult {
    return (this.#texts.get(field) ?? new FrequentTexts()).result();
  }

  snapshot(): RuleTallySnapshot {
    const texts = [...this.#texts].map(([field, counts]) => [field, counts.snapshot()] as const);
    return { unseen: [...this.unseen], outOfRange: [...this.outOfRange], wrongType: [...this.wrongType], texts };
  }

  static restore({ unseen, outOfRange, wrongType, texts }: RuleTallySnapshot): RuleTally {
    const tally = new RuleTally(unseen.length);
    tally.unseen.set(unseen);
    tally.outOfRange.set(outOfRange);
    tally.wrongType.set(wrongType);
    for (const [field, counts] of texts) tally.#texts.set(field, FrequentTexts.restore(counts));
    return tally;
  }
}
