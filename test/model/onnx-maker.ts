import { create, toBinary } from '@bufbuild/protobuf';
import {
  AttributeHeadSchema,
  AttributeProtoSchema,
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  TensorProtoSchema,
  ValueInfoProtoSchema,
  type GraphProto,
  type ModelProto,
  type NodeProto,
  type TypeProto,
  type ValueInfoProto,
} from '#src/model/onnx/onnx_pb.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** An attribute by the kind of its value; a bigint is one whole number, a list of them many. */
export function attribute(name: string, value: string | bigint | string[] | bigint[] | number[]): Uint8Array {
  const lists = Array.isArray(value)
    ? typeof value[0] === 'string'
      ? { strings: (value as string[]).map(bytes) }
      : typeof value[0] === 'bigint'
        ? { ints: value as bigint[] }
        : { floats: value as number[] }
    : typeof value === 'string'
      ? { s: bytes(value) }
      : { i: value };
  // The runtime asks for the kind (field 20, a varint), which Scoreline has no need to read.
  const kind = { i: 2, s: 3, floats: 6, ints: 7, strings: 8 }[Object.keys(lists)[0] as 'i'];
  return Buffer.concat([toBinary(AttributeProtoSchema, create(AttributeProtoSchema, { name, ...lists })), Uint8Array.of(0xa0, 0x01, kind)]);
}

/** An attribute that holds a graph: the body of a loop, a branch. */
export function graphAttribute(name: string, graph: GraphProto): Uint8Array {
  return Buffer.concat([toBinary(AttributeHeadSchema, create(AttributeHeadSchema, { name, g: graph })), Uint8Array.of(0xa0, 0x01, 5)]);
}

export function node(opType: string, input: string[], output: string[], attributes: Parameters<typeof attribute>[] = [], domain = ''): NodeProto {
  return create(NodeProtoSchema, { opType, input, output, domain, attribute: attributes.map((each) => attribute(...each)) });
}

/** A constant of strings, of int64, or (by its size only) of floats. */
export function constant(name: string, values: string[] | bigint[] | number[]): Uint8Array {
  const dims = [BigInt(values.length)];
  const data =
    typeof values[0] === 'string'
      ? { dataType: 8, stringData: (values as string[]).map(bytes) }
      : typeof values[0] === 'bigint'
        ? { dataType: 7, int64Data: values as bigint[] }
        : { dataType: 1, floatData: values as number[] };
  return toBinary(TensorProtoSchema, create(TensorProtoSchema, { name, dims, ...data }));
}

/** A tensor input or output; a dimension is a number, a name, or '' for unknown; no shape at all where `dims` is undefined. */
export function value(name: string, elemType: number, dims?: (number | string)[]): ValueInfoProto {
  const dim = dims?.map((each) => ({
    value:
      typeof each === 'number'
        ? { case: 'dimValue' as const, value: BigInt(each) }
        : each === ''
          ? { case: undefined }
          : { case: 'dimParam' as const, value: each },
  }));
  return create(ValueInfoProtoSchema, {
    name,
    type: { value: { case: 'tensorType', value: { elemType, ...(dim === undefined ? {} : { shape: { dim } }) } } },
  });
}

export function typed(name: string, type: TypeProto['value']): ValueInfoProto {
  return create(ValueInfoProtoSchema, { name, type: { value: type as never } });
}

interface Parts {
  readonly node?: NodeProto[];
  readonly input?: ValueInfoProto[];
  readonly output?: ValueInfoProto[];
  readonly initializer?: Uint8Array[];
}

export function graphOf({ node: nodes = [], input = [value('X', 1, ['', 3])], output = [], initializer = [] }: Parts): GraphProto {
  return create(GraphProtoSchema, { name: 'made', node: nodes, input, output, initializer });
}

export function modelOf(graph: GraphProto, metadata: Record<string, string> = {}): ModelProto {
  return create(ModelProtoSchema, {
    irVersion: 8n,
    opsetImport: [
      { domain: '', version: 17n },
      { domain: 'ai.onnx.ml', version: 3n },
    ],
    producerName: 'tests',
    graph,
    metadataProps: Object.entries(metadata).map(([key, text]) => ({ key, value: bytes(text) })),
  });
}

/** A linear classifier of these labels on X. */
export function linearClassifier(labels: string[] | bigint[], outputs = ['label', 'scores'], transform = 'SOFTMAX'): NodeProto {
  const name = typeof labels[0] === 'string' ? 'classlabels_strings' : 'classlabels_ints';
  return node(
    'LinearClassifier',
    ['X'],
    outputs,
    [
      [name, labels],
      ['post_transform', transform],
    ],
    'ai.onnx.ml',
  );
}
