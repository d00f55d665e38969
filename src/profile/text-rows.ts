import { Growing } from './growing.js';

/** The texts of some rows, row by row. Plain data. */
export interface TextRows {
  /** Each once, in the order of its first row. */
  readonly texts: readonly string[];
  /** By row: the place of its text in the list. */
  readonly places: Uint32Array;
}

/** Makes a list of the texts of rows. */
export class TextRowsList {
  readonly #places = new Map<string, number>();
  readonly #rows = new Growing(new Uint32Array(64));

  /** The text of the next row. */
  push(text: string): void {
    const place = this.#places.get(text) ?? this.#places.size;
    if (place === this.#places.size) this.#places.set(text, place);
    this.#rows.push(place);
  }

  /** What was pushed. */
  take(): TextRows {
    return { texts: [...this.#places.keys()], places: this.#rows.moveTo(new Uint32Array(this.#rows.length)) };
  }
}
