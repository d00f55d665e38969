import type { TensorBuffer } from '../batch/batch.js';
import { untilNul } from '../batch/codes.js';
import type { Rows } from './gather.js';
import { TextRowsList, type TextRows } from './text-rows.js';

/** What a batch adds to the counts of a column of texts. Plain data. */
export interface TextDelta {
  /** Rows by place in the list of the known texts. */
  readonly known: Uint32Array;
  /** The texts that are not known, of the rows that have one. */
  readonly others: TextRows;
}

/** Counts codes: how often each of `count` stands at `at` of rows of `width` words, greater ones as the last. undefined: there are too many. */
export type CountCodes = (words: Int32Array, width: number, rows: Rows, at: number, count: number) => Int32Array | undefined;

/**
 * Counts the texts of one column in a worker, batch by batch. It is all one whether the tensor has texts or codes: a text is what the runtime would be handed, up to its first NUL.
 */
export class TextTally {
  readonly #places: ReadonlyMap<string, number>;
  /** By code: the place of its text among the known ones, or -1. */
  #placeOfCode: Int32Array | undefined;

  /** @param known each once. */
  constructor(known: readonly string[]) {
    this.#places = new Map(known.map((text, place) => [text, place]));
  }

  take(tensor: TensorBuffer, rows: Rows, at: number, countCodes: CountCodes): TextDelta {
    const { values, codes } = tensor;
    return codes === undefined || !(values instanceof BigInt64Array)
      ? this.#takeTexts(tensor, rows, at)
      : this.#takeCodes(tensor, codes, rows, at, countCodes);
  }

  #takeTexts({ values, width }: TensorBuffer, { length, picks }: Rows, at: number): TextDelta {
    const known = new Uint32Array(this.#places.size);
    const others = new TextRowsList();
    for (let index = 0; index < length; index++) {
      const whole = (values as readonly string[])[(picks === undefined ? index : (picks[index] as number)) * width + at] ?? '';
      const place = this.#places.get(whole);
      if (place !== undefined) known[place] = (known[place] as number) + 1;
      else this.#add(untilNul(whole), known, others);
    }
    return { known, others: others.take() };
  }

  #add(text: string, known: Uint32Array, others: TextRowsList): void {
    const place = this.#places.get(text);
    if (place === undefined) others.push(text);
    else known[place] = (known[place] as number) + 1;
  }

  /** Codes are below 2^31: see batch/text-store.ts. */
  #takeCodes(tensor: TensorBuffer, codes: readonly string[], rows: Rows, at: number, countCodes: CountCodes): TextDelta {
    const { values, width, unseen } = tensor;
    const places = (this.#placeOfCode ??= Int32Array.from([...codes, undefined], (text) =>
      text === undefined ? -1 : (this.#places.get(text) ?? -1),
    ));
    const { buffer, byteOffset, length } = values as BigInt64Array;
    const words = new Int32Array(buffer, byteOffset, 2 * length);
    const counts = countCodes(words, 2 * width, rows, 2 * at, places.length) ?? countWords(words, places.length, rows, width, at);
    const known = new Uint32Array(this.#places.size);
    let found = 0;
    for (let code = 0; code < places.length; code++) {
      const place = places[code] as number;
      if (place < 0) continue;
      known[place] = counts[code] as number;
      found += counts[code] as number;
    }
    const others = new TextRowsList();
    for (let index = 0; found < rows.length; index++) {
      const code = words[2 * ((rows.picks === undefined ? index : (rows.picks[index] as number)) * width + at)] as number;
      if ((places[code] ?? -1) >= 0) continue;
      this.#add(codes[code] ?? untilNul(unseen?.textOf(code) ?? ''), known, others);
      found++;
    }
    return { known, others: others.take() };
  }
}

function countWords(words: Int32Array, count: number, { length, picks }: Rows, width: number, at: number): Int32Array {
  const counts = new Int32Array(count);
  for (let index = 0; index < length; index++) {
    const code = Math.min(words[2 * ((picks === undefined ? index : (picks[index] as number)) * width + at)] as number, count - 1);
    counts[code] = (counts[code] as number) + 1;
  }
  return counts;
}
