import type { ElementType } from './element.js';

/**
 * How the columns of a source become the tensors of a model: the one agreement between decoders, the scorer and the encoders.
 * Plain data, made once by the plan and sent to every worker.
 */
export interface Layout {
  /** One buffer for each model input, in the model's order. */
  readonly tensors: readonly TensorShape[];
  /** Source columns that the model reads; the order of `Batch.missing`. A source column may feed several fields. */
  readonly fields: readonly Field[];
  /** Source columns that are copied to the output, in output order. */
  readonly kept: readonly KeptField[];
}

/** Row-major `[rows, width]`. */
export interface TensorShape {
  readonly type: ElementType;
  readonly width: number;
  /**
   * A coded tensor: its fields are strings, and it is `int64`, the place of each text in this list, or the list's length for any other text. The list holds the
   * empty text, each text once.
   */
  readonly codes?: readonly string[];
}

/** One source column into one column of one tensor: row r is `values[r * width + at]`. */
export interface Field {
  /** Name of the column in the source. */
  readonly name: string;
  /** Position of the column in the source, from 0. */
  readonly column: number;
  /** Index into `Layout.tensors`. */
  readonly tensor: number;
  /** Offset within the tensor's row. */
  readonly at: number;
  readonly type: ElementType;
  readonly onMissing: MissingRule;
  /** Texts that stand for a missing value in this column, beside those of the run. */
  readonly nulls?: readonly string[];
  /** A value should never be missing; what becomes of one that is, `onMissing` says all the same. */
  readonly isRequired?: boolean;
  /** What its values should be; absent where nothing is known of them. */
  readonly expected?: Expected;
}

/** Types that the text of a cell, or a number, can be of beyond what the model takes. Dates and times are those of ISO 8601. */
export type ValueType = 'number' | 'integer' | 'boolean' | 'date' | 'datetime' | 'time' | 'yearmonth' | 'duration';

/** What is known of the values of a field, and what becomes of one that is none of these. Missing values are not meant, nor the value that stands for them: `onMissing` says what becomes of them. */
export interface Expected {
  /** Of a field of texts: all that it should hold. Of a field of numbers: their texts, as JSON writes numbers. */
  readonly categories?: readonly string[];
  readonly onUnseen: ValueRule;
  /** Where the model would take others, too; absent beside categories, which are all of one type. */
  readonly type?: { readonly name: ValueType; readonly onWrong: ValueRule };
  /** Of a field of numbers, or of texts of a type with an order (as `orderOf` gives it): the least and greatest, inclusive. */
  readonly min?: number;
  readonly max?: number;
  readonly onOutOfRange: ValueRule;
}

/** `allow`: it is scored as it is. `missing`: as a missing value is. `value`: as the value that has this text. Each is counted; `reject`: the row is not scored. */
export type ValueRule =
  { readonly kind: 'allow' } | { readonly kind: 'missing' } | { readonly kind: 'value'; readonly text: string } | { readonly kind: 'reject' };

/**
 * What a missing value becomes: `nan` in a float tensor, `empty` ("") in a string tensor, `reject` elsewhere, or a value that the contract
 * gives (as the text of a cell, read by the same grammar as data).
 */
export type MissingRule =
  { readonly kind: 'nan' } | { readonly kind: 'empty' } | { readonly kind: 'reject' } | { readonly kind: 'value'; readonly text: string };

export interface KeptField {
  /** Name in the output. */
  readonly name: string;
  /** Position of the column in the source, from 0. */
  readonly column: number;
}
