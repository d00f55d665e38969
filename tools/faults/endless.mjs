// Models whose native code never comes back for small values, as a hostile or a broken exporter may write them: one loops, the others take memory as they loop. What
// they do shows only when they run.
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

/**
 * Y = X, after a loop that goes on while the largest of X is below 1,000. `creeps`: each turn keeps 4 MB more; `doubles`: what it keeps doubles with each turn.
 * @param {'creeps' | 'doubles'} [grows]
 */
export function endlessModel(grows) {
  const keeps = {
    creeps: [node('ConstantOfShape', ['million'], ['kept'])],
    doubles: [node('Concat', ['hoard', 'hoard'], ['more'], [integer('axis', 0n)])],
  };
  const body = create(GraphProtoSchema, {
    name: 'body',
    node: [
      node('ReduceMax', ['acc'], ['peak'], [integer('keepdims', 0n)]),
      node('Less', ['peak', 'limit'], ['goes']),
      node('Identity', ['acc'], ['next']),
      ...(keeps[grows] ?? []),
    ],
    input: [value('i', INT64, []), value('go', BOOL, []), value('acc', FLOAT), ...(grows === 'doubles' ? [value('hoard', FLOAT)] : [])],
    output: [
      value('goes', BOOL, []),
      value('next', FLOAT),
      ...(grows === 'doubles' ? [value('more', FLOAT)] : []),
      ...(grows === 'creeps' ? [value('kept', FLOAT, [1_000_000])] : []),
    ],
  });
  const first = node('ConstantOfShape', ['million'], ['first']);
  const graph = create(GraphProtoSchema, {
    name: 'endless',
    node: [
      ...(grows === 'doubles' ? [first] : []),
      node(
        'Loop',
        ['', 'yes', 'X', ...(grows === 'doubles' ? ['first'] : [])],
        ['Y', ...(grows === undefined ? [] : ['all'])],
        [graphAttribute('body', body)],
      ),
    ],
    input: [value('X', FLOAT, [undefined, 1])],
    output: [value('Y', FLOAT, [undefined, 1])],
    initializer: [
      tensor({ name: 'yes', dataType: BOOL, int32Data: [1] }),
      tensor({ name: 'limit', dataType: FLOAT, dims: [1n], floatData: [1000] }),
      tensor({ name: 'million', dataType: INT64, dims: [1n], int64Data: [1_000_000n] }),
    ],
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
