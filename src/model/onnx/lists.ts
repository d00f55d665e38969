import { attributeName } from './read.js';
import type { NodeProto } from './onnx_pb.js';

/**
 * Long lists of an attribute without an object for each element: a tree ensemble has millions. Fields of AttributeProto: 7 floats (32 bits each), 8 ints (varints),
 * 9 strings; on the wire each element by itself or many packed into one field. What is cut or spoilt throws a RangeError, as the reader of messages does.
 */
const FLOATS = 7;
const INTS = 8;
const STRINGS = 9;

/** The floats of the attribute of this name; undefined where the node has none. */
export function floatList(node: NodeProto, name: string): Float32Array | undefined {
  return attributeBytes(node, name, (bytes) => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const values = new Float32Array(Math.floor(bytes.length / 4));
    let count = 0;
    eachField(bytes, FLOATS, (from, to) => {
      for (let at = from; at + 4 <= to; at += 4) values[count++] = view.getFloat32(at, true);
    });
    return values.subarray(0, count);
  });
}

/** As floatList, for whole numbers; exact up to 2^53. */
export function intList(node: NodeProto, name: string): Float64Array | undefined {
  return attributeBytes(node, name, (bytes) => {
    const values = new Float64Array(bytes.length);
    let count = 0;
    eachField(bytes, INTS, (from, to) => {
      for (let at = from; at < to;) {
        const [value, next] = varint(bytes, at);
        values[count++] = value;
        at = next;
      }
    });
    return values.slice(0, count);
  });
}

/** As floatList, for short texts of ASCII, each as a place in `known`; -1 for any other text. */
export function wordList(node: NodeProto, name: string, known: readonly string[]): Int8Array | undefined {
  const words = known.map((word) => Buffer.from(word, 'latin1'));
  return attributeBytes(node, name, (bytes) => {
    const places = new Int8Array(Math.floor(bytes.length / 2));
    let count = 0;
    let last = 0; // most nodes of a tree are like the one before
    eachField(bytes, STRINGS, (from, to) => {
      const isHere = (word: Buffer | undefined): boolean => word?.length === to - from && word.every((byte, index) => bytes[from + index] === byte);
      if (!isHere(words[last])) last = words.findIndex(isHere);
      places[count++] = last;
    });
    return places.slice(0, count);
  });
}

function attributeBytes<T>(node: NodeProto, name: string, read: (bytes: Uint8Array) => T): T | undefined {
  const bytes = node.attribute.find((attribute) => attributeName(attribute) === name);
  return bytes === undefined ? undefined : read(bytes);
}

/** Calls `visit` with where the content of each occurrence of a field stands. */
function eachField(bytes: Uint8Array, wanted: number, visit: (from: number, to: number) => void): void {
  for (let at = 0; at < bytes.length;) {
    const [tag, start] = varint(bytes, at);
    const end = contentEnd(bytes, tag % 8, start);
    const from = tag % 8 === 2 ? varint(bytes, start)[1] : start;
    if (end > bytes.length) throw new RangeError('an attribute is cut short');
    if (Math.floor(tag / 8) === wanted) visit(from, end);
    at = end;
  }
}

/** By wire type: a varint, 8 bytes, a length and as many bytes, 4 bytes. */
function contentEnd(bytes: Uint8Array, wireType: number, start: number): number {
  switch (wireType) {
    case 0:
      return varint(bytes, start)[1];
    case 1:
      return start + 8;
    case 2: {
      const [length, from] = varint(bytes, start);
      return from + length;
    }
    case 5:
      return start + 4;
    default:
      throw new RangeError(`an attribute has wire type ${wireType}`);
  }
}

/** A varint of 64 bits in two's complement, and where it ends. */
function varint(bytes: Uint8Array, start: number): [value: number, next: number] {
  let value = 0;
  for (let at = start, place = 1; at < start + 10; at++, place *= 128) {
    const byte = bytes[at];
    if (byte === undefined) break;
    value += (byte & 127) * place;
    if (byte < 128) return [value >= 2 ** 63 ? value - 2 ** 64 : value, at + 1];
  }
  throw new RangeError('an attribute has a broken varint');
}
