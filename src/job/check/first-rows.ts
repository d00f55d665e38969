import { detectFormat } from '../../format/detect.js';
import type { Chunk, DecoderSetup, FormatName, SourceSchema } from '../../format/format.js';
import { openSplitter } from '../../format/open.js';
import { openSource } from '../../format/open-source.js';
import type { ByteSource } from '../../format/source.js';
import { InputError } from '../../errors/errors.js';
import type { Closers } from '../../run/closers.js';
import type { ScoreOptions } from '../../run/options.js';
import { readFirstBytes, sourceOf, type FirstBytes } from './first-bytes.js';

/** The first rows of an input: all that a check reads of it. */
export interface FirstRows {
  readonly format: FormatName;
  readonly schema: SourceSchema;
  readonly decoder: DecoderSetup;
  /** Physical lines before the first record. */
  readonly headLines: number;
  /** Whole records; undefined where there are none. */
  readonly chunk: Chunk | undefined;
  /** The chunk is all that the input has. */
  readonly isWhole: boolean;
  /** Why no more was read: see FirstBytes. */
  readonly end: FirstBytes['end'];
  /** Of the whole input; undefined for pipes. */
  readonly inputBytes: number | undefined;
}

/** What is looked at: more of it says little more, and takes longer. */
const CHUNK_BYTES = 1 << 20;
/** What is read for that: a record that begins in the chunk ends here, as it has at most 1 MiB. */
const MOST_BYTES = 2 * CHUNK_BYTES + 4096;
/** The same of an Arrow stream in a pipe, of which a record batch is the least that can be read. */
const MOST_STREAM_BYTES = 16 << 20;
/** How long the rows of a pipe are waited for. */
const WAIT_MS = 700;

/**
 * Opens an input, reads its header and its first rows and not more than 2 MB of CSV, whatever its size, and closes it again. Of a pipe what comes within 0.7 s; undefined where
 * that is not even a header. Throws as a run does: openSource, detectFormat and openSplitter.
 */
export async function readFirstRows(options: ScoreOptions, closers: Closers): Promise<FirstRows | undefined> {
  const opened = await closers.add(await openSource(options.input, { hashed: false }));
  const { source, format, end } = await (opened.size === undefined ? ofPipe : ofFile)(opened, options);
  const splitter = await openSplitter(format, source, {
    csv: opened.isPipe && end === 'end' ? (options.csv ?? {}) : { ...options.csv, allowUnterminated: true },
    nullValues: options.nullValues,
    chunkBytes: () => CHUNK_BYTES,
    blockRows: 1,
  }).catch((error: unknown) => {
    if (end === 'time' && error instanceof InputError && UNFINISHED.has(error.code)) return undefined;
    throw error;
  });
  if (splitter === undefined) return undefined;
  const chunks = splitter.chunks();
  const { chunk, isWhole } = await firstOf(chunks, end !== 'end');
  await chunks.return();
  const { schema, decoderSetup: decoder, headLines } = splitter;
  return { format: schema.format, schema, decoder, headLines, chunk, isWhole, end, inputBytes: opened.size };
}

/** What is wrong with half a header or half a schema. */
const UNFINISHED: ReadonlySet<string> = new Set(['empty-input', 'arrow-truncated']);

interface Start {
  readonly source: ByteSource;
  readonly format: FormatName;
  readonly end: FirstBytes['end'];
}

/** CSV from memory, so that no more of it is read than that; an Arrow file says itself where its first record batch is. */
async function ofFile(opened: ByteSource, { inputFormat }: ScoreOptions): Promise<Start> {
  const format = await detectFormat(opened, inputFormat);
  if (format !== 'csv') return { source: opened, format, end: 'end' };
  const first = await readFirstBytes(opened, { most: MOST_BYTES, untilMs: Infinity });
  return { source: sourceOf(first, opened.name), format, end: first.end };
}

async function ofPipe(opened: ByteSource, { inputFormat }: ScoreOptions): Promise<Start> {
  const untilMs = performance.now() + WAIT_MS;
  const first = await readFirstBytes(opened, { most: MOST_BYTES, untilMs });
  const format = await detectFormat(sourceOf({ ...first, end: 'end' }, opened.name), inputFormat);
  if (format === 'csv') return { source: sourceOf(first, opened.name), format, end: first.end };
  const more = first.end === 'bytes' ? await readFirstBytes(opened, { most: MOST_STREAM_BYTES, untilMs, before: first.bytes }) : first;
  return { source: sourceOf({ ...more, end: 'end' }, opened.name), format, end: more.end };
}

/** The first chunk, and whether it is the only one. What is cut short ends in the middle of a record batch: that says nothing of the input. */
async function firstOf(chunks: AsyncGenerator<Chunk, void, undefined>, isCut: boolean): Promise<Pick<FirstRows, 'chunk' | 'isWhole'>> {
  try {
    const first = await chunks.next();
    const chunk = first.done === true ? undefined : first.value;
    if (chunk === undefined) return { chunk, isWhole: !isCut };
    return { chunk, isWhole: !isCut && (await chunks.next()).done === true };
  } catch (error) {
    if (!isCut || !(error instanceof InputError)) throw error;
    return { chunk: undefined, isWhole: false };
  }
}
