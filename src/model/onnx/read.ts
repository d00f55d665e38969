import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import type { ElementType } from '../../batch/element.js';
import { float16Value } from '../../batch/float16.js';
import {
  AttributeHeadSchema,
  AttributeProtoSchema,
  ModelProtoSchema,
  SparseTensorHeadSchema,
  TensorHeadSchema,
  TensorProtoSchema,
  ValueInfoProtoSchema,
} from './onnx_pb.js';
import type { AttributeHead, AttributeProto, ModelProto, NodeProto, SparseTensorHead, TensorHead, TensorProto, ValueInfoProto } from './onnx_pb.js';
import { withoutLists } from './wire.js';

/** Reads a model; throws for bytes that are no protobuf message. Attributes and weights stay views of the bytes. */
export function readModel(bytes: Uint8Array): ModelProto {
  return fromBinary(ModelProtoSchema, bytes);
}

/** The inverse of readModel, unknown fields included. */
export function writeModel(model: ModelProto): Uint8Array {
  return toBinary(ModelProtoSchema, model);
}

/** Where bytes end within a top-level field of a model: how long the file must have been at least. */
export function findCut(bytes: Uint8Array): number | undefined {
  const reader = new BinaryReader(bytes);
  try {
    while (reader.pos < reader.len) {
      const [field, wireType] = reader.tag();
      if (field > 25) return undefined; // no field of a model: not cut, but spoilt
      if (wireType !== WireType.LengthDelimited) {
        reader.skip(wireType, field);
        continue;
      }
      const length = reader.uint32();
      if (length > reader.len - reader.pos) return reader.pos + length;
      reader.pos += length;
    }
  } catch {
    return undefined;
  }
  return undefined;
}

/** An output that is a tensor of floats, of a shape that is not declared. */
export function floatOutput(name: string): ValueInfoProto {
  return create(ValueInfoProtoSchema, { name, type: { value: { case: 'tensorType', value: { elemType: 1 } } } });
}

/** The name of an attribute, without reading its values. */
export function attributeName(bytes: Uint8Array): string {
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field === 1) return reader.string();
    reader.skip(wireType, field);
  }
  return '';
}

/** What an attribute is called and what it nests; its numbers are skipped. */
export function attributeHead(bytes: Uint8Array): AttributeHead {
  return fromBinary(AttributeHeadSchema, withoutLists(bytes) ?? bytes, { readUnknownFields: false });
}

/** The attribute of this name with its values; undefined where the node has none. */
export function attributeOf(node: NodeProto, name: string): AttributeProto | undefined {
  const bytes = node.attribute.find((attribute) => attributeName(attribute) === name);
  return bytes === undefined ? undefined : fromBinary(AttributeProtoSchema, bytes, { readUnknownFields: false });
}

/** Name, type and shape of a tensor; its values are skipped. */
export function tensorHead(bytes: Uint8Array): TensorHead {
  return fromBinary(TensorHeadSchema, bytes, { readUnknownFields: false });
}

/** As tensorHead, for a sparse tensor. */
export function sparseTensorHead(bytes: Uint8Array): SparseTensorHead {
  return fromBinary(SparseTensorHeadSchema, bytes, { readUnknownFields: false });
}

/** A tensor with its values. */
export function tensorOf(bytes: Uint8Array): TensorProto {
  return fromBinary(TensorProtoSchema, bytes, { readUnknownFields: false });
}

