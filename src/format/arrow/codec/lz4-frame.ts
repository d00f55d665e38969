import { decodeLz4Block, encodeLz4Block, lz4BlockBound } from './lz4-block.js';
import { xxh32 } from './xxh32.js';

const MAGIC = 0x184d2204;
/** Longest blocks, by the number in the frame's header. */
const BLOCK_BYTES: Readonly<Record<number, number>> = { 4: 2 ** 16, 5: 2 ** 18, 6: 2 ** 20, 7: 2 ** 22 };
const BLOCK_NUMBER = 7;
/** Version 1, independent blocks, content size, content checksum. */
const FLAGS = 0b0110_1100;
/** Marks a block that is stored as it is. */
const STORED = 0x8000_0000;
const HEADER_BYTES = 15;

interface Block {
  readonly bytes: Uint8Array;
  readonly stored: boolean;
  readonly checksum: number | undefined;
}

/** A frame cut into its blocks, none of them decoded. */
export interface Lz4Frame {
  readonly blocks: readonly Block[];
  /** Most bytes that it can give. */
  readonly atMost: number;
  readonly contentBytes: number | undefined;
  readonly checksum: number | undefined;
}

/**
 * Cuts an LZ4 frame into its blocks (https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md). Only zeros may follow it. Throws RangeError for what is
 * cut, has a wrong header checksum, or needs a dictionary.
 */
export function openLz4Frame(bytes: Uint8Array): Lz4Frame {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0, true) !== MAGIC) throw new RangeError('no LZ4 frame stands there');
  const flags = view.getUint8(4);
  const largest = BLOCK_BYTES[(view.getUint8(5) >> 4) & 7];
  if (flags >> 6 !== 1 || (flags & 0b11) !== 0 || largest === undefined)
    throw new RangeError('an LZ4 frame of an unknown kind, or with a dictionary');
  const contentBytes = (flags & 8) === 0 ? undefined : Number(view.getBigUint64(6, true));
  let at = contentBytes === undefined ? 6 : 14;
  if (view.getUint8(at) !== ((xxh32(bytes.subarray(4, at)) >> 8) & 255)) throw new RangeError('the header of an LZ4 frame has a wrong checksum');
  at++;

  const blocks: Block[] = [];
  let atMost = 0;
  for (;;) {
    const word = view.getUint32(at, true);
    at += 4;
    if (word === 0) break;
    const length = word % STORED;
    const stored = word >= STORED;
    if (length > (stored ? largest : lz4BlockBound(largest)))
      throw new RangeError(`an LZ4 block of ${length} bytes, its frame's largest has ${largest}`);
    const checksum = (flags & 16) === 0 ? undefined : view.getUint32(at + length, true);
    if (at + length > bytes.length) throw new RangeError('an LZ4 frame ends within a block');
    blocks.push({ bytes: bytes.subarray(at, at + length), stored, checksum });
    atMost += stored ? length : Math.min(largest, 255 * length);
    at += length + (checksum === undefined ? 0 : 4);
  }
  const checksum = (flags & 4) === 0 ? undefined : view.getUint32(at, true);
  at += checksum === undefined ? 0 : 4;
  if (bytes.subarray(at).some((byte) => byte !== 0)) throw new RangeError('bytes follow an LZ4 frame');
  return { blocks, atMost, contentBytes, checksum };
}

/** Decodes a frame into exactly `into`, and checks every checksum that it has. Throws RangeError. */
export function decodeLz4Frame(frame: Lz4Frame, into: Uint8Array): void {
  if (frame.contentBytes !== undefined && frame.contentBytes !== into.length)
    throw new RangeError(`an LZ4 frame says that it holds ${frame.contentBytes} bytes`);
  let at = 0;
  for (const { bytes, stored, checksum } of frame.blocks) {
    if (checksum !== undefined && xxh32(bytes) !== checksum) throw new RangeError('an LZ4 block has a wrong checksum');
    if (!stored) {
      at = decodeLz4Block(bytes, into, at);
      continue;
    }
    if (at + bytes.length > into.length) throw new RangeError('an LZ4 frame gives more bytes than were announced');
    into.set(bytes, at);
    at += bytes.length;
  }
  if (at !== into.length) throw new RangeError(`an LZ4 frame gives ${at} bytes, ${into.length} were announced`);
  if (frame.checksum !== undefined && xxh32(into) !== frame.checksum) throw new RangeError('the content of an LZ4 frame has a wrong checksum');
}

/** Encodes bytes as an LZ4 frame with its length and a checksum over its content. */
export function encodeLz4Frame(bytes: Uint8Array): Uint8Array {
  const largest = BLOCK_BYTES[BLOCK_NUMBER] ?? 0;
  const count = Math.ceil(bytes.length / largest);
  const frame = new Uint8Array(HEADER_BYTES + bytes.length + count * (4 + lz4BlockBound(largest) - largest) + 8);
  const view = new DataView(frame.buffer);
  view.setUint32(0, MAGIC, true);
  frame[4] = FLAGS;
  frame[5] = BLOCK_NUMBER << 4;
  view.setBigUint64(6, BigInt(bytes.length), true);
  frame[14] = (xxh32(frame.subarray(4, 14)) >> 8) & 255;
  let at = HEADER_BYTES;
  for (let from = 0; from < bytes.length; from += largest) {
    const part = bytes.subarray(from, from + largest);
    const length = encodeLz4Block(part, frame.subarray(at + 4));
    const stored = length >= part.length;
    if (stored) frame.set(part, at + 4);
    view.setUint32(at, stored ? part.length + STORED : length, true);
    at += 4 + (stored ? part.length : length);
  }
  view.setUint32(at, 0, true);
  view.setUint32(at + 4, xxh32(bytes), true);
  return frame.subarray(0, at + 8);
}
