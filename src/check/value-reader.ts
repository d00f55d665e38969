import type { TensorBuffer } from '../batch/batch.js';
import { float16Bits, float16Value } from '../batch/float16.js';
import type { Expected, Field } from '../batch/layout.js';
import { parseNumber } from '../batch/number.js';
import { openJudge, type Judge, type Oddity } from './text-judge.js';

/** A value as it stands in a tensor. */
export type RawValue = string | number | bigint;

/** Finds the values of a field that are not as expected in a tensor, row by row. */
export interface ValueReader {
  /** The tensor's array may have been replaced since the last batch. */
  begin(): void;
  /** The first row from `from` on, below `rows`, that has to be looked at; -1 where there is none. Missing values are passed over. */
  nextOdd(from: number, rows: number): number;
  /** Are all values between these as expected? Only of numbers. */
  isWithin?(min: number, max: number): boolean;
  /** What is wrong with its value; undefined where nothing is. */
  oddity(row: number): Oddity | undefined;
  text(row: number): string;
  raw(row: number): RawValue;
  /** Its rule is done: what is left there is one that the model can take. */
  settle(row: number): void;
  /** The model has scored: what stood there before the rule comes back. */
  restore(row: number, before: RawValue): void;
}

/**
 * The readers of a field, to be asked one after the other: a value that one of them has seen may be another one when the next one looks. `expected` may be absent for a coded tensor: then
 * nothing is odd, and values without a code are looked at.
 */
export function openReaders(field: Field, expected: Expected = NOTHING, tensor: TensorBuffer): readonly ValueReader[] {
  if (field.type === 'string') {
    const judge = openJudge(field, expected);
    return [tensor.codes === undefined ? new TextReader(field, judge, tensor) : new CodeReader(field, judge, tensor, tensor.codes)];
  }
  const { type, categories, min, max } = expected;
  const isHeld = categories !== undefined || min !== undefined || max !== undefined;
  return [...(type === undefined ? [] : [new TypeReader(field, type.name === 'boolean', tensor)]), ...(isHeld ? [new NumberReader(field, expected, tensor)] : [])];
} // prettier-ignore

const NOTHING: Expected = { onUnseen: { kind: 'allow' }, onOutOfRange: { kind: 'allow' } };

/** Texts in a tensor of strings. */
class TextReader implements ValueReader {
  readonly #judge: Judge;
  readonly #tensor: TensorBuffer;
  readonly #at: number;
  #values: readonly string[] = [];

  constructor({ at }: Field, judge: Judge, tensor: TensorBuffer) {
    this.#judge = judge;
    this.#tensor = tensor;
    this.#at = at;
  }

  begin(): void {
    this.#values = this.#tensor.values as string[];
  }

  nextOdd(from: number, rows: number): number {
    const { fine, look } = this.#judge;
    const values = this.#values;
    const { width } = this.#tensor;
    let last: string | undefined; // the decoders give equal texts as one string, and neighbours are often equal
    for (let row = from, slot = from * width + this.#at; row < rows; row++, slot += width) {
      const text = values[slot] as string;
      if (text === last) continue;
      if (!fine.has(text) && look(text) !== undefined) return row;
      last = text;
    }
    return -1;
  }

  oddity(row: number): Oddity | undefined {
    return this.#judge.look(this.text(row));
  }

  text(row: number): string {
    return this.#values[row * this.#tensor.width + this.#at] ?? '';
  }

  raw(row: number): string {
    return this.text(row);
  }

  settle(): void {}

  restore(row: number, before: RawValue): void {
    (this.#tensor.values as RawValue[])[row * this.#tensor.width + this.#at] = before;
  }
}

/** Codes of texts. One behind that of "any other text" tells which it was; the model is handed that of any other. */
class CodeReader implements ValueReader {
  readonly #judge: Judge;
  readonly #tensor: TensorBuffer;
  readonly #codes: readonly string[];
  readonly #at: number;
  /** By code: 1 for what is as expected. */
  readonly #fine: Uint8Array;
  #words: Int32Array = new Int32Array(0);

  constructor({ at }: Field, judge: Judge, tensor: TensorBuffer, codes: readonly string[]) {
    this.#judge = judge;
    this.#tensor = tensor;
    this.#codes = codes;
    this.#at = at;
    this.#fine = Uint8Array.from(codes, (text) => (judge.look(text) === undefined ? 1 : 0));
  }

  begin(): void {
    const { buffer, byteOffset, byteLength } = this.#tensor.values as BigInt64Array;
    this.#words = new Int32Array(buffer, byteOffset, byteLength / 4);
  }

