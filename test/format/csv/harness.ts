import { Batch, REJECTED } from '#src/batch/batch.js';
import type { Layout } from '#src/batch/layout.js';
import type { CsvDialect, CsvInputOptions } from '#src/format/csv/setup.js';
import { openCsvSplitter, type CsvSplitter } from '#src/format/csv/split.js';
import type { ByteSource } from '#src/format/source.js';
import { openBothDecoders } from './both.js';

/** Bytes of a text, for tests that count in bytes. */
export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/**
 * A source over bytes in memory that hands them out `stride` at a time inside, as a slow pipe would; where a wait is bounded, each `pauses`-th one is in vain.
 */
export function bytesSource(bytes: Uint8Array, { stride = Infinity, isPipe = false, name = 'data.csv', pauses = 0 } = {}): ByteSource {
  let position = 0;
  let asked = 0;
  return {
    name,
    size: isPipe ? undefined : bytes.length,
    isPipe,
    get position() {
      return position;
    },
    // No more at once than a stride, unless asked for.
    peek: (length, least = length) => Promise.resolve(bytes.subarray(position, position + Math.min(length, Math.max(stride, least)))),
    async read(into) {
      let filled = 0;
      while (filled < into.length && position < bytes.length) {
        const part = bytes.subarray(position, position + Math.min(stride, into.length - filled));
        into.set(part, filled);
        filled += part.length;
        position += part.length;
        await Promise.resolve();
      }
      return filled;
    },
    arrival: (ms) => Promise.resolve(ms === Infinity || pauses === 0 || ++asked % pauses !== 0),
    readSome(into) {
      const part = bytes.subarray(position, position + Math.min(stride, into.length));
      into.set(part);
      position += part.length;
      return Promise.resolve(part.length === 0 ? undefined : part.length);
    },
    digest: () => '',
    close: () => Promise.resolve(),
  };
}

/** What is known of a record when a file was read, in absolute positions. */
export interface ReadRecord {
  readonly row: number;
  readonly line: number;
  readonly byte: number;
  /** The record's raw text. */
  readonly raw: string;
  /** Cell values as csv-parse and the text engine gave them; null for rejects. */
  readonly cells: readonly string[] | null;
  /** Cell values by the kept columns; null where the record has no such field. */
  readonly kept: readonly (string | null)[];
  /** Raw cells of the kept columns. */
  readonly rawCells: readonly string[];
  readonly code: string | null;
  readonly column: string | null;
  readonly message: string | null;
}

export interface ReadFile {
  readonly names: readonly string[];
  readonly records: readonly ReadRecord[];
  readonly lines: number;
  readonly headLines: number;
  readonly chunks: number;
}

export interface ReadOptions {
  readonly csv?: CsvInputOptions;
  readonly chunkBytes?: number;
  readonly stride?: number;
  readonly isPipe?: boolean;
  /** With `flushMs`, each so-many-th wait for more bytes ends without them. */
  readonly pauses?: number;
  readonly flushMs?: number;
}

/** Opens a splitter over bytes. */
export function splitterOf(
  bytes: Uint8Array,
  { csv = {}, chunkBytes = 1 << 20, stride, isPipe, pauses, flushMs }: ReadOptions = {},
): Promise<CsvSplitter> {
  const source = bytesSource(bytes, { ...(stride === undefined ? {} : { stride }), ...(isPipe === undefined ? {} : { isPipe }), ...(pauses === undefined ? {} : { pauses }) }); // prettier-ignore
  return openCsvSplitter(source, { csv, nullValues: undefined, chunkBytes: () => chunkBytes, flushMs });
}

/** A layout that takes every column as a string and keeps every column. */
export function allStrings(names: readonly string[]): Layout {
  return {
    tensors: [{ type: 'string', width: names.length }],
    fields: names.map((name, column) => ({ name, column, tensor: 0, at: column, type: 'string', onMissing: { kind: 'empty' } })),
    kept: names.map((name, column) => ({ name, column })),
  };
}

/** Reads a whole file through splitter and decoder, as a run would. */
export async function readCsv(bytes: Uint8Array, options: ReadOptions = {}): Promise<ReadFile> {
  const splitter = await splitterOf(bytes, options);
  const names = splitter.schema.columns.map(({ name }) => name);
  const layout = allStrings(names);
  const decoder = await openBothDecoders(splitter.decoderSetup, layout);
  const batch = new Batch(layout);
  const records: ReadRecord[] = [];
  let lines = splitter.headLines;
  let chunks = 0;
  for await (const chunk of splitter.chunks()) {
    decoder.decode(chunk, batch);
    const values = batch.tensors[0]!.values as string[];
    const rejects = new Map(batch.rejects.map((reject) => [reject.row, reject]));
    for (let record = 0; record < batch.records; record++) {
      const slot = batch.slots[record]!;
      const place = decoder.locate(record);
      const reject = rejects.get(record);
      records.push({
        row: records.length + 1,
        line: lines + place.line! + 1,
        byte: chunk.offset + place.byte,
        raw: place.record,
        cells: slot === REJECTED ? null : values.slice(slot * names.length, (slot + 1) * names.length),
        kept: batch.kept.map((column) => column.text(record)),
        rawCells: batch.kept.map(({ native }) =>
          native.format === 'csv' ? Buffer.from(native.bytes.subarray(native.from[record], native.to[record])).toString() : '',
        ),
        code: reject?.code ?? null,
        column: reject?.column ?? null,
        message: reject?.message ?? null,
      });
    }
    lines += batch.lines;
    chunks++;
    splitter.recycle(chunk.bytes.buffer as ArrayBuffer);
  }
  return { names, records, lines, headLines: splitter.headLines, chunks };
}

/** The records without what depends on how the file was cut. */
export const uncut = ({ names, records, lines, headLines }: ReadFile) => ({ names, records, lines, headLines });

export const COMMA: CsvDialect = { delimiter: ',', quote: '"', escape: '"' };
