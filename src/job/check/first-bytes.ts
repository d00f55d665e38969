import { Readable } from 'node:stream';
import { openStreamSource } from '../../format/open-source.js';
import type { ByteSource } from '../../format/source.js';

/** The start of an input, in memory. */
export interface FirstBytes {
  readonly bytes: Buffer;
  /** Why there are no more: the input ended, or enough was read, or nothing more came in time. */
  readonly end: 'end' | 'bytes' | 'time';
}

/** Reads up to so many bytes of a source, waiting no longer than until `untilMs` (of performance.now) for those of a pipe; `before` are those that were read already. */
export async function readFirstBytes(
  source: ByteSource,
  { most, untilMs, before }: { readonly most: number; readonly untilMs: number; readonly before?: Buffer },
): Promise<FirstBytes> {
  const into = Buffer.allocUnsafe(most);
  let filled = before?.copy(into) ?? 0;
  while (filled < most) {
    if (!(await source.arrival(untilMs - performance.now()))) return { bytes: into.subarray(0, filled), end: 'time' };
    const count = await source.readSome(into.subarray(filled));
    if (count === undefined) return { bytes: into.subarray(0, filled), end: 'end' };
    filled += count;
  }
  return { bytes: into, end: 'bytes' };
}

/** The same bytes as a source to be read from their start. What was cut off ends behind its last line end: half a line is no record, unless it is beyond every limit. */
export function sourceOf({ bytes, end }: FirstBytes, name: string): ByteSource {
  const whole = end === 'end' ? bytes : wholeLines(bytes);
  return openStreamSource(Readable.from([whole.length === 0 && end === 'bytes' ? bytes : whole]), name, { hashed: false });
}

/** In UTF-16 a line end is two bytes; in every other encoding of text the byte of LF is never part of another character. */
function wholeLines(bytes: Buffer): Buffer {
  const [first, second] = bytes;
  const isLittle = (first === 0xff && second === 0xfe) || (first !== 0 && second === 0);
  const isBig = (first === 0xfe && second === 0xff) || (first === 0 && second !== 0);
  for (let at = bytes.lastIndexOf(0x0a); at >= 0; at = at === 0 ? -1 : bytes.lastIndexOf(0x0a, at - 1)) {
    if (isLittle && (at % 2 !== 0 || bytes[at + 1] !== 0)) continue;
    if (isBig && (at % 2 !== 1 || bytes[at - 1] !== 0)) continue;
    return bytes.subarray(0, at + (isLittle ? 2 : 1));
  }
  const cr = isLittle || isBig ? -1 : bytes.subarray(0, -1).lastIndexOf(0x0d); // one at the very end may be half of a CRLF
  return bytes.subarray(0, cr + 1);
}
