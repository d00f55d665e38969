import type { GraphProto, NodeProto } from '../onnx/onnx_pb.js';
import type { Joins } from '../joined-input.js';
import { attributeName, readModel, tensorHead, writeModel } from '../onnx/read.js';
import { dropValueInfo, INT64, intAttribute, plainNode, STRING, vectorTensor, type Vector } from '../onnx/write.js';
import type { TextEncoder, TextSource } from './encoder.js';
import { joinInputs } from './join-inputs.js';
import { stringGroups, type StringGroups } from './string-groups.js';

/** A model that takes numbers in the place of texts. Plain data. */
export interface CodedModel {
  readonly bytes: Uint8Array;
  /** By input that was coded: the texts that its numbers stand for, as `TensorShape.codes`. */
  readonly codes: Readonly<Record<string, readonly string[]>>;
  /** What the graph takes in the place of inputs that it would only have joined. */
  readonly joins: Joins;
}

export interface CodingResult {
  /** Undefined where no input can be coded. */
  readonly model: CodedModel | undefined;
  /** By string input that stays one: why. */
  readonly refusals: Readonly<Record<string, string>>;
}

/**
 * An equivalent graph that takes a number for each text of those string inputs that feed nothing but encoders: strings cross into the runtime one at a time, and
 * each encoder looks up each of them. One list of texts for all tensors between which elements move: every text that an encoder there knows, and the empty one;
 * any other text is one more number. What an encoder gives for each of the numbers is then
 * - `OneHotEncoder`: the same operator, on the numbers of its categories;
 * - `LabelEncoder`, `CategoryMapper`: a `Gather` from a table with one value for each number, the default where the encoder does not know the text;
 * - a `LabelEncoder` that writes texts into such a tensor (fill values of an imputer): writes their numbers.
 * Pure; `bytes` are those of a model that loadModel has taken, and are not changed. Throws what the protobuf reader throws where an attribute cannot be read: see readLate.
 */
export function codeStrings(bytes: Uint8Array): CodingResult {
  const proto = readModel(bytes);
  const graph = proto.graph;
  if (graph === undefined) return { model: undefined, refusals: {} };
  const flow = stringGroups(graph);
  const foreign = proto.functions.length > 0 ? 'the model defines functions' : undefined;
  const refused = flow.groups.filter(({ refusal }) => (foreign ?? refusal) !== undefined);
  const refusals = Object.fromEntries(refused.flatMap(({ inputs, refusal }) => inputs.map((input) => [input, foreign ?? refusal ?? ''])));
  const coded = flow.groups.filter((group) => !refused.includes(group)).map((group) => ({ ...group, texts: textsOf(group.tensors, flow) }));
  if (coded.length === 0) return { model: undefined, refusals };
  const textsBy = new Map(coded.flatMap(({ tensors, texts }) => [...tensors].map((tensor) => [tensor, texts] as const)));
  rewrite(graph, flow, textsBy);
  const codes = coded.flatMap(({ inputs, texts }) => inputs.map((input) => [input, texts] as const));
  const joins = joinInputs(graph, new Map(codes));
  return { model: { bytes: writeModel(proto), codes: Object.fromEntries(codes), joins }, refusals };
}

/** Every text that is known within a group, each once, in the order of the graph. */
function textsOf(tensors: ReadonlySet<string>, { encoders, sources }: StringGroups): readonly string[] {
  const texts = new Set<string>();
  const add = (list: readonly string[]): void => list.forEach((text) => texts.add(text));
  for (const [node, encoder] of encoders) {
    if (tensors.has(node.input[0] ?? '')) add(encoder.keys);
    if (encoder.kind === 'table' && encoder.values.type === STRING && tensors.has(node.output[0] ?? '')) add(encoder.values.values);
  }
  for (const [node, source] of sources) if (tensors.has(node.output[0] ?? '')) add(source.texts);
  return [...texts.add('')];
}

type TextsBy = ReadonlyMap<string, readonly string[]>;

function rewrite(graph: GraphProto, { encoders, sources }: StringGroups, textsBy: TextsBy): void {
  const freshName = namer(graph);
  graph.node = graph.node.map((node) => {
    const [read, written] = [textsBy.get(node.input[0] ?? ''), textsBy.get(node.output[0] ?? '')];
    const encoder = encoders.get(node);
    const source = sources.get(node);
    if (encoder !== undefined && read !== undefined) return codeEncoder(graph, node, encoder, { read, written }, freshName);
    return source !== undefined && written !== undefined ? codeSource(node, source, written) : node;
  });
  for (const { name, type } of graph.input) if (textsBy.has(name) && type?.value.case === 'tensorType') type.value.value.elemType = INT64;
  dropValueInfo(graph);
}

interface Texts {
  /** Of the tensor that an encoder reads. */
  readonly read: readonly string[];
  /** Of the tensor that it writes, where that is coded. */
  readonly written: readonly string[] | undefined;
}

function codeEncoder(graph: GraphProto, node: NodeProto, encoder: TextEncoder, { read, written }: Texts, freshName: (name: string) => string): NodeProto {
  if (encoder.kind === 'one-hot') return replaceAttributes(node, ['cats_strings', 'cats_int64s'], [intAttribute('cats_int64s', codesOf(encoder.keys, read))]);
  const table = freshName(`${node.output[0] ?? ''}_by_code`);
  const values: Vector = written === undefined || encoder.values.type !== STRING ? encoder.values : { type: INT64, values: codesOf(encoder.values.values, written) };
  graph.initializer.push(vectorTensor(table, tableOf(encoder.keys, values, read)));
  return plainNode('Gather', node.name, [table, ...node.input], node.output);
} // prettier-ignore

/** A value for each known text and one for all others, the last. */
function tableOf(keys: readonly string[], vector: Vector, texts: readonly string[]): Vector {
  const places = new Map(keys.map((key, place) => [key, place]));
  const order = [...texts.map((text) => places.get(text) ?? keys.length), keys.length];
  const pick = <T>(values: readonly T[]): T[] => order.map((place) => values[place] as T);
  switch (vector.type) {
    case STRING:
      return { type: vector.type, values: pick(vector.values) };
    case INT64:
      return { type: vector.type, values: pick(vector.values) };
    default:
      return { type: vector.type, values: pick(vector.values) };
  }
}

function codeSource(node: NodeProto, { texts }: TextSource, written: readonly string[]): NodeProto {
  const codes = codesOf(texts, written);
  const values = [intAttribute('values_int64s', codes.slice(0, -1)), intAttribute('default_int64', codes.at(-1) ?? 0n)];
  return replaceAttributes(node, ['values_strings', 'default_string', 'default_int64'], values);
}

function codesOf(texts: readonly string[], all: readonly string[]): bigint[] {
  const codes = new Map(all.map((text, code) => [text, BigInt(code)]));
  return texts.map((text) => codes.get(text) ?? BigInt(all.length));
}

function replaceAttributes(node: NodeProto, names: readonly string[], attributes: readonly Uint8Array[]): NodeProto {
  return { ...node, attribute: [...node.attribute.filter((bytes) => !names.includes(attributeName(bytes))), ...attributes] };
}

/** Gives names that no tensor of the graph has. */
function namer({ node, input, initializer }: GraphProto): (name: string) => string {
  const taken = new Set([...node.flatMap((each) => [...each.input, ...each.output]), ...input.map(({ name }) => name), ...initializer.map((bytes) => tensorHead(bytes).name)]);
  return (name) => {
    let fresh = name;
    while (taken.has(fresh)) fresh += '_';
    taken.add(fresh);
    return fresh;
  };
} // prettier-ignore
