/** Shortest match that the format can name. */
const MIN_MATCH = 4;
/** The last match of a block starts at least so far before its end, and so many bytes at the end stand by themselves (LZ4_Block_format.md). */
const MATCH_MARGIN = 12;
const LAST_LITERALS = 5;
/** Farthest that a match may lie back. */
const WINDOW_BYTES = 65_535;
const HASH_BITS = 14;
/** Copies from this length on are left to the engine. */
const LONG_COPY = 32;

/**
 * Decodes one LZ4 block into `into` from position `start`, where what earlier blocks gave stands before it; gives the position behind what was written.
 * Throws RangeError for a block that is cut, that points before the start of the frame, or that gives more than there is room for
 * (https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md).
 */
export function decodeLz4Block(block: Uint8Array, into: Uint8Array, start: number): number {
  const end = block.length;
  let from = 0;
  let to = start;
  const longLength = (length: number): number => {
    for (let sum = length; ;) {
      if (from >= end) throw new RangeError('an LZ4 block ends within a length');
      const byte = block[from++] as number;
      sum += byte;
      if (byte !== 255) return sum;
    }
  };
  while (from < end) {
    const token = block[from++] as number;
    const literals = token >> 4 === 15 ? longLength(15) : token >> 4;
    if (from + literals > end) throw new RangeError('an LZ4 block ends within its literals');
    if (to + literals > into.length) throw new RangeError('an LZ4 block gives more bytes than were announced');
    if (literals > LONG_COPY) into.set(block.subarray(from, from + literals), to);
    else for (let step = 0; step < literals; step++) into[to + step] = block[from + step] as number;
    from += literals;
    to += literals;
    if (from === end) return to;
    if (from + 2 > end) throw new RangeError('an LZ4 block ends within a match');
    const back = (block[from] as number) | ((block[from + 1] as number) << 8);
    from += 2;
    const match = ((token & 15) === 15 ? longLength(15) : token & 15) + MIN_MATCH;
    if (back === 0 || back > to) throw new RangeError('an LZ4 block points before the start of the frame');
    if (to + match > into.length) throw new RangeError('an LZ4 block gives more bytes than were announced');
    if (match > LONG_COPY && back >= match) into.copyWithin(to, to - back, to - back + match);
    else for (let step = 0; step < match; step++) into[to + step] = into[to - back + step] as number;
    to += match;
  }
  throw new RangeError('an LZ4 block ends with a match');
}

/**
 * Encodes bytes as one LZ4 block that stands by itself, at the start of `into`, which has room for lz4BlockBound. Gives the block's length. Greedy, with
 * one candidate a hash: the fast end of what LZ4 offers.
 */
export function encodeLz4Block(bytes: Uint8Array, into: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const seen = new Int32Array(1 << HASH_BITS).fill(-1);
  const lastMatch = bytes.length - MATCH_MARGIN;
  let anchor = 0;
  let to = 0;
  let misses = 0;
  for (let at = 0; at <= lastMatch;) {
    const word = view.getInt32(at, true);
    const hash = Math.imul(word, 0x9e3779b1) >>> (32 - HASH_BITS);
    const candidate = seen[hash] as number;
    seen[hash] = at;
    if (candidate < 0 || at - candidate > WINDOW_BYTES || view.getInt32(candidate, true) !== word) {
      at += 1 + (misses++ >> 6); // what does not compress is passed over faster and faster
      continue;
    }
    misses = 0;
    const limit = bytes.length - LAST_LITERALS;
    let end = at + MIN_MATCH;
    for (let other = candidate + MIN_MATCH; end < limit && bytes[end] === bytes[other]; other++) end++;
    to = writeLiterals(bytes, anchor, at, into, to, end - at - MIN_MATCH);
    into[to++] = (at - candidate) & 255;
    into[to++] = (at - candidate) >> 8;
    to = writeLength(into, to, end - at - MIN_MATCH);
    anchor = at = end;
  }
  return writeLiterals(bytes, anchor, bytes.length, into, to, 0);
}

/** Longest block that so many bytes can give. */
export function lz4BlockBound(bytes: number): number {
  return bytes + Math.ceil(bytes / 255) + 16;
}

/** The token, with the match's length in its lower half, and the literals. */
function writeLiterals(bytes: Uint8Array, from: number, end: number, into: Uint8Array, at: number, match: number): number {
  const count = end - from;
  into[at] = (Math.min(count, 15) << 4) | Math.min(match, 15);
  const to = writeLength(into, at + 1, count);
  if (count > LONG_COPY) into.set(bytes.subarray(from, end), to);
  else for (let step = 0; step < count; step++) into[to + step] = bytes[from + step] as number;
  return to + count;
}

/** What of a length does not fit in its half of the token. */
function writeLength(into: Uint8Array, at: number, length: number): number {
  if (length < 15) return at;
  let to = at;
  let rest = length - 15;
  for (; rest >= 255; rest -= 255) into[to++] = 255;
  into[to++] = rest;
  return to;
}
