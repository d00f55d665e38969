import { create, toBinary } from '@bufbuild/protobuf';
import {
  AttributeProtoSchema,
  NodeProtoSchema,
  TensorProtoSchema,
  ValueInfoProtoSchema,
  type GraphProto,
  type NodeProto,
  type ValueInfoProto,
} from './onnx_pb.js';

/** ONNX's numbers of the element types that are written here. */
export const FLOAT = 1;
export const INT64 = 7;
export const STRING = 8;

/** Attributes say which kind their value is of in a field that nothing here reads (20, a varint). */
const KIND = { int: 2, ints: 7 };

/** An attribute of one whole number, or of a list of them. */
export function intAttribute(name: string, value: bigint | readonly bigint[]): Uint8Array {
  const message = create(AttributeProtoSchema, typeof value === 'bigint' ? { name, i: value } : { name, ints: [...value] });
  return Buffer.concat([toBinary(AttributeProtoSchema, message), Uint8Array.of(0xa0, 0x01, typeof value === 'bigint' ? KIND.int : KIND.ints)]);
}

/** The values of a tensor of one dimension. */
export type Vector =
  | { readonly type: typeof FLOAT; readonly values: readonly number[] }
  | { readonly type: typeof INT64; readonly values: readonly bigint[] }
  | { readonly type: typeof STRING; readonly values: readonly string[] };

/** An initializer of one dimension. */
export function vectorTensor(name: string, { type, values }: Vector): Uint8Array {
  const data =
    type === FLOAT
      ? { floatData: [...values] }
      : type === INT64
        ? { int64Data: [...values] }
        : { stringData: values.map((text) => new TextEncoder().encode(text)) };
  return toBinary(TensorProtoSchema, create(TensorProtoSchema, { name, dims: [BigInt(values.length)], dataType: type, ...data }));
}

/** A node of ONNX's own operators without attributes. */
export function plainNode(opType: string, name: string, input: string[], output: string[]): NodeProto {
  return create(NodeProtoSchema, { opType, name, input, output });
}

/** An input of floats with as many rows as `rowsOf` has, and `shape` behind them. */
export function floatInput(name: string, rowsOf: ValueInfoProto | undefined, shape: readonly number[]): ValueInfoProto {
  const kind = rowsOf?.type?.value;
  const rows = kind?.case === 'tensorType' ? kind.value.shape?.dim[0] : undefined;
  const dim = [rows ?? {}, ...shape.map((size) => ({ value: { case: 'dimValue' as const, value: BigInt(size) } }))];
  return create(ValueInfoProtoSchema, { name, type: { value: { case: 'tensorType', value: { elemType: FLOAT, shape: { dim } } } } });
}

/** Field of GraphProto: what is said of the tensors between inputs and outputs, for those who read a graph; no field of the schema here. */
const VALUE_INFO = 13;

/** Takes out what the graph says of the types and shapes of inner tensors: the runtime finds them itself. */
export function dropValueInfo(graph: GraphProto): void {
  if (graph.$unknown !== undefined) graph.$unknown = graph.$unknown.filter(({ no }) => no !== VALUE_INFO);
}
