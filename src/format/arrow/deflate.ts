import { checkBatchHead, dictionaryHead } from './batch-header.js';
import { encodeBatchMetadata } from './batch-metadata.js';
import type { Codec } from './codec/codec.js';
import { frameInto, openMessage } from './message.js';

/**
 * Compresses a record batch or dictionary message that our own encoder made: each buffer by itself, behind the length of its content; one that does not
 * get shorter is stored as it is, behind -1. `into` is used where it is large enough.
 */
export function deflateMessage(bytes: Uint8Array, codec: Codec, into?: ArrayBuffer): Uint8Array {
  const where = { byte: 0 };
  const message = openMessage(bytes, where);
  const head = checkBatchHead(message, where);
  const pieces = head.buffers.map(([offset = 0, length = 0]) => {
    const plain = bytes.subarray(message.body.at + offset, message.body.at + offset + length);
    // An empty buffer stays empty; that of a column of views Polars takes only with a length in front.
    if (length === 0) return { prefix: -1n, content: plain, length: head.viewBuffers.length === 0 ? 0 : 8 };
    const encoded = codec.encode(plain);
    const shorter = encoded.length < length;
    return { prefix: shorter ? BigInt(length) : -1n, content: shorter ? encoded : plain, length: 8 + (shorter ? encoded.length : length) };
  });
  let bodyBytes = 0;
  const buffers = pieces.map(({ length }) => {
    const offset = bodyBytes;
    bodyBytes += Math.ceil(length / 8) * 8;
    return [offset, length] as const;
  });
  const { version, kind } = message;
  const { rows, nodes, viewBuffers } = head;
  const dictionary = kind === 'dictionary' ? dictionaryHead(message, where) : undefined;
  const metadata = encodeBatchMetadata({ version, rows, nodes, buffers, viewBuffers, codec: codec.name, dictionary, bodyBytes });
  const framed = frameInto(metadata, bodyBytes, (total) =>
    into !== undefined && into.byteLength >= total ? new Uint8Array(into, 0, total) : new Uint8Array(total),
  );
  framed.body.fill(0);
  const view = new DataView(framed.body.buffer, framed.body.byteOffset, framed.body.byteLength);
  for (const [index, { prefix, content, length }] of pieces.entries()) {
    if (length === 0) continue;
    const [offset = 0] = buffers[index] ?? [];
    view.setBigInt64(offset, prefix, true);
    framed.body.set(content, offset + 8);
  }
  return framed.bytes;
}
