import { InputError } from '../../errors/errors.js';
import type { ByteSource } from '../source.js';

const LF = 10;
const CR = 13;
const LOOK_BYTES = 1 << 16;

/**
 * Passes over the first physical lines of a source, whatever stands in them: quotes mean nothing there, and a line may be of any length. A last line
 * without a line end counts. Throws InputError (`empty-input`) where the source has fewer.
 */
export async function skipPreamble(source: ByteSource, lines: number): Promise<void> {
  for (let skipped = 0; skipped < lines;) {
    const line = await lookLine(source);
    if (line === undefined) throw tooShort(source.name, skipped, lines);
    await source.read(new Uint8Array(line.end));
    if (line.whole) skipped++;
  }
}

/** The next line, or a part of one that is longer than the look ahead; undefined at the end. */
async function lookLine(source: ByteSource): Promise<ReturnType<typeof lineEnd> | undefined> {
  for (let least = 1; ;) {
    const bytes = await source.peek(LOOK_BYTES, least);
    if (bytes.length === 0) return undefined;
    const line = lineEnd(bytes, bytes.length < least);
    if (line.whole || bytes.length === LOOK_BYTES) return line;
    least = bytes.length + 1;
  }
}

/** The first byte behind the first line of `bytes`, or behind what surely belongs to it. */
function lineEnd(bytes: Uint8Array, ended: boolean): { readonly end: number; readonly whole: boolean } {
  let at = 0;
  while (at < bytes.length && bytes[at] !== LF && bytes[at] !== CR) at++;
  if (at === bytes.length) return { end: at, whole: ended };
  if (bytes[at] === LF) return { end: at + 1, whole: true };
  // Whether an LF belongs to a CR shows with the next look ahead.
  if (at + 1 === bytes.length && !ended) return { end: at, whole: false };
  return { end: at + (bytes[at + 1] === LF ? 2 : 1), whole: true };
}

function tooShort(file: string, found: number, expected: number): InputError {
  return new InputError(
    'empty-input',
    `found only ${found} line${found === 1 ? '' : 's'} in ${file}, expected more than the ${expected} of --skip-lines`,
    {
      place: { file, line: found + 1 },
      fix: 'Check the program that writes it, or lower --skip-lines.',
    },
  );
}
