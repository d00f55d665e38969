import { openMessage, type Message } from './message.js';
import { childTypes, type ArrowType, type IntType } from './type.js';

/** For each position of a dictionary, its position in the one that replaces it. */
export type Remap = Int32Array;

type Indices = Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array | Uint32Array | BigInt64Array | BigUint64Array;

/**
 * Rewrites, in place, the dictionary indices of an encoded record batch whose first columns have the given types. The batch is our own encoder's, so it
 * is uncompressed and sound. A null may hold any index: what lies outside the dictionary becomes 0.
 */
export function patchIndices(bytes: Uint8Array, types: readonly ArrowType[], remaps: ReadonlyMap<number, Remap>): void {
  const message = openMessage(bytes, { byte: 0 });
  const walk = new BodyWalk(message);
  for (const type of types) walk.visit(type, (encoded, column) => {
    const remap = remaps.get(encoded.id);
    if (remap === undefined) return;
    const indices = indicesAt(bytes, encoded.index, message.body.at + column.offset, column.length);
    for (let row = 0; row < column.length; row++) indices[row] = likeIndex(encoded.index, remap[Number(indices[row])] ?? 0);
  }); // prettier-ignore
}

type DictionaryType = ArrowType & { kind: 'dictionary' };

/** Goes through the columns of a batch in the format's order (parents first), keeping count of the nodes and buffers that each takes. */
class BodyWalk {
  readonly #lengths: readonly number[];
  readonly #offsets: readonly number[];
  readonly #viewBuffers: readonly number[];
  #node = 0;
  #buffer = 0;
  #view = 0;

  constructor({ header }: Message) {
    this.#lengths = header.structs(1, 2).map(([length = 0]) => length);
    this.#offsets = header.structs(2, 2).map(([offset = 0]) => offset);
    this.#viewBuffers = header.longs(4);
  }

  visit(type: ArrowType, found: (type: DictionaryType, column: { readonly offset: number; readonly length: number }) => void): void {
    const length = this.#lengths[this.#node++] ?? 0;
    if (type.kind === 'dictionary') found(type, { offset: this.#offsets[this.#buffer + 1] ?? 0, length });
    this.#buffer += buffersOf(type);
    if (type.kind === 'utf8-view' || type.kind === 'binary-view') this.#buffer += this.#viewBuffers[this.#view++] ?? 0;
    for (const child of childTypes(type)) this.visit(child, found);
  }
}

/** Buffers that a column takes for itself: validity and values, offsets, type ids. */
function buffersOf(type: ArrowType): number {
  switch (type.kind) {
    case 'null':
      return 0;
    case 'fixed-list':
    case 'struct':
      return 1;
    case 'utf8':
    case 'binary':
      return 3;
    case 'union':
      return type.dense ? 2 : 1;
    default:
      return 2;
  }
}

function indicesAt(bytes: Uint8Array, { bits, signed }: IntType, at: number, length: number): Indices {
  const kinds = signed
    ? { 8: Int8Array, 16: Int16Array, 32: Int32Array, 64: BigInt64Array }
    : { 8: Uint8Array, 16: Uint16Array, 32: Uint32Array, 64: BigUint64Array };
  return new kinds[bits](bytes.buffer as ArrayBuffer, bytes.byteOffset + at, length);
}

function likeIndex({ bits }: IntType, index: number): number | bigint {
  return bits === 64 ? BigInt(index) : index;
}
