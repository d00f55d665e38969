import { isUtf8 } from 'node:buffer';
import type { Batch, KeptColumn } from '../../batch/batch.js';
import type { Layout } from '../../batch/layout.js';
import type { RejectCode } from '../../batch/reject.js';
import type { Chunk, Decoder } from '../format.js';
import { openTextEngine, raggedFault, type CsvEngine, type RecordFault } from './engine.js';
import { RecordTable } from './record-table.js';
import { RecordScanner, type Fault } from './scan.js';
import type { CsvDecoderSetup } from './setup.js';
import { openUnquoter } from './unquote.js';

/** Texts of so many records, and of so many cells, live at once: enough that a call costs nothing, few enough that they die young. */
const STRETCH_RECORDS = 256;
const STRETCH_CELLS = 1 << 16;

/** Decodes chunks of whole CSV records: the scanner says where records and kept cells stand and what is at fault, an engine reads the cells. */
export function openCsvDecoder(setup: CsvDecoderSetup, layout: Layout): Decoder {
  return new CsvDecoder(setup, layout);
}

class CsvDecoder implements Decoder {
  readonly #setup: CsvDecoderSetup;
  readonly #layout: Layout;
  readonly #scanner: RecordScanner;
  readonly #table: RecordTable;
  readonly #unquote: ReturnType<typeof openUnquoter>;
  #bytes: Uint8Array = new Uint8Array(0);
  #isUtf8 = true;
  #engine: { readonly of: Batch; readonly text: CsvEngine } | undefined;

  constructor(setup: CsvDecoderSetup, layout: Layout) {
    this.#setup = setup;
    this.#layout = layout;
    const { dialect, recordLimitBytes, columns } = setup;
    this.#scanner = new RecordScanner({ dialect, recordLimitBytes, blankRecords: columns === 1, ranges: layout.kept.length > 0 });
    this.#table = new RecordTable(layout.kept.map(({ column }) => column));
    this.#unquote = openUnquoter(dialect);
  }

  setContext(): void {
    // CSV has no dictionaries.
  }

  decode(chunk: Chunk, batch: Batch, maxRecords = Infinity): void {
    const table = this.#table;
    this.#bytes = chunk.bytes;
    this.#isUtf8 = isUtf8(chunk.bytes);
    table.fill(chunk.bytes, this.#scanner, maxRecords);
    batch.reset(table.records);
    const engine = this.#chooseEngine(batch);
    for (let first = 0; first < table.records;) {
      const last = this.#stretch(first);
      if (last > first) engine.begin(chunk.bytes, table, first, last);
      for (; first < last; first++) this.#finish(first, batch, this.#textFault(first) ?? engine.store(first));
      if (first < table.records && table.fields(first) !== this.#setup.columns) this.#finish(first, batch, this.#oddRecord(first++, engine));
    }
    batch.lines = table.lines;
    batch.kept = this.#keptColumns(chunk.bytes);
  }

  locate(record: number): { readonly line: number; readonly byte: number; readonly record: string } {
    const from = this.#table.start(record);
    const to = Math.min(this.#table.end(record), from + this.#setup.recordLimitBytes);
    return { line: this.#table.linesBefore(record), byte: from, record: text(this.#bytes, from, to) };
  }

  /** Today there is one; a byte engine will be asked first, and may decline. */
  #chooseEngine(batch: Batch): CsvEngine {
    if (this.#engine?.of !== batch) this.#engine = { of: batch, text: openTextEngine(this.#setup, this.#layout, batch) };
    return this.#engine.text;
  }

  /** The end of the stretch of well-formed records of the right width that starts at `first`. */
  #stretch(first: number): number {
    const length = Math.max(1, Math.min(STRETCH_RECORDS, Math.floor(STRETCH_CELLS / this.#setup.columns)));
    const most = Math.min(this.#table.records, first + length);
    let last = first;
    while (last < most && this.#table.fields(last) === this.#setup.columns) last++;
    return last;
  }

  #finish(record: number, batch: Batch, fault: RecordFault | undefined): void {
    if (fault === undefined) batch.accept();
    else batch.reject({ row: record, ...fault, ...this.locate(record) });
  }

  #textFault(record: number): RecordFault | undefined {
    if (this.#isUtf8 || isUtf8(this.#bytes.subarray(this.#table.start(record), this.#table.end(record)))) return undefined;
    return whole('invalid-utf8', 'found bytes that are not UTF-8, expected text in UTF-8');
  }

  /** A record that breaks the grammar, or has more or fewer fields than the header. */
  #oddRecord(record: number, engine: CsvEngine): RecordFault | undefined {
    const { columns, recordLimitBytes, ragged = 'reject' } = this.#setup;
    const fault = this.#table.fault(record);
    if (fault !== undefined) return whole(fault, describeFault(fault, recordLimitBytes));
    if (ragged === 'reject') return raggedFault(this.#table.fields(record), columns, ragged);
    return this.#textFault(record) ?? engine.storeRagged(this.#bytes, this.#table, record);
  }

  #keptColumns(bytes: Uint8Array): KeptColumn[] {
    const table = this.#table;
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

function describeFault(fault: Fault, recordLimitBytes: number): string {
  switch (fault) {
    case 'bad-quote':
      return 'found a quote inside an unquoted field, or text behind a closing quote, expected quotes around whole fields';
    case 'unclosed-quote':
      return `found a quote that opens a field and is not closed rightly within ${recordLimitBytes} bytes, expected its end on this line or a later one`;
    case 'record-too-long':
      return `found a record of more than ${recordLimitBytes} bytes, expected a line end before`;
  }
}

function whole(code: RejectCode, message: string): RecordFault {
  return { code, column: null, message, value: null };
}

function text(bytes: Uint8Array, from: number, to: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('utf8');
}
