/** Fields of AttributeProto that are lists: floats of 32 bits, whole numbers as varints, texts. On the wire each element by itself, or many packed into one field. */
export const FLOATS = 7;
export const INTS = 8;
export const STRINGS = 9;

/**
 * An attribute without its lists of floats, whole numbers and texts: what is left is quickly read as a message, of which each element of a list would be one
 * step. Undefined for what is spoilt, or holds no such list.
 */
export function withoutLists(bytes: Uint8Array): Uint8Array | undefined {
  const kept: Uint8Array[] = [];
  try {
    let from = 0; // of what is kept and not yet put aside
    for (let at = 0; at < bytes.length;) {
      const [tag, start] = varint(bytes, at);
      const end = contentEnd(bytes, tag % 8, start);
      if (end > bytes.length) return undefined;
      const field = Math.floor(tag / 8);
      if (field === FLOATS || field === INTS || field === STRINGS) {
        if (at > from) kept.push(bytes.subarray(from, at));
        from = end;
      }
      at = end;
    }
    if (from === 0) return undefined;
    kept.push(bytes.subarray(from));
  } catch {
    return undefined; // the reader of messages says what is wrong with it
  }
  return Buffer.concat(kept);
}

/** Calls `visit` with where the content of each occurrence of a field stands. */
export function eachField(bytes: Uint8Array, wanted: number, visit: (from: number, to: number) => void): void {
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
      if (length < 0) throw new RangeError('an attribute has a negative length');
      return from + length;
    }
    case 5:
      return start + 4;
    default:
      throw new RangeError(`an attribute has wire type ${wireType}`);
  }
}

/** A varint of 64 bits in two's complement, exact up to 2^53, and where it ends. The low 28 bits and the high 36 apart: no double holds all 64. */
export function varint(bytes: Uint8Array, start: number): [value: number, next: number] {
  const first = bytes[start];
  if (first !== undefined && first < 128) return [first, start + 1]; // tags, most of all
  let low = 0;
  let high = 0;
  for (let at = start, place = 1; at < start + 10; at++, place *= 128) {
    const byte = bytes[at];
    if (byte === undefined) break;
    if (at < start + 4) low += (byte & 127) * place;
    else high += (byte & 127) * (place / 2 ** 28);
    if (byte < 128) return [(high % 2 ** 36 >= 2 ** 35 ? (high % 2 ** 36) - 2 ** 36 : high) * 2 ** 28 + low, at + 1];
  }
  throw new RangeError('an attribute has a broken varint');
}
