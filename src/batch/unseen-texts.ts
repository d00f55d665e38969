/** Texts that keep their code as long as a worker lives; enough for columns that are categories. */
const MOST_KEPT = 16_384;
/** Longer texts are no categories, and are not kept. */
const LONGEST_KEPT = 256;
/** Codes from here on hold for one chunk only: whoever remembers codes must not remember these. */
export const FLEETING_CODE = 1 << 24;

/**
 * Numbers for texts that a coded tensor has no code for, so that it can still be told which they were. They start behind the code of "any other text", which whoever takes the
 * tensor to the model has to put in their place.
 */
export class UnseenTexts {
  readonly #first: number;
  readonly #kept: string[] = [];
  readonly #codes = new Map<string, number>();
  #fleeting: string[] = [];

  /** @param other the code of any other text. */
  constructor(other: number) {
    this.#first = other + 1;
  }

  codeOf(text: string): number {
    const known = this.#codes.get(text);
    if (known !== undefined) return known;
    const stays = this.#kept.length < MOST_KEPT && text.length <= LONGEST_KEPT;
    const code = stays ? this.#first + this.#kept.push(text) - 1 : FLEETING_CODE + this.#fleeting.push(text) - 1;
    this.#codes.set(text, code);
    return code;
  }

  textOf(code: number): string {
    return (code < FLEETING_CODE ? this.#kept[code - this.#first] : this.#fleeting[code - FLEETING_CODE]) ?? '';
  }

  /** The next chunk begins. */
  forgetFleeting(): void {
    if (this.#fleeting.length === 0) return;
    for (const text of this.#fleeting) this.#codes.delete(text);
    this.#fleeting = [];
  }
}
