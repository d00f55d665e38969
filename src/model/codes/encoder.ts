import type { NodeProto, TensorProto } from '../onnx/onnx_pb.js';
import { attributeOf } from '../onnx/read.js';
import { FLOAT, INT64, STRING, type Vector } from '../onnx/write.js';

/** An operator that looks texts up in a list. */
export type TextEncoder =
  /** A row of zeros with a one at the text's place. */
  | { readonly kind: 'one-hot'; readonly keys: readonly string[] }
  /** The value of the text's place; `values` holds one more for any other text. */
  | { readonly kind: 'table'; readonly keys: readonly string[]; readonly values: Vector };

/** An operator that writes texts for numbers: their list, the one for any other number last. */
export interface TextSource {
  readonly texts: readonly string[];
}

/** Why an operator's texts cannot be coded; stands in the reason of a refusal. */
export interface Unfit {
  readonly unfit: string;
}

/** What an operator of ai.onnx.ml that reads texts does; undefined for one that is no encoder of texts. */
export function readTextEncoder(node: NodeProto): TextEncoder | Unfit | undefined {
  switch (node.opType) {
    case 'OneHotEncoder': {
      const keys = textsOf(node, 'cats_strings');
      if (keys === undefined || attributeOf(node, 'cats_int64s')?.ints.length) return undefined;
      return checkKeys(keys) ?? { kind: 'one-hot', keys };
    }
    case 'CategoryMapper': {
      const numbers = attributeOf(node, 'cats_int64s')?.ints ?? [];
      return table(textsOf(node, 'cats_strings'), { type: INT64, values: [...numbers, attributeOf(node, 'default_int64')?.i ?? -1n] });
    }
    case 'LabelEncoder': {
      const classes = textsOf(node, 'classes_strings'); // of the operator's first version, which numbers them
      if (classes === undefined) return table(textsOf(node, 'keys_strings') ?? tensorTexts(attributeOf(node, 'keys_tensor')?.t), valuesOf(node));
      return table(classes, { type: INT64, values: [...classes.map((_, index) => BigInt(index)), attributeOf(node, 'default_int64')?.i ?? -1n] });
    }
    default:
      return undefined;
  }
}

/** The texts that a LabelEncoder writes for numbers; undefined for every other operator, and for one that writes texts for texts. */
export function readTextSource(node: NodeProto): TextSource | Unfit | undefined {
  if (node.domain !== 'ai.onnx.ml' || node.opType !== 'LabelEncoder') return undefined;
  const texts = textsOf(node, 'values_strings');
  const keys = attributeOf(node, 'keys_int64s')?.ints ?? attributeOf(node, 'keys_floats')?.floats;
  if (texts === undefined || keys === undefined) return undefined;
  const all = [...texts, defaultText(node)];
  return checkTexts(all) ?? { texts: all };
}

/** Does this operator write texts that stand in its own list? */
export function writesTexts(node: NodeProto): boolean {
  if (node.domain !== 'ai.onnx.ml' || node.opType !== 'LabelEncoder') return false;
  return textsOf(node, 'values_strings') !== undefined || attributeOf(node, 'values_tensor')?.t?.dataType === STRING;
}

function table(keys: readonly string[] | undefined, values: Vector | undefined): TextEncoder | Unfit | undefined {
  if (keys === undefined) return undefined;
  if (values === undefined) return { unfit: 'gives values of a type that is not followed' };
  if (values.values.length !== keys.length + 1) return { unfit: 'has lists of different lengths' };
  const texts = values.type === STRING ? checkTexts(values.values) : undefined;
  return checkKeys(keys) ?? texts ?? { kind: 'table', keys, values };
}

/** A LabelEncoder's values, and the one for any other text behind them. The defaults are those of the operator's definition. */
function valuesOf(node: NodeProto): Vector | undefined {
  const ints = attributeOf(node, 'values_int64s')?.ints;
  const other = attributeOf(node, 'default_tensor')?.t;
  const tensor = attributeOf(node, 'values_tensor')?.t;
  if (ints !== undefined && ints.length > 0) return { type: INT64, values: [...ints, defaultInt(node)] };
  const floats = attributeOf(node, 'values_floats')?.floats;
  if (floats !== undefined && floats.length > 0) return { type: FLOAT, values: [...floats, defaultFloat(node)] };
  const texts = textsOf(node, 'values_strings');
  if (texts !== undefined) return { type: STRING, values: [...texts, defaultText(node)] };
  switch (tensor?.dataType) {
    case INT64:
      return { type: INT64, values: [...tensorInts(tensor), ...(other === undefined ? [defaultInt(node)] : tensorInts(other))] };
    case FLOAT:
      return { type: FLOAT, values: [...tensorFloats(tensor), ...(other === undefined ? [defaultFloat(node)] : tensorFloats(other))] };
    case STRING:
      return { type: STRING, values: [...(tensorTexts(tensor) ?? []), ...((other === undefined ? undefined : tensorTexts(other)) ?? [defaultText(node)])] };
    default:
      return undefined;
  }
} // prettier-ignore

const defaultInt = (node: NodeProto): bigint => attributeOf(node, 'default_int64')?.i ?? -1n;
const defaultFloat = (node: NodeProto): number => attributeOf(node, 'default_float')?.f ?? -0;
const defaultText = (node: NodeProto): string => {
  const bytes = attributeOf(node, 'default_string')?.s;
  return bytes === undefined ? '_Unused' : strictText(bytes);
};

function textsOf(node: NodeProto, name: string): readonly string[] | undefined {
  const strings = attributeOf(node, name)?.strings;
  return strings === undefined || strings.length === 0 ? undefined : strings.map(strictText);
}

function tensorTexts(tensor: TensorProto | undefined): readonly string[] | undefined {
  return tensor?.dataType === STRING && tensor.stringData.length > 0 ? tensor.stringData.map(strictText) : undefined;
}

function tensorInts({ rawData, int64Data }: TensorProto): readonly bigint[] {
  if (rawData.length === 0) return int64Data;
  const view = new DataView(rawData.buffer, rawData.byteOffset, rawData.byteLength);
  return Array.from({ length: Math.floor(rawData.length / 8) }, (_, at) => view.getBigInt64(at * 8, true));
}

function tensorFloats({ rawData, floatData }: TensorProto): readonly number[] {
  if (rawData.length === 0) return floatData;
  const view = new DataView(rawData.buffer, rawData.byteOffset, rawData.byteLength);
  return Array.from({ length: Math.floor(rawData.length / 4) }, (_, at) => view.getFloat32(at * 4, true));
}

/** A mark at the start is a part of the text. Bytes that are no UTF-8 show as U+FFFD, which checkTexts refuses. */
function strictText(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}

/** What a duplicate means is left to the runtime. */
function checkKeys(keys: readonly string[]): Unfit | undefined {
  return new Set(keys).size === keys.length ? checkTexts(keys) : { unfit: 'lists a text twice' };
}

/**
 * A text with a NUL is never met: the runtime is handed strings up to their first. U+FFFD stands for what is no UTF-8, on the way to the runtime and in the
 * file, so that different texts could meet in it.
 */
function checkTexts(texts: readonly string[]): Unfit | undefined {
  return texts.some((text) => text.includes('\0') || text.includes('\uFFFD')) ? { unfit: 'lists a text with NUL or U+FFFD' } : undefined;
}
