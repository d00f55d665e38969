import type { TensorBuffer } from '../batch/batch.js';
import { float16Bits, float16Value } from '../batch/float16.js';
import type { Expected, Field } from '../batch/layout.js';

/** Finds the values of a field that are not as expected in a tensor, row by row. */
export interface ValueReader {
  /** The tensor's array may have been replaced since the last batch. */
  begin(): void;
  /** The first row from `from` on, below `rows`, with such a value; -1 where there is none. Missing values are passed over. */
  nextOdd(from: number, rows: number): number;
  /** Are all values between these as expected? Only of numbers. */
  isWithin?(min: number, max: number): boolean;
  /** The text of that value where it is an unseen category; undefined where it is a number out of range. */
  unseenText(row: number): string | undefined;
  numberText(row: number): string;
  /** Its rule is done: what is left there is one that the model can take. */
  settle(row: number): void;
}

export function openReader(field: Field, expected: Expected, tensor: TensorBuffer): ValueReader {
  if (field.type !== 'string') return new NumberReader(field, expected, tensor);
  const categories = expected.categories ?? [];
  return tensor.codes === undefined ? new TextReader(field, categories, tensor) : new CodeReader(field, categories, tensor, tensor.codes);
}

/** Texts in a tensor of strings. */
class TextReader implements ValueReader {
  readonly #known: ReadonlySet<string>;
  readonly #tensor: TensorBuffer;
  readonly #at: number;
  #values: readonly string[] = [];

  constructor({ at, onMissing }: Field, categories: readonly string[], tensor: TensorBuffer) {
    this.#known = new Set(onMissing.kind === 'empty' ? [...categories, ''] : categories);
    this.#tensor = tensor;
    this.#at = at;
  }

  begin(): void {
    this.#values = this.#tensor.values as string[];
  }

  nextOdd(from: number, rows: number): number {
    const known = this.#known;
    const values = this.#values;
    const { width } = this.#tensor;
    let last: string | undefined; // the decoders give equal texts as one string, and neighbours are often equal
    for (let row = from, slot = from * width + this.#at; row < rows; row++, slot += width) {
      const text = values[slot] as string;
      if (text === last) continue;
      if (!known.has(text) && !known.has(beforeNul(text))) return row;
      last = text;
    }
    return -1;
  }

  unseenText(row: number): string {
    return this.#values[row * this.#tensor.width + this.#at] ?? '';
  }

  numberText = this.unseenText.bind(this);
  settle(): void {}
}

/** The runtime is handed strings that end at their first NUL. */
function beforeNul(text: string): string {
  const end = text.indexOf('\0');
  return end < 0 ? text : text.slice(0, end);
}

/** Codes of texts; a code behind that of "any other text" is put in order when it is settled. */
class CodeReader implements ValueReader {
  readonly #tensor: TensorBuffer;
  readonly #codes: readonly string[];
  readonly #at: number;
  /** By code: 1 for what is known, and for what a missing value becomes. */
  readonly #known: Uint8Array;
  #words: Int32Array = new Int32Array(0);

  constructor({ at, onMissing }: Field, categories: readonly string[], tensor: TensorBuffer, codes: readonly string[]) {
    const known = new Set(onMissing.kind === 'empty' ? [...categories, ''] : categories);
    this.#tensor = tensor;
    this.#codes = codes;
    this.#at = at;
    this.#known = Uint8Array.from(codes, (text) => (known.has(text) ? 1 : 0));
  }

  begin(): void {
    const { buffer, byteOffset, byteLength } = this.#tensor.values as BigInt64Array;
    this.#words = new Int32Array(buffer, byteOffset, byteLength / 4);
  }

  nextOdd(from: number, rows: number): number {
    const words = this.#words;
    const known = this.#known;
    const stride = 2 * this.#tensor.width;
    for (let row = from, slot = from * stride + 2 * this.#at; row < rows; row++, slot += stride) if (known[words[slot] as number] !== 1) return row;
    return -1;
  }

  unseenText(row: number): string {
    const code = this.#words[this.#slot(row)] as number;
    return this.#codes[code] ?? this.#tensor.unseen?.textOf(code) ?? '';
  }

  numberText = this.unseenText.bind(this);

  settle(row: number): void {
    const slot = this.#slot(row);
    if ((this.#words[slot] as number) > this.#codes.length) this.#words[slot] = this.#codes.length;
  }

  #slot(row: number): number {
    return 2 * (row * this.#tensor.width + this.#at);
  }
}

/** Numbers: outside a range, or none of some. NaN is missing. */
class NumberReader implements ValueReader {
  readonly #tensor: TensorBuffer;
  readonly #at: number;
  readonly #min: number;
  readonly #max: number;
  readonly #known: ReadonlySet<number> | undefined;

  constructor({ at, type }: Field, { min = -Infinity, max = Infinity, categories }: Expected, tensor: TensorBuffer) {
    // A rounded number stands for the one that it was rounded from: so do the limits.
    const stored =
      type === 'float32' ? Math.fround : type === 'float16' ? (value: number) => float16Value(float16Bits(value)) : (value: number) => value;
    this.#tensor = tensor;
    this.#at = at;
    this.#min = stored(min);
    this.#max = stored(max);
    this.#known = categories === undefined ? undefined : new Set(categories.map((text) => stored(Number(text))));
  }

  begin(): void {}

  isWithin(min: number, max: number): boolean {
    return this.#known === undefined && min >= this.#min && max <= this.#max;
  }

  nextOdd(from: number, rows: number): number {
    const { values, width } = this.#tensor;
    if (values instanceof Float32Array && this.#known === undefined)
      return oddFloat32(values, { from, rows, width, at: this.#at }, this.#min, this.#max);
    for (let row = from; row < rows; row++) {
      const value = this.#value(row);
      if (value < this.#min || value > this.#max || this.#isUnseen(value)) return row;
    }
    return -1;
  }

  unseenText(row: number): string | undefined {
    const value = this.#value(row);
    return this.#isUnseen(value) ? String(value) : undefined;
  }

  numberText(row: number): string {
    return String(this.#value(row));
  }

  settle(): void {}

  #isUnseen(value: number): boolean {
    return this.#known !== undefined && value === value && !this.#known.has(value);
  }

  #value(row: number): number {
    const { values, width, type } = this.#tensor;
    const value = Number(values[row * width + this.#at]);
    return type === 'float16' ? float16Value(value) : value;
  }
}

/** Nearly every model takes float32: a loop that sees no other kind of array. */
function oddFloat32(
  values: Float32Array,
  { from, rows, width, at }: { from: number; rows: number; width: number; at: number },
  min: number,
  max: number,
): number {
  for (let row = from, slot = from * width + at; row < rows; row++, slot += width) {
    const value = values[slot] as number;
    if (value < min || value > max) return row; // NaN is neither
  }
  return -1;
}
