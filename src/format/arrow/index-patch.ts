import { checkBatchHead } from './batch-header.js';
import { BodyWalk } from './body-walk.js';
import { openMessage } from './message.js';
import type { ArrowType, IntType } from './type.js';

/** For each position of a dictionary, its position in the one that replaces it. */
export type Remap = Int32Array;

type Indices = Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array | Uint32Array | BigInt64Array | BigUint64Array;

/**
 * Rewrites, in place, the dictionary indices of an encoded record batch whose first columns have the given types. The batch is our own encoder's, so it
 * is sound; it is not compressed. A null may hold any index: what lies outside the dictionary becomes 0.
 */
export function patchIndices(bytes: Uint8Array, types: readonly ArrowType[], remaps: ReadonlyMap<number, Remap>): void {
  const message = openMessage(bytes, { byte: 0 });
  const { lengths, buffers, viewBuffers } = checkBatchHead(message, { byte: 0 });
  const walk = new BodyWalk(viewBuffers);
  const patch = (type: ArrowType, node: number, buffer: number): void => {
    const remap = type.kind === 'dictionary' ? remaps.get(type.id) : undefined;
    if (type.kind !== 'dictionary' || remap === undefined) return;
    const [offset = 0] = buffers[buffer + 1] ?? [];
    const indices = indicesAt(bytes, type.index, message.body.at + offset, lengths[node] ?? 0);
    for (let row = 0; row < indices.length; row++) indices[row] = likeIndex(type.index, remap[Number(indices[row])] ?? 0);
  };
  for (const type of types) walk.visit(type, patch);
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
