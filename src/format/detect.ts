import { InputError, UsageError } from '../errors/errors.js';
import type { FormatName } from './format.js';
import { refuseForeign } from './foreign.js';
import type { ByteSource } from './source.js';

/** The formats, as messages call them. */
export const FORMAT_TITLES: Readonly<Record<FormatName, string>> = { csv: 'CSV', arrow: 'the Arrow file format', arrows: 'the Arrow stream format' };

const BY_SUFFIX: Readonly<Record<string, FormatName>> = {
  '.csv': 'csv',
  '.tsv': 'csv',
  '.txt': 'csv',
  '.arrow': 'arrow',
  '.feather': 'arrow',
  '.arrows': 'arrows',
};
const NOT_WRITTEN = new Set(['.gz', '.zst', '.zstd', '.bz2', '.xz', '.zip', '.parquet', '.xlsx', '.xls', '.json', '.jsonl', '.ndjson', '.onnx']);

const TAB = 9;
const LF = 10;
const CR = 13;

/** Enough first bytes to tell every format by. */
const LOOK_BYTES = 16;

/** The format that a path's suffix promises, in any case. */
export function suffixFormat(path: string): FormatName | undefined {
  return BY_SUFFIX[suffixOf(path)];
}

/** The delimiter that a path's suffix promises: a tab for `.tsv`, else a comma. */
export function suffixDelimiter(path: string): string {
  return suffixOf(path) === '.tsv' ? '\t' : ',';
}

/**
 * The format of an input: as told, else by suffix, else by the first bytes (CSV unless it starts like Arrow). Consumes nothing.
 * Errors: `foreign-format` for a file that is plainly something else (gzip, Parquet, UTF-16 …), `format-mismatch` where what was told or
 * the suffix contradicts the first bytes.
 */
export async function detectFormat(source: ByteSource, told?: FormatName): Promise<FormatName> {
  const promised = told ?? suffixFormat(source.name);
  const head = await look(source, promised === undefined || promised === 'csv');
  refuseForeign(head, source.name);
  const seen = startFormat(head);
  if (promised === undefined) return seen ?? 'csv';
  if (head.length > 0 && contradicts(promised, seen, head)) throw mismatch(source.name, told, promised, seen);
  return promised;
}

/**
 * The first bytes: fewer where the source ends, or where they are a line of text already and `textWillDo`, as the next line of a slow pipe may be long in
 * coming.
 */
async function look(source: ByteSource, textWillDo: boolean): Promise<Uint8Array> {
  for (let least = textWillDo ? 1 : LOOK_BYTES; ; least++) {
    const head = await source.peek(LOOK_BYTES, least);
    if (head.length < least || head.length === LOOK_BYTES || isTextLine(head)) return head;
    least = head.length;
  }
}

/** A line end, and nothing that no text has: what starts Arrow or a foreign file either has such a byte, or no line end. */
function isTextLine(head: Uint8Array): boolean {
  return head.includes(LF) && head.every((byte) => (byte >= 0x20 && byte !== 0xff) || byte === LF || byte === CR || byte === TAB);
}

/**
 * The format of an output: as told, else by suffix, else the input's. A stream (no path, or `-`) cannot be sought, and its reader may start before
 * it ends: there an Arrow file gives an Arrow stream. Throws UsageError (`output-format`) for the suffix of a format that is not written.
 */
export function outputFormat(path: string | undefined, told: FormatName | undefined, input: FormatName): FormatName {
  if (told !== undefined) return told;
  if (path === undefined || path === '-') return input === 'arrow' ? 'arrows' : input;
  const suffix = suffixOf(path);
  if (NOT_WRITTEN.has(suffix)) {
    throw new UsageError('output-format', `found the suffix ${suffix} on the output, expected .csv, .tsv, .txt, .arrow, .feather or .arrows`, {
      place: { file: path },
      fix: 'Rename the output, or say what to write with --output-format csv, arrow or arrows.',
    });
  }
  return BY_SUFFIX[suffix] ?? input;
}

/** What the first bytes say, undefined where they look like neither kind of Arrow. */
function startFormat(head: Uint8Array): FormatName | undefined {
  // The two zero bytes after the magic keep a CSV with a column named ARROW1 a CSV.
  if (Buffer.from(head.subarray(0, 8)).toString('latin1') === 'ARROW1\0\0') return 'arrow';
  if (head.length < 8) return undefined;
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  return view.getUint32(0, true) === 0xffffffff && view.getInt32(4, true) > 0 ? 'arrows' : undefined;
}

function contradicts(promised: FormatName, seen: FormatName | undefined, head: Uint8Array): boolean {
  if (promised === 'csv') return seen !== undefined;
  if (seen !== undefined) return seen !== promised;
  return !(promised === 'arrows' && startsLikeOldStream(head));
}

/** Streams from before Arrow 0.15 start with the length of the schema message at once. */
function startsLikeOldStream(head: Uint8Array): boolean {
  if (head.length < 4) return false;
  const length = new DataView(head.buffer, head.byteOffset, head.length).getInt32(0, true);
  return length > 0 && length < 1 << 24; // four letters read as a length are more
}

function mismatch(name: string, told: FormatName | undefined, promised: FormatName, seen: FormatName | undefined): InputError {
  const why = told === undefined ? `its suffix says ${FORMAT_TITLES[promised]}` : `--input-format says ${FORMAT_TITLES[promised]}`;
  const found = seen === undefined ? 'bytes that are no Arrow' : FORMAT_TITLES[seen];
  return new InputError('format-mismatch', `found ${found} in ${name}, but ${why}`, {
    place: { file: name, byte: 0 },
    fix:
      seen === undefined
        ? 'Check what wrote the file; if it is CSV, read it with --input-format csv.'
        : `Read it as what it is: --input-format ${seen}.`,
    details: { found: seen ?? 'other', expected: promised },
  });
}

function suffixOf(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const dot = name.lastIndexOf('.');
  return dot <= 0 ? '' : name.slice(dot).toLowerCase();
}