/** Text of a `bytes` field that ONNX uses as UTF-8. */
export function utf8(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** How many values a tensor of these dimensions holds. */
export function elementCount(dims: readonly bigint[]): number {
  return dims.reduce((product, dim) => product * Number(dim), 1);
}

/** The values of a tensor of whole numbers, bools (0, 1) or strings, each as text; undefined for other types. */
export function tensorTexts(tensor: TensorProto): string[] | undefined {
  switch (tensor.dataType) {
    case 8:
      return tensor.stringData.map(utf8);
    case 7:
      return (tensor.rawData.length > 0 ? wholeNumbers(tensor.rawData, 8) : tensor.int64Data).map(String);
    case 6:
      return (tensor.rawData.length > 0 ? wholeNumbers(tensor.rawData, 4) : tensor.int32Data).map(String);
    case 9:
      return Array.from(tensor.rawData.length > 0 ? tensor.rawData : tensor.int32Data, String);
    default:
      return undefined;
  }
}

/**
 * The values of a tensor of numbers or bools as doubles (whole numbers beyond 2^53 to the nearest); undefined for strings, and for types that Scoreline does not
 * take.
 */
export function tensorNumbers(tensor: TensorProto): ArrayLike<number> | undefined {
  const { dataType, rawData: raw } = tensor;
  if (raw.length === 0) return storedNumbers(tensor);
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  const each = (bytes: number, read: (at: number) => number): Float64Array =>
    Float64Array.from({ length: Math.floor(raw.length / bytes) }, (_, index) => read(index * bytes));
  switch (dataType) {
    case 1:
      return each(4, (at) => view.getFloat32(at, true));
    case 2:
    case 9:
      return each(1, (at) => view.getUint8(at));
    case 3:
      return each(1, (at) => view.getInt8(at));
    case 4:
      return each(2, (at) => view.getUint16(at, true));
    case 5:
      return each(2, (at) => view.getInt16(at, true));
    case 6:
      return each(4, (at) => view.getInt32(at, true));
    case 7:
      return each(8, (at) => Number(view.getBigInt64(at, true)));
    case 10:
      return each(2, (at) => float16Value(view.getUint16(at, true)));
    case 11:
      return each(8, (at) => view.getFloat64(at, true));
    case 12:
      return each(4, (at) => view.getUint32(at, true));
    case 13:
      return each(8, (at) => Number(view.getBigUint64(at, true)));
    default:
      return undefined;
  }
}

/** Numbers that stand in a field of their own type rather than as raw bytes. */
function storedNumbers({ dataType, floatData, doubleData, int32Data, int64Data }: TensorProto): ArrayLike<number> | undefined {
  switch (dataType) {
    case 1:
      return floatData;
    case 11:
      return doubleData;
    case 7:
      return int64Data.map(Number);
    case 10:
      return int32Data.map(float16Value);
    case 2: case 3: case 4: case 5: case 6: case 9:
      return int32Data;
    default:
      return undefined;
  }
} // prettier-ignore

function wholeNumbers(raw: Uint8Array, width: 4 | 8): (bigint | number)[] {
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  return Array.from({ length: Math.floor(raw.length / width) }, (_, at) =>
    width === 8 ? view.getBigInt64(at * 8, true) : view.getInt32(at * 4, true),
  );
}

const NAMES = [
  'undefined', 'float32', 'uint8', 'int8', 'uint16', 'int16', 'int32', 'int64', 'string', 'bool', 'float16', 'float64', 'uint32', 'uint64',
  'complex64', 'complex128', 'bfloat16', 'float8e4m3fn', 'float8e4m3fnuz', 'float8e5m2', 'float8e5m2fnuz', 'uint4', 'int4', 'float4e2m1',
  'float8e8m0', 'uint2', 'int2',
]; // prettier-ignore
const TAKEN: ReadonlySet<string> = new Set<ElementType>([
  'float16', 'float32', 'float64', 'int8', 'int16', 'int32', 'int64', 'uint8', 'uint16', 'uint32', 'uint64', 'bool', 'string',
]); // prettier-ignore

/** The name of an ONNX element type by its number in TensorProto.DataType. */
export function elementName(dataType: number): string {
  return NAMES[dataType] ?? `element type ${dataType}`;
}

/** The element type of this number; undefined for one that Scoreline does not take. */
export function elementType(dataType: number): ElementType | undefined {
  const name = NAMES[dataType];
  return name !== undefined && TAKEN.has(name) ? (name as ElementType) : undefined;
}
