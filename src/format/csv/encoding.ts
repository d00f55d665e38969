import { InputError, UsageError } from '../../errors/errors.js';
import { didYouMean, nearMisses } from '../../errors/nearest.js';
import type { ByteSource } from '../source.js';

export const UTF8 = 'utf-8';

/** Byte order marks say what a text is in, and nobody needs to be asked. */
const MARKS = [
  { encoding: UTF8, bytes: [0xef, 0xbb, 0xbf] },
  { encoding: 'utf-16le', bytes: [0xff, 0xfe] },
  { encoding: 'utf-16be', bytes: [0xfe, 0xff] },
] as const;

/** Names that people write, for suggestions only; what is taken is what TextDecoder takes. */
const LABELS = [
  'utf-8', 'utf-16', 'utf-16le', 'utf-16be', 'latin1', 'iso-8859-1', 'iso-8859-2', 'iso-8859-5', 'iso-8859-7', 'iso-8859-9', 'iso-8859-15', 'windows-1250',
  'windows-1251', 'windows-1252', 'windows-1253', 'windows-1254', 'windows-1255', 'windows-1256', 'windows-1257', 'cp1252', 'macintosh', 'koi8-r', 'ibm866',
  'shift_jis', 'euc-jp', 'iso-2022-jp', 'gbk', 'gb18030', 'big5', 'euc-kr',
]; // prettier-ignore

/**
 * The encoding that a label means, by its name in the WHATWG Encoding Standard (`latin1` is windows-1252 there). Labels are read in any case.
 * Throws UsageError (`unknown-encoding`).
 */
export function resolveEncoding(label: string): string {
  try {
    return new TextDecoder(label).encoding;
  } catch (cause) {
    const near = nearMisses(label, LABELS);
    throw new UsageError('unknown-encoding', `there is no encoding ${JSON.stringify(label)} here${didYouMean(near)}`, {
      cause,
      fix: 'Take a name of the WHATWG Encoding Standard, for example utf-16le, windows-1252 or shift_jis; or convert the file: iconv -f ENCODING -t UTF-8 FILE | scoreline ...',
      details: { found: label, near },
    });
  }
}

/**
 * What a CSV source is encoded in: what its byte order mark says, else what was told, else UTF-8. Consumes nothing.
 * Errors: UsageError `unknown-encoding`; InputError `encoding` where the mark contradicts what was told.
 */
export async function encodingOf(source: ByteSource, told: string | undefined): Promise<string> {
  const expected = told === undefined ? undefined : resolveEncoding(told);
  const head = await source.peek(3);
  const marked = MARKS.find(({ bytes }) => bytes.every((byte, at) => head[at] === byte))?.encoding;
  if (marked === undefined || expected === undefined) return marked ?? expected ?? UTF8;
  // The label utf-16 leaves the order of the bytes to the mark.
  if (marked === expected || (expected === 'utf-16le' && !/le$/i.test(told ?? '') && marked === 'utf-16be')) return marked;
  throw new InputError('encoding', `found the byte order mark of ${marked}, expected ${expected} as --encoding says`, {
    place: { file: source.name, byte: 0 },
    fix: 'Leave --encoding out: the mark says what the text is in.',
    details: { found: marked, expected },
  });
}