  nextOdd(from: number, rows: number): number {
    const words = this.#words;
    const fine = this.#fine;
    const stride = 2 * this.#tensor.width;
    for (let row = from, slot = from * stride + 2 * this.#at; row < rows; row++, slot += stride) if (fine[words[slot] as number] !== 1) return row;
    return -1;
  }

  oddity(row: number): Oddity | undefined {
    return this.#judge.look(this.text(row));
  }

  text(row: number): string {
    const code = this.raw(row);
    return this.#codes[code] ?? this.#tensor.unseen?.textOf(code) ?? '';
  }

  raw(row: number): number {
    return this.#words[this.#slot(row)] as number;
  }

  settle(row: number): void {
    const slot = this.#slot(row);
    if ((this.#words[slot] as number) > this.#codes.length) this.#words[slot] = this.#codes.length;
  }

  restore(row: number, before: RawValue): void {
    this.#words[this.#slot(row)] = before as number;
  }

  #slot(row: number): number {
    return 2 * (row * this.#tensor.width + this.#at);
  }
}

/** A number of a tensor as it is, whatever its type. */
abstract class Numbers {
  readonly tensor: TensorBuffer;
  readonly at: number;
  /** What a missing value becomes, as the tensor has it; NaN where that is no number. It is as expected. */
  readonly fill: number;

  constructor(field: Field, tensor: TensorBuffer) {
    this.tensor = tensor;
    this.at = field.at;
    this.fill = field.onMissing.kind === 'value' ? storedAs(field)(parseNumber(field.onMissing.text) ?? NaN) : NaN;
  }

  begin(): void {}

  text(row: number): string {
    return String(this.value(row));
  }

  raw(row: number): RawValue {
    return this.tensor.values[row * this.tensor.width + this.at] ?? 0;
  }

  settle(): void {}

  restore(row: number, before: RawValue): void {
    (this.tensor.values as unknown as RawValue[])[row * this.tensor.width + this.at] = before;
  }

  protected value(row: number): number {
    const { values, width, type } = this.tensor;
    const value = Number(values[row * width + this.at]);
    return type === 'float16' ? float16Value(value) : value;
  }
}

/** A rounded number stands for the one that it was rounded from: so do limits, categories, and fills. */
function storedAs({ type }: Field): (value: number) => number {
  if (type === 'float32') return Math.fround;
  return type === 'float16' ? (value) => float16Value(float16Bits(value)) : (value) => value;
}

/** Numbers that should be whole, or 0 or 1. NaN is missing. */
class TypeReader extends Numbers implements ValueReader {
  readonly #isBoolean: boolean;

  constructor(field: Field, isBoolean: boolean, tensor: TensorBuffer) {
    super(field, tensor);
    this.#isBoolean = isBoolean;
  }

  nextOdd(from: number, rows: number): number {
    for (let row = from; row < rows; row++) if (this.oddity(row) !== undefined) return row;
    return -1;
  }

  oddity(row: number): Oddity | undefined {
    const value = this.value(row);
    const isRight = Number.isNaN(value) || value === this.fill || (this.#isBoolean ? value === 0 || value === 1 : Number.isInteger(value));
    return isRight ? undefined : 'wrongType';
  }
}

/** Numbers: outside a range, or none of some. NaN is missing. */
class NumberReader extends Numbers implements ValueReader {
  readonly #min: number;
  readonly #max: number;
  readonly #known: ReadonlySet<number> | undefined;

  constructor(field: Field, { min = -Infinity, max = Infinity, categories }: Expected, tensor: TensorBuffer) {
    super(field, tensor);
    const stored = storedAs(field);
    this.#min = stored(min);
    this.#max = stored(max);
    this.#known = categories === undefined ? undefined : new Set(categories.map((text) => stored(Number(text))));
  }

  isWithin(min: number, max: number): boolean {
    return this.#known === undefined && min >= this.#min && max <= this.#max;
  }

  nextOdd(from: number, rows: number): number {
    const { values, width } = this.tensor;
    if (values instanceof Float32Array && this.#known === undefined)
      return oddFloat32(values, { from, rows, width, at: this.at }, { min: this.#min, max: this.#max, fill: this.fill });
    for (let row = from; row < rows; row++) if (this.oddity(row) !== undefined) return row;
    return -1;
  }

  oddity(row: number): Oddity | undefined {
    const value = this.value(row);
    if (value === this.fill) return undefined;
    if (this.#known !== undefined && value === value && !this.#known.has(value)) return 'unseen';
    return value < this.#min || value > this.#max ? 'outOfRange' : undefined;
  }
}

/** Nearly every model takes float32: a loop that sees no other kind of array. */
function oddFloat32(
  values: Float32Array,
  { from, rows, width, at }: { from: number; rows: number; width: number; at: number },
  { min, max, fill }: { min: number; max: number; fill: number },
): number {
  for (let row = from, slot = from * width + at; row < rows; row++, slot += width) {
    const value = values[slot] as number;
    if ((value < min || value > max) && value !== fill) return row; // NaN is neither
  }
  return -1;
}
