import type { Batch, KeptColumn } from '../../batch/batch.js';
import type { Layout } from '../../batch/layout.js';
import type { Chunk, Decoder } from '../format.js';
import { openByteReader, readsBytes } from './byte-reader.js';
import { locateRecord } from './finish.js';
import type { CsvReader } from './reader.js';
import type { CsvDecoderSetup } from './setup.js';
import { openUnquoter } from './unquote.js';

type OpenReader = (setup: CsvDecoderSetup, layout: Layout, batch: Batch) => CsvReader;

/** Decodes chunks of whole CSV records by the reader that the dialect allows; csv-parse is loaded only where it is needed. */
export async function openCsvDecoder(setup: CsvDecoderSetup, layout: Layout): Promise<Decoder> {
  const declines = setup.decoder === 'text' || !readsBytes(setup);
  const openReader = declines ? (await import('./text-reader.js')).openTextReader : openByteReader;
  return new CsvDecoder(setup, layout, { openReader, declines });
}

class CsvDecoder implements Decoder {
  readonly declines: boolean;
  readonly #setup: CsvDecoderSetup;
  readonly #layout: Layout;
  readonly #openReader: OpenReader;
  readonly #unquote: ReturnType<typeof openUnquoter>;
  #reader: CsvReader | undefined;
  #bytes: Uint8Array = new Uint8Array(0);

  constructor(setup: CsvDecoderSetup, layout: Layout, { openReader, declines }: { openReader: OpenReader; declines: boolean }) {
    this.declines = declines;
    this.#setup = setup;
    this.#layout = layout;
    this.#openReader = openReader;
    this.#unquote = openUnquoter(setup.dialect);
  }

  setContext(): void {
    // CSV has no dictionaries.
  }

  decode(chunk: Chunk, batch: Batch, maxRecords = Infinity): void {
    if (this.#reader?.batch !== batch) this.#reader = this.#openReader(this.#setup, this.#layout, batch);
    this.#bytes = chunk.bytes;
    this.#reader.read(chunk.bytes, maxRecords);
    batch.lines = this.#reader.table.lines;
    batch.kept = this.#keptColumns(this.#reader, chunk.bytes);
  }

  locate(record: number): { readonly line: number | null; readonly byte: number; readonly record: string } {
    if (this.#reader === undefined) return { line: null, byte: 0, record: '' };
    return locateRecord(this.#reader.table, this.#bytes, record, this.#setup.recordLimitBytes);
  }

  #keptColumns({ table }: CsvReader, bytes: Uint8Array): KeptColumn[] {
    return this.#layout.kept.map(({ name }, kept) => {
      const from = table.keptFrom[kept] ?? new Uint32Array(0);
      const to = table.keptTo[kept] ?? new Uint32Array(0);
      return {
        name,
        text: (record) => (table.hasKept(kept, record) ? this.#unquote(bytes, from[record] ?? 0, to[record] ?? 0) : null),
        native: { format: 'csv', bytes, from, to },
      };
    });
  }
}
