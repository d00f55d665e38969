// A model that never comes back for small values: a loop in native code, as a hostile or a broken exporter may write one. What it does shows only when it runs.
import { create, toBinary } from '@bufbuild/protobuf';
import {
  AttributeHeadSchema,
  AttributeProtoSchema,
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  TensorProtoSchema,
  ValueInfoProtoSchema,
} from '../../dist/model/onnx/onnx_pb.js';

const FLOAT = 1;
const INT64 = 7;
const BOOL = 9;

/** Y = X, after a loop that goes on while the largest of X is below 1,000. */
export function endlessModel() {
  const body = create(GraphProtoSchema, {
    name: 'body',
    node: [
      node('ReduceMax', ['acc'], ['peak'], [integer('keepdims', 0n)]),
      node('Less', ['peak', 'limit'], ['goes']),
      node('Identity', ['acc'], ['next']),
    ],
    input: [value('i', INT64, []), value('go', BOOL, []), value('acc', FLOAT)],
    output: [value('goes', BOOL, []), value('next', FLOAT)],
  });
  const graph = create(GraphProtoSchema, {
    name: 'endless',
    node: [node('Loop', ['', 'yes', 'X'], ['Y'], [graphAttribute('body', body)])],
    input: [value('X', FLOAT, [undefined, 1])],
    output: [value('Y', FLOAT, [undefined, 1])],
    initializer: [tensor({ name: 'yes', dataType: BOOL, int32Data: [1] }), tensor({ name: 'limit', dataType: FLOAT, dims: [1n], floatData: [1000] })],
  });
  const model = create(ModelProtoSchema, { irVersion: 8n, opsetImport: [{ domain: '', version: 17n }], producerName: 'faults', graph });
  return toBinary(ModelProtoSchema, model);
}

function node(opType, input, output, attribute = []) {
  return create(NodeProtoSchema, { opType, input, output, attribute });
}

function tensor(fields) {
  return toBinary(TensorProtoSchema, create(TensorProtoSchema, fields));
}

/** The runtime asks for the kind of an attribute (field 20, a varint), which the product's own schema has no need of. */
const kind = (number) => Uint8Array.of(0xa0, 0x01, number);
const integer = (name, i) => Buffer.concat([toBinary(AttributeProtoSchema, create(AttributeProtoSchema, { name, i })), kind(2)]);
const graphAttribute = (name, g) => Buffer.concat([toBinary(AttributeHeadSchema, create(AttributeHeadSchema, { name, g })), kind(5)]);

/** A dimension is a number, or undefined where it is open; without `dims` there is no shape. */
function value(name, elemType, dims) {
  const dim = dims?.map((size) => ({ value: size === undefined ? { case: undefined } : { case: 'dimValue', value: BigInt(size) } }));
  return create(ValueInfoProtoSchema, { name, type: { value: { case: 'tensorType', value: { elemType, ...(dim && { shape: { dim } }) } } } });
}
