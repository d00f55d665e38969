import type { TensorBuffer } from './batch.js';
import { INTEGER_RANGE, isFloat, isInteger, type ElementType } from './element.js';
import { float16Bits } from './float16.js';
import type { Field } from './layout.js';
import { isBlank, isFiniteText, parseBoolean, parseInteger, parseNumber, withPoint, type Decimal } from './number.js';
import type { RejectCode } from './reject.js';
import { openStringStore } from './text-store.js';

/**
 * What became of a value: `stored`, `missing` (stored by the field's missing rule; to be counted), or the code of a reject. One vocabulary for
 * every source format, so that the same value gives the same score from CSV and from Arrow.
 */
export type Stored = 'stored' | 'missing' | RejectCode;

/** Which texts mean "missing". Blank cells are missing in every numeric and boolean column, the empty cell in every string column. */
export interface NullTexts {
  /** In numeric and boolean columns, compared after trimming blanks, in any case. */
  readonly numeric: ReadonlySet<string>;
  /** In string columns, compared exactly. */
  readonly string: ReadonlySet<string>;
  /** Those that are numbers, as numbers: `-999` then also means -999.0, and the number -999 of a typed source. */
  readonly numbers: ReadonlySet<number>;
}

const DEFAULT_WORDS: readonly string[] = ['na', 'n/a', 'nan', 'null'];

/**
 * The defaults, or what `--null-value` gave: that replaces the defaults and then holds for strings too. `own` are those of one column, which a contract gives: they come on
 * top, whatever the others are; a number among them has a point.
 */
export function nullTexts(given: readonly string[] = [], decimal: Decimal = '.', own: readonly string[] = []): NullTexts {
  const numbers = [...given.map((text) => parseNumber(pointed(text, decimal))), ...own.map(parseNumber)].filter((value) => value !== undefined);
  const words = [...(given.length === 0 ? DEFAULT_WORDS : given), ...own].map((text) => text.trim().toLowerCase());
  return { numeric: new Set(words), string: new Set([...given, ...own]), numbers: new Set(numbers) };
}

/** The null texts of a field: those of the run, and its own. Fields without own ones share them. */
export function openNulls(given?: readonly string[], decimal: Decimal = '.'): (field: Field) => NullTexts {
  const shared = nullTexts(given, decimal);
  return ({ nulls }) => (nulls === undefined ? shared : nullTexts(given, decimal, nulls));
}

/** Writes the value of one field of one row: from text, from a double, from an exact integer, or as missing. */
export interface FieldStore {
  text(row: number, text: string): Stored;
  number(row: number, value: number): Stored;
  integer(row: number, value: bigint): Stored;
  boolean(row: number, value: boolean): Stored;
  missing(row: number): Stored;
}

/**
 * The store of a field over its tensor. Reads `tensor.values` at each call: the batch may have grown it. `decimal` says how numbers stand in texts; a value
 * that a contract gives has a point whatever it says.
 */
export function openFieldStore(field: Field, tensor: TensorBuffer, nulls: NullTexts, decimal: Decimal = '.'): FieldStore {
  if (field.type === 'string') return openStringStore(field, tensor, nulls);
  const store = new Store(field, tensor);
  const texts = textReader(field.type, store);
  const { numeric: words, numbers } = nulls;
  const isNullNumber = (value: number | undefined): boolean => value !== undefined && numbers.has(value);
  const isNull = (text: string): boolean =>
    isBlank(text) ||
    (words.size > 0 && words.has(text.trim().toLowerCase())) ||
    (numbers.size > 0 && isNullNumber(parseNumber(pointed(text, decimal))));
  const isNullValue = (value: number | bigint): boolean => Number.isNaN(value) || (numbers.size > 0 && numbers.has(Number(value)));
  const rule = field.onMissing;
  const missing = (row: number): Stored => {
    switch (rule.kind) {
      case 'nan':
        store.set(row, NaN);
        return 'missing';
      case 'empty': // of strings alone
      case 'reject':
        return 'missing-value';
      case 'value': {
        const stored = texts(row, rule.text);
        return stored === 'stored' ? 'missing' : stored;
      }
    }
  };
  return {
    missing,
    text:
      decimal === '.'
        ? (row, text) => (isNull(text) ? missing(row) : texts(row, text))
        : (row, text) => (isNull(text) ? missing(row) : texts(row, withPoint(text))),
    number: (row, value) => (isNullValue(value) ? missing(row) : store.number(row, value)),
    integer: (row, value) => (isNullValue(value) ? missing(row) : store.integer(row, value)),
    boolean: (row, value) => store.boolean(row, value),
  };
}

class Store {
  readonly #field: Field;
  readonly #tensor: TensorBuffer;
  readonly #range: readonly [bigint, bigint] | undefined;

