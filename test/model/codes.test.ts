import { create, toBinary } from '@bufbuild/protobuf';
import { WireType } from '@bufbuild/protobuf/wire';
import { readdirSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { openCoder } from '#src/batch/codes.js';
import { codeStrings, type CodedModel } from '#src/model/codes/code-strings.js';
import { readModel, writeModel } from '#src/model/onnx/read.js';
import {
  FunctionProtoSchema,
  ModelProtoSchema,
  ValueInfoProtoSchema,
  type GraphProto,
  type ModelProto,
  type NodeProto,
} from '#src/model/onnx/onnx_pb.js';
import type { Joins } from '#src/model/joined-input.js';
import { openOrtSession } from '#src/model/ort-session.js';
import { parseModel } from '#src/model/parse.js';
import type { TensorData } from '#src/model/session.js';
import { signatureOf } from '#src/model/signature-of.js';
import { silenceTelemetry } from '#src/model/telemetry.js';
import { cleanRuntimeMessage } from '#src/model/runtime-message.js';
import { fixture } from '../support/command.js';
import { constant, type attribute, graphAttribute, graphOf, modelOf, node, value } from './onnx-maker.js';

const ML = 'ai.onnx.ml';
const [FLOAT, INT64, STRING] = [1, 7, 8];

beforeAll(() => silenceTelemetry());

/** A model of one string input S, `[rows, 1]` unless said otherwise, and output Y. */
function model(nodes: NodeProto[], type: number, parts: { ml?: bigint; ir?: bigint; graph?: Partial<GraphProto>; inputs?: string[]; width?: number } = {}): Uint8Array {
  const inputs = (parts.inputs ?? ['S']).map((name) => value(name, STRING, ['', parts.width ?? 1]));
  const made = modelOf({ ...graphOf({ node: nodes, input: inputs, output: [value('Y', type)] }), ...parts.graph });
  if (parts.ir !== undefined) made.irVersion = parts.ir;
  const ml = made.opsetImport[1];
  if (parts.ml !== undefined && ml !== undefined) ml.version = parts.ml;
  return writeModel(made);
} // prettier-ignore

const TEXTS = ['red', 'green', 'blue', '', ' red', 'unseen', 'RED', 'grün ✓', '\u{1f600}', 'red\0x', '\ud800', 'a'.repeat(300), '0', '__proto__'];

/** The same rows, the last one first. */
function backwards({ type, dims, values }: TensorData): TensorData {
  const width = dims[1] ?? 1;
  const turned = values.slice();
  for (let cell = 0; cell < values.length; cell++)
    turned[cell] = values[values.length - width * (Math.floor(cell / width) + 1) + (cell % width)] as never;
  return { type, dims, values: turned };
}

/** What the runtime gives, or says: every bit of it. */
async function outcome(
  bytes: Uint8Array,
  inputs: readonly TensorData[],
  signature = signatureOf(parseModel(bytes, 'm'), [], 'm'),
  joins?: Joins,
): Promise<unknown> {
  const session = await openOrtSession(bytes, signature, { threads: 1, joins });
  try {
    await session.run(inputs.map(backwards)).catch(() => undefined); // leaves nothing behind for the next call
    const outputs = await session.run(inputs);
    return outputs.map(({ type, dims, values }) => [type, dims, Array.isArray(values) ? values : Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('hex')]); // prettier-ignore
  } catch (error) {
    return cleanRuntimeMessage(error);
  } finally {
    await session.close();
  }
}

/** Both graphs on rows of all these texts and of every text that is known, in an order that differs by column. */
async function expectSame(bytes: Uint8Array, others: readonly string[] = TEXTS, throws = false): Promise<readonly string[]> {
  const { model: coded, refusals } = codeStrings(bytes);
  expect(refusals).toEqual({});
  if (coded === undefined) throw new Error('the model was not coded');
  const signature = signatureOf(parseModel(bytes, 'm'), [], 'm');
  const { inputs } = signature;
  const all = [...new Set([...others, ...Object.values(coded.codes).flat()])];
  const pairs = inputs.map(({ name, type, shape }, index): [TensorData, TensorData] => {
    const width = typeof shape?.[1] === 'number' ? shape[1] : 1;
    const dims = [all.length, width];
    const texts = Array.from({ length: all.length * width }, (_, cell) => all[(cell * 7 + index * 3) % all.length] ?? '');
    const codes = coded.codes[name];
    if (type !== 'string' || codes === undefined) {
      const numbers = texts.map((_, cell) => (cell % 17) - 2);
      const values = type === 'int64' ? BigInt64Array.from(numbers, BigInt) : Float32Array.from(numbers, (number) => number / 3);
      return [
        { type, dims, values },
        { type, dims, values },
      ];
    }
    return [{ type, dims, values: texts }, { type: 'int64', dims, values: BigInt64Array.from(texts.map(openCoder(codes)), BigInt) }]; // prettier-ignore
  });
  const original = await outcome(bytes, pairs.map(([texts]) => texts)); // prettier-ignore
  expect(typeof original === 'string').toBe(throws);
  expect(await outcome(coded.bytes, pairs.map(([, codes]) => codes), signature, coded.joins)).toEqual(original); // prettier-ignore
  return inputs.filter(({ type }) => type === 'string').map(({ name }) => name);
}

const oneHot = (from: string, to: string, cats: string[], zeros = 1n): NodeProto => node('OneHotEncoder', [from], [to], [['cats_strings', cats], ['zeros', zeros]], ML); // prettier-ignore
const labels = (from: string, to: string, ...attributes: Parameters<typeof attribute>[]): NodeProto =>
  node('LabelEncoder', [from], [to], attributes, ML);

/** An attribute that holds a tensor: field 5 of the message. */
function tensorAttribute(name: string, tensor: Uint8Array): Uint8Array {
  const bytes = Buffer.from(name);
  return Buffer.concat([Uint8Array.of(0x0a, bytes.length), bytes, Uint8Array.of(0x2a, tensor.length), tensor, Uint8Array.of(0xa0, 0x01, 4)]);
}

function withAttributes(made: NodeProto, ...attributes: Uint8Array[]): NodeProto {
  made.attribute.push(...attributes);
  return made;
}

describe('a graph that takes numbers for texts gives every bit of what the graph of texts gives', () => {
  const keys: ['keys_strings', string[]] = ['keys_strings', ['red', 'green', 'grün ✓']];
  test.each<[string, Uint8Array]>([
    ['one-hot', model([oneHot('S', 'Y', ['red', 'blue', ''])], FLOAT)],
    ['one-hot that throws on what it does not know', model([oneHot('S', 'Y', ['red', 'blue'], 0n)], FLOAT)],
    ['labels, with a default', model([labels('S', 'Y', keys, ['values_int64s', [7n, -3n, 7n]], ['default_int64', 5n])], INT64)],
    ['labels, with the default default', model([labels('S', 'Y', keys, ['values_int64s', [7n, -3n, 9n]])], INT64)],
    ['labels that are floats', model([labels('S', 'Y', keys, ['values_floats', [0.1, -0, 3e38]])], FLOAT)],
    ['labels of the first version', model([labels('S', 'Y', ['classes_strings', ['blue', 'red']], ['default_int64', -9n])], INT64, { ml: 1n })],
    ['labels of the fourth version', model([labels('S', 'Y', keys, ['values_floats', [1, 2, 3]])], FLOAT, { ml: 4n })],
    ['labels by tensors', model([withAttributes(labels('S', 'Y'), tensorAttribute('keys_tensor', constant('k', ['red', ''])), tensorAttribute('values_tensor', constant('v', [4n, 5n])), tensorAttribute('default_tensor', constant('d', [8n])))], INT64, { ml: 4n })],
    ['labels by tensors without a default', model([withAttributes(labels('S', 'Y'), tensorAttribute('keys_tensor', constant('k', ['red', ''])), tensorAttribute('values_tensor', constant('v', [0.5, 0.25])))], FLOAT, { ml: 4n })],
    ['a category mapper', model([node('CategoryMapper', ['S'], ['Y'], [['cats_strings', ['green', 'red']], ['cats_int64s', [40n, 41n]], ['default_int64', 2n]], ML)], INT64)],
    ['texts for texts, looked up again', model([labels('S', 'T', keys, ['values_strings', ['blue', 'red', 'blue']], ['default_string', 'other']), oneHot('T', 'Y', ['other', 'blue', 'red'])], FLOAT)],
    ['a file of an old version', model([oneHot('S', 'Y', ['red'])], FLOAT, { ir: 3n })],
    ['several inputs in one tensor', model([node('Concat', ['S', 'T'], ['C'], [['axis', 1n]]), oneHot('C', 'Y', ['red', 'blue'])], FLOAT, { inputs: ['S', 'T'] })],
    ['columns of a matrix', model([node('ArrayFeatureExtractor', ['S', 'at'], ['C'], [], ML), labels('C', 'Y', keys, ['values_int64s', [1n, 2n, 3n]])], INT64, { width: 3, graph: { initializer: [constant('at', [2n, 0n])] } })],
    ['reshaped, transposed, and asked for its shape', model([node('Transpose', ['S'], ['T'], [['perm', [1n, 0n]]]), node('Shape', ['T'], ['shape']), node('Reshape', ['T', 'shape'], ['R']), node('Identity', ['R'], ['I']), oneHot('I', 'Y', ['red'])], FLOAT)],
    ['an imputer that writes a fill value', model([labels('zero', 'fill', ['keys_int64s', [0n]], ['values_strings', ['red']]), labels('S', 'gap', ['keys_strings', ['', 'blue']], ['values_int64s', [1n, 0n]], ['default_int64', 0n]), node('Cast', ['gap'], ['isGap'], [['to', 9n]]), node('Where', ['isGap', 'fill', 'S'], ['full']), oneHot('full', 'Y', ['red', 'blue', 'green'])], FLOAT, { graph: { initializer: [constant('zero', [0n])] } })],
    ['nodes in another order than they run in', model([oneHot('I', 'Y', ['red']), node('Identity', ['S'], ['I'])], FLOAT)],
    ['a table whose name is taken', model([labels('S', 'Y', keys, ['values_int64s', [1n, 2n, 3n]])], INT64, { graph: { initializer: [constant('Y_by_code', [1n])] } })],
    ['a mark at the start of a text', model([oneHot('S', 'Y', ['\ufeffred', 'red'])], FLOAT)],
  ])('%s', async (name, bytes) => {
    expect(await expectSame(bytes, [...TEXTS, '\ufeffred'], name.includes('throws'))).not.toEqual([]);
  }); // prettier-ignore

  test.each(['adult/adult-forest', ...readdirSync(fixture('strings')).filter((name) => name.endsWith('.onnx')).map((name) => `strings/${name.slice(0, -5)}`)])('%s', async (name) => {
    expect(await expectSame(readFileSync(fixture(`${name}.onnx`)), TEXTS, name.endsWith('strict'))).not.toEqual([]);
  }); // prettier-ignore

  test('a graph that tells the types of its inner tensors does not tell them wrongly', async () => {
    const proto = readModel(model([node('Identity', ['S'], ['I']), oneHot('I', 'Y', ['red'])], FLOAT));
    const info = toBinary(ValueInfoProtoSchema, create(ValueInfoProtoSchema, value('I', STRING, ['', 1])));
    const data = Buffer.concat([Uint8Array.of(info.length), info]);
    if (proto.graph !== undefined) proto.graph.$unknown = [{ no: 13, wireType: WireType.LengthDelimited, data }];
    await expectSame(writeModel(create(ModelProtoSchema, proto)));
  });

  test('the bytes of the model are left as they are, and the texts stand once each', () => {
    const bytes = model([node('Concat', ['S', 'T'], ['C'], [['axis', 1n]]), oneHot('C', 'Y', ['b', 'a']), oneHot('C', 'Z', ['a', 'c'])], FLOAT, { inputs: ['S', 'T'] }); // prettier-ignore
    const before = Buffer.from(bytes).toString('hex');
    const { model: coded } = codeStrings(bytes);
    expect(Buffer.from(bytes).toString('hex')).toBe(before);
    expect(coded?.codes).toEqual({ S: ['b', 'a', 'c', ''], T: ['b', 'a', 'c', ''] });
  });
});

describe('what a graph would only put side by side is put there before', () => {
  const CATS = ['red', 'green', 'blue', ''];
  const scaler = (from: string, to: string, offsets: number[], factors: number[]): NodeProto => node('Scaler', [from], [to], [['offset', offsets], ['scale', factors]], ML); // prettier-ignore
  const concat = (from: string[], to: string, axis: bigint): NodeProto => node('Concat', from, [to], [['axis', axis]]);
  const ones = [oneHot('S', 'SO', CATS), oneHot('T', 'TO', ['blue', 'red'])];
  const numbers = [concat(['N', 'M'], 'NM', 1n), scaler('NM', 'scaled', [0.1, -3.3, 7], [0.3, 1 / 3, -9.7])];
  const tables = [...ones, concat(['SO', 'TO'], 'STO', -1n), node('Reshape', ['STO', 'shape'], ['flat'])];
  const whole = [...numbers, ...tables, concat(['scaled', 'flat'], 'all', 1n)];
  const end = node('Identity', ['all'], ['Y']);

  /** Of strings S and T and floats N (one column) and M (two). */
  function mixed(nodes: NodeProto[], { shape = [-1n, 6n], outputs = ['Y'] } = {}): Uint8Array {
    const input = [value('N', FLOAT, ['', 1]), value('S', STRING, ['', 1]), value('M', FLOAT, ['', 2]), value('T', STRING, ['', 1])];
    const output = outputs.map((name) => value(name, FLOAT));
    return writeModel(modelOf(graphOf({ node: nodes, input, output, initializer: [constant('shape', shape)] })));
  }

  test.each<[string, Uint8Array, joined: string[], replaced: string[]]>([
    ['floats, scaled, beside texts, encoded', mixed([...whole, end]), ['all'], ['N', 'S', 'M', 'T']],
    ['nodes in another order than they run in', mixed([end, ...whole.toReversed()]), ['all'], ['N', 'S', 'M', 'T']],
    ['a part that goes elsewhere too', mixed([...whole, node('Add', ['scaled', 'N'], ['Z']), end], { outputs: ['Y', 'Z'] }), ['all'], ['S', 'T']],
    ['an encoding that goes elsewhere too', mixed([...whole, node('Identity', ['SO'], ['Z']), end], { outputs: ['Y', 'Z'] }), ['all'], ['N', 'M', 'T']],
    ['a result that goes two ways', mixed([...whole, node('Neg', ['all'], ['Z']), end], { outputs: ['Y', 'Z'] }), ['all'], ['N', 'S', 'M', 'T']],
    ['texts alone', mixed([...ones, concat(['SO', 'TO'], 'all', 2n), node('Add', ['all', 'N'], ['Y']), node('Neg', ['M'], ['Z'])], { outputs: ['Y', 'Z'] }), ['all'], ['S', 'T']],
    ['one input twice', mixed([...numbers, concat(['scaled', 'N', 'N'], 'all', -1n), end, ...ones, concat(['SO', 'TO', 'SO'], 'Z2', 2n), node('Neg', ['Z2'], ['Z'])], { outputs: ['Y', 'Z'] }), ['all', 'Z2'], ['N', 'S', 'M', 'T']],
    ['scaling after scaling: the inner joining alone', mixed([...numbers, scaler('scaled', 'again', [1, 2, 3], [4, 5, 6]), concat(['again', 'N'], 'all', 1n), end, ...ones, concat(['SO', 'TO'], 'STO', 2n), node('Neg', ['STO'], ['Z'])], { outputs: ['Y', 'Z'] }), ['NM', 'STO'], ['S', 'M', 'T']],
    ['rows that are shaped into others: the parts alone', mixed([...tables, node('Neg', ['flat'], ['Y']), ...numbers, node('Neg', ['scaled'], ['Z'])], { shape: [-1n, 3n], outputs: ['Y', 'Z'] }), ['STO', 'NM'], ['N', 'S', 'M', 'T']],
    ['nothing along another axis, that is an output, or that may throw', mixed([...ones, concat(['SO', 'SO'], 'SS', 0n), node('Neg', ['SS'], ['Y']), concat(['N', 'M'], 'Z', 1n), oneHot('T', 'TS', CATS, 0n), concat(['TS', 'TO'], 'W2', 2n), node('Neg', ['W2'], ['W'])], { outputs: ['Y', 'Z', 'W'] }), [], []],
  ])('%s', async (_, bytes, joined, replaced) => {
    const { joins } = codeStrings(bytes).model ?? {};
    expect(joins?.inputs.map(({ name }) => name).toSorted()).toEqual(joined.toSorted());
    expect(joins?.replaced).toEqual(replaced);
    expect(await expectSame(bytes, joined.length === 0 ? ['red', 'blue', ''] : TEXTS)).toEqual(['S', 'T']);
  }); // prettier-ignore

  test('scaling gives the bits of float32 for numbers of every size', async () => {
    const bytes = mixed([...whole, end]);
    const signature = signatureOf(parseModel(bytes, 'm'), [], 'm');
    const coded = codeStrings(bytes).model;
    const bits = Uint32Array.from({ length: 3000 }, (_, index) => Math.imul(index + 1, 0x9e3779b1));
    const floats = new Float32Array(bits.buffer).map((number) => (Number.isNaN(number) ? NaN : number));
    const [rows, texts] = [1000, Array.from({ length: 1000 }, (_, row) => CATS[row % 4] ?? '')];
    const inputs = (codes?: CodedModel['codes']): TensorData[] => [
      { type: 'float32', dims: [rows, 1], values: floats.slice(0, rows) },
      { type: codes === undefined ? 'string' : 'int64', dims: [rows, 1], values: codes === undefined ? texts : BigInt64Array.from(texts.map(openCoder(codes['S'] ?? [])), BigInt) },
      { type: 'float32', dims: [rows, 2], values: floats.slice(rows) },
      { type: codes === undefined ? 'string' : 'int64', dims: [rows, 1], values: codes === undefined ? texts : BigInt64Array.from(texts.map(openCoder(codes['T'] ?? [])), BigInt) },
    ];
    expect(await outcome(coded?.bytes ?? bytes, inputs(coded?.codes), signature, coded?.joins)).toEqual(await outcome(bytes, inputs()));
  }); // prettier-ignore
});

describe('strings stay strings, with the reason', () => {
  const body = graphOf({ node: [node('Identity', ['S'], ['B'])], input: [], output: [value('B', STRING)] });
  const branch = withAttributes(node('If', ['yes'], ['Y']), graphAttribute('then_branch', body), graphAttribute('else_branch', body));
  const withFunction = (made: ModelProto): ModelProto => ({ ...made, functions: [create(FunctionProtoSchema, { name: 'f', domain: 'own' })] });
  test.each<[string, Uint8Array, string]>([
    ['an output', model([node('Identity', ['S'], ['Y'])], STRING), 'its texts are an output'],
    ['texts for texts as an output', model([labels('S', 'Y', ['keys_strings', ['a']], ['values_strings', ['b']])], STRING), 'its texts are an output'],
    ['changed texts', model([node('StringNormalizer', ['S'], ['T'], [['case_change_action', 'LOWER']]), oneHot('T', 'Y', ['a'])], FLOAT), 'StringNormalizer does more with texts than look them up'],
    ['a comparison', model([node('Equal', ['S', 'c'], ['Y'])], 9, { graph: { initializer: [constant('c', ['a'])] } }), 'Equal does more with texts than look them up'],
    ['a number read from text', model([oneHot('S', 'Z', ['a']), node('Cast', ['S'], ['Y'], [['to', 1n]])], FLOAT), 'Cast does more with texts than look them up'],
    ['another maker of the same name', model([node('OneHotEncoder', ['S'], ['Y'], [['cats_strings', ['a']]], 'own')], FLOAT), 'OneHotEncoder does more with texts than look them up'],
    ['words', model([node('TfIdfVectorizer', ['S'], ['Y'])], FLOAT), 'TfIdfVectorizer does more with texts than look them up'],
    ['constants among them', model([node('Concat', ['S', 'c'], ['C'], [['axis', 1n]]), oneHot('C', 'Y', ['a'])], FLOAT, { graph: { initializer: [constant('c', ['a'])] } }), 'Concat mixes them with texts of another origin'],
    ['a text that is listed twice', model([oneHot('S', 'Y', ['a', 'b', 'a'])], FLOAT), 'OneHotEncoder lists a text twice'],
    ['a text that is met cut short', model([oneHot('S', 'Y', ['a', 'a\0b'])], FLOAT), 'OneHotEncoder lists a text with NUL or U+FFFD'],
    ['a text that stands for others', model([oneHot('S', 'Y', ['a', '\ufffd'])], FLOAT), 'OneHotEncoder lists a text with NUL or U+FFFD'],
    ['lists of different lengths', model([labels('S', 'Y', ['keys_strings', ['a', 'b']], ['values_int64s', [1n]])], INT64), 'LabelEncoder has lists of different lengths'],
    ['values that are not followed', model([withAttributes(labels('S', 'Y', ['keys_strings', ['a']]), tensorAttribute('values_tensor', Buffer.concat([Uint8Array.of(0x08, 1, 0x10, 11, 0x4a, 8), new Uint8Array(8)])))], 11, { ml: 4n }), 'LabelEncoder gives values of a type that is not followed'],
    ['fill values that are not followed', model([withAttributes(labels('zero', 'fill', ['values_strings', ['red']]), tensorAttribute('keys_tensor', constant('k', [0n]))), node('Where', ['gap', 'fill', 'S'], ['T']), oneHot('T', 'Y', ['a'])], FLOAT, { graph: { initializer: [constant('zero', [0n])] } }), 'LabelEncoder does more with texts than look them up'],
    ['a graph within the graph', model([oneHot('S', 'Z', ['a']), branch], STRING), 'the graph holds subgraphs'],
    ['functions of its own', writeModel(withFunction(readModel(model([oneHot('S', 'Y', ['a'])], FLOAT)))), 'the model defines functions'],
  ])('%s', (_, bytes, reason) => {
    expect(codeStrings(bytes)).toEqual({ model: undefined, refusals: { S: reason } });
  }); // prettier-ignore

  test('what one input does keeps another that it shares no tensor with from nothing', () => {
    const bytes = model([oneHot('S', 'Y', ['a']), node('Identity', ['T'], ['Z'])], FLOAT, { inputs: ['S', 'T'], graph: { output: [value('Y', FLOAT), value('Z', STRING)] } }); // prettier-ignore
    const { model: coded, refusals } = codeStrings(bytes);
    expect([coded?.codes, refusals]).toEqual([{ S: ['a', ''] }, { T: 'its texts are an output' }]);
  });

  test('a refusal holds for all inputs that meet', () => {
    const bytes = model([node('Concat', ['S', 'T'], ['C'], [['axis', 1n]]), oneHot('C', 'Z', ['a']), node('Identity', ['T'], ['Y'])], STRING, { inputs: ['S', 'T'] }); // prettier-ignore
    expect(codeStrings(bytes)).toEqual({ model: undefined, refusals: { S: 'its texts are an output', T: 'its texts are an output' } });
  });
});
