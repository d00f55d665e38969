import type { NodeProto } from './onnx_pb.js';
import { attributeName } from './read.js';
import { eachField, FLOATS, INTS, STRINGS, varint } from './wire.js';

/**
 * The floats of the attribute of this name; undefined where the node has none. Lists are read without an object for each element: a tree ensemble has millions. What is cut or
 * spoilt throws a RangeError, as the reader of messages does.
 */
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
