import type { TensorBuffer } from './batch.js';
import { openCoder } from './codes.js';
import type { Field } from './layout.js';
import type { FieldStore, NullTexts, Stored } from './store.js';

/** What a tensor holds for a text: the text, or its code in a coded tensor. */
export type TextValue = string | number;

/** What becomes of a text in a field of strings. */
export interface TextEntry {
  /** `stored`, `missing`, or `missing-value`: then there is nothing to set. */
  readonly stored: Stored;
  readonly value: TextValue;
}

/**
 * Fills a field of strings, plain or coded, for a decoder that meets the same texts again and again: it asks for the `entry` of a text once, keeps it, and
 * sets its value in any number of rows.
 */
export interface TextStore {
  /** Of a cell: null texts are missing ones. */
  entry(text: string): TextEntry;
  readonly missing: TextEntry;
  /** Of a text that is no null text. */
  value(text: string): TextValue;
  /** Writes a value that this store gave. Reads `tensor.values` at each call: the batch may have grown it. */
  set(row: number, value: TextValue): void;
}

/** The text store of a field whose type is `string`. */
export function openTextStore(field: Field, tensor: TensorBuffer, nulls: NullTexts): TextStore {
  const value = tensor.codes === undefined ? (text: string): TextValue => text : openCoder(tensor.codes, tensor.unseen);
  const words = nulls.string;
  const rule = field.onMissing;
  const missing: TextEntry = {
    stored: rule.kind === 'empty' || rule.kind === 'value' ? 'missing' : 'missing-value',
    value: value(rule.kind === 'value' ? rule.text : ''),
  };
  return {
    entry: (text) => (text === '' || (words.size > 0 && words.has(text)) ? missing : { stored: 'stored', value: value(text) }),
    missing,
    value,
    set: tensor.codes === undefined ? textSetter(field, tensor) : codeSetter(field, tensor),
  };
}

function textSetter({ at }: Field, tensor: TensorBuffer): TextStore['set'] {
  return (row, value) => {
    (tensor.values as TextValue[])[row * tensor.width + at] = value;
  };
}

/**
 * A code is below 2^31, and nothing else is ever written to a coded tensor: its upper words stay the zeros that they were made with. A store to the lower word
 * (the first: the runtime has no build for a big-endian machine) costs a fraction of one that makes a BigInt.
 */
function codeSetter({ at }: Field, tensor: TensorBuffer): TextStore['set'] {
  let values = tensor.values;
  let words = wordsOf(tensor);
  return (row, value) => {
    if (tensor.values !== values) {
      values = tensor.values;
      words = wordsOf(tensor);
    }
    words[2 * (row * tensor.width + at)] = value as number;
  };
}

function wordsOf({ values }: TensorBuffer): Int32Array {
  const { buffer, byteOffset, byteLength } = values as BigInt64Array;
  return new Int32Array(buffer, byteOffset, byteLength / 4);
}

/** As openFieldStore, for a field of strings. Numbers and booleans of typed sources become their texts. */
export function openStringStore(field: Field, tensor: TensorBuffer, nulls: NullTexts): FieldStore {
  const texts = openTextStore(field, tensor, nulls);
  const words = nulls.string;
  const isNull = (text: string): boolean => words.size > 0 && words.has(text);
  const put = (row: number, text: string): Stored => {
    texts.set(row, texts.value(text));
    return 'stored';
  };
  const missing = (row: number): Stored => {
    if (texts.missing.stored === 'missing') texts.set(row, texts.missing.value);
    return texts.missing.stored;
  };
  const putUnlessNull = (row: number, text: string): Stored => (isNull(text) ? missing(row) : put(row, text));
  return {
    missing,
    text: (row, text) => (text === '' || isNull(text) ? missing(row) : put(row, text)),
    number: (row, number) => putUnlessNull(row, String(number)),
    integer: (row, number) => putUnlessNull(row, number.toString()),
    boolean: (row, truth) => put(row, truth ? 'true' : 'false'),
  };
}