  constructor(field: Field, tensor: TensorBuffer) {
    this.#field = field;
    this.#tensor = tensor;
    this.#range = INTEGER_RANGE[field.type];
  }

  set(row: number, value: number | bigint): void {
    const values = this.#tensor.values as unknown as (number | bigint)[];
    values[row * this.#tensor.width + this.#field.at] = this.#field.type === 'float16' ? float16Bits(value as number) : value;
  }

  number(row: number, value: number): Stored {
    const type = this.#field.type;
    if (isFloat(type)) return this.#float(row, value, Number.isFinite(value));
    if (type === 'bool') return value === 0 || value === 1 ? this.#done(row, value) : 'not-a-boolean';
    if (!Number.isFinite(value)) return 'out-of-range';
    return Number.isInteger(value) ? this.integer(row, BigInt(value)) : 'not-an-integer';
  }

  integer(row: number, value: bigint): Stored {
    const type = this.#field.type;
    if (isFloat(type)) return this.#float(row, Number(value), true);
    if (type === 'bool') return value === 0n || value === 1n ? this.#done(row, Number(value)) : 'not-a-boolean';
    const range = this.#range;
    if (range === undefined || value < range[0] || value > range[1]) return 'out-of-range';
    return this.#done(row, type === 'int64' || type === 'uint64' ? value : Number(value));
  }

  boolean(row: number, value: boolean): Stored {
    const type = this.#field.type;
    return type === 'int64' || type === 'uint64' ? this.#done(row, value ? 1n : 0n) : this.number(row, value ? 1 : 0);
  }

  /** A double into a float tensor; `finite` says whether the source was, so that an infinity is told from an overflow. */
  floatText(row: number, text: string): Stored {
    const value = parseNumber(text);
    return value === undefined ? 'not-a-number' : this.#float(row, value, isFiniteText(text));
  }

  #float(row: number, value: number, finite: boolean): Stored {
    const largest = this.#field.type === 'float16' ? 65519.99 : this.#field.type === 'float32' ? 3.4028235677973362e38 : Number.MAX_VALUE;
    if (finite && Math.abs(value) > largest) return 'out-of-range';
    return this.#done(row, value);
  }

  #done(row: number, value: number | bigint): Stored {
    this.set(row, value);
    return 'stored';
  }
}

/** How a cell that is not missing is read for a type. */
function textReader(type: ElementType, store: Store): (row: number, text: string) => Stored {
  if (type === 'bool')
    return (row, text) => {
      const value = parseBoolean(text);
      return value === undefined ? 'not-a-boolean' : (store.set(row, value), 'stored');
    };
  if (isInteger(type))
    return (row, text) => {
      const value = parseInteger(text);
      if (value === undefined) return infinite(text) ? 'out-of-range' : 'not-a-number';
      return value === 'fraction' ? 'not-an-integer' : value === 'huge' ? 'out-of-range' : store.integer(row, value);
    };
  return (row, text) => store.floatText(row, text);
}

function infinite(text: string): boolean {
  const value = parseNumber(text);
  return value === Infinity || value === -Infinity;
}

/** The message of a reject: what was found and what was expected, without the value itself. */
export function describeReject(code: RejectCode, field: Field, text: string | null, decimal: Decimal = '.'): string {
  const expected = expectation(field.type, decimal);
  switch (code) {
    case 'missing-value':
      return `found ${text === null || text === '' ? 'nothing' : isBlank(text) ? 'blanks' : 'a null value'}, expected ${expected}: ${whyNotMissing(field)}`;
    case 'not-an-integer':
      return `found a number with a fraction, expected ${expected}`;
    case 'out-of-range':
      return `found a number beyond the range of ${field.type}, expected ${expected}`;
    default:
      return `found ${kindOf(text === null ? null : pointed(text, decimal))}, expected ${expected}`;
  }
}

/** Floats and texts have a missing value: where it is rejected nevertheless, somebody wants it so. */
export function whyNotMissing({ type, onMissing }: Field): string {
  return onMissing.kind === 'reject' && (isFloat(type) || type === 'string')
    ? 'onMissing of the contract rejects a missing value'
    : 'this input cannot be missing';
}

function kindOf(text: string | null): string {
  if (text === null) return 'nothing';
  const value = parseNumber(text);
  if (value !== undefined) return Number.isInteger(value) ? 'a whole number' : 'a number';
  return `text of ${text.length} character${text.length === 1 ? '' : 's'}`;
}

function expectation(type: ElementType, decimal: Decimal): string {
  if (type === 'bool') return 'true, false, 0 or 1';
  if (type === 'string') return 'text';
  return isFloat(type) ? `a number ${decimal === ',' ? 'with a decimal comma ' : ''}(${type})` : `a whole number (${type})`;
}

function pointed(text: string, decimal: Decimal): string {
  return decimal === '.' ? text : withPoint(text);
}
