import { isUtf8 } from 'node:buffer';
import type { Batch } from '../../batch/batch.js';
import type { Layout } from '../../batch/layout.js';
import { openCellReader } from './cells.js';
import { ColumnStores } from './column-stores.js';
import { finishRecord } from './finish.js';
import { grammarFault, raggedFault, textFault, type RecordFault } from './faults.js';
import type { CsvReader } from './reader.js';
import { RecordTable } from './record-table.js';
import { RecordScanner } from './scan.js';
import type { CsvDecoderSetup } from './setup.js';

/** Texts of so many records, and of so many cells, live at once: enough that a call costs nothing, few enough that they die young. */
const STRETCH_RECORDS = 256;
const STRETCH_CELLS = 1 << 16;

/** The reader that takes every dialect: the scanner says where records stand and what is at fault, csv-parse makes texts of all cells, the field stores read them. */
export function openTextReader(setup: CsvDecoderSetup, layout: Layout, batch: Batch): CsvReader {
  return new TextReader(setup, layout, batch);
}

class TextReader implements CsvReader {
  readonly batch: Batch;
  readonly table: RecordTable;
  readonly #setup: CsvDecoderSetup;
  readonly #scanner: RecordScanner;
  readonly #stores: ColumnStores;
  readonly #cells: ReturnType<typeof openCellReader>;
  readonly #raggedCells: ReturnType<typeof openCellReader>;
  #bytes: Uint8Array = new Uint8Array(0);
  #isUtf8 = true;

  constructor(setup: CsvDecoderSetup, layout: Layout, batch: Batch) {
    const { dialect, recordLimitBytes, columns, trim } = setup;
    this.batch = batch;
    this.table = new RecordTable(layout.kept.map(({ column }) => column));
    this.#setup = setup;
    this.#scanner = new RecordScanner({ dialect, recordLimitBytes, blankRecords: columns === 1, ranges: layout.kept.length > 0 });
    this.#stores = new ColumnStores(setup, layout, batch);
    this.#cells = openCellReader(dialect, { width: columns, trim });
    this.#raggedCells = openCellReader(dialect, { width: undefined, trim });
  }

  read(bytes: Uint8Array, most: number): void {
    const { table, batch } = this;
    this.#bytes = bytes;
    this.#isUtf8 = isUtf8(bytes);
    table.fill(bytes, this.#scanner, most);
    batch.reset(table.records);
    for (let first = 0; first < table.records;) {
      const last = this.#stretchEnd(first);
      if (last > first) this.#storeStretch(first, last);
      first = last;
      if (first < table.records && table.fields(first) !== this.#setup.columns) this.#finish(first, this.#oddFault(first++));
    }
  }

  /** The end of the stretch of well-formed records of the right width that starts at `first`. */
  #stretchEnd(first: number): number {
    const length = Math.max(1, Math.min(STRETCH_RECORDS, Math.floor(STRETCH_CELLS / this.#setup.columns)));
    const most = Math.min(this.table.records, first + length);
    let last = first;
    while (last < most && this.table.fields(last) === this.#setup.columns) last++;
    return last;
  }

  #storeStretch(first: number, last: number): void {
    const rows = this.#cells(this.#bytes, this.table.start(first), this.table.next(last - 1), last - first);
    for (let record = first; record < last; record++) this.#finish(record, this.#textFault(record) ?? this.#storeCells(rows[record - first] ?? []));
  }

  #storeCells(cells: readonly string[]): RecordFault | undefined {
    for (let column = 0; column < this.#setup.columns; column++) {
      const fault = this.#stores.store(column, cells[column] ?? '');
      if (fault !== undefined) return fault;
    }
    return undefined;
  }

  /** A record that breaks the grammar, or has more or fewer fields than the header: what it does not have is missing, what it has too much must be empty. */
  #oddFault(record: number): RecordFault | undefined {
    const { columns, recordLimitBytes, ragged = 'reject' } = this.#setup;
    const fault = this.table.fault(record);
    if (fault !== undefined) return grammarFault(fault, recordLimitBytes);
    if (ragged === 'reject') return raggedFault(this.table.fields(record), columns, ragged);
    const invalid = this.#textFault(record);
    if (invalid !== undefined) return invalid;
    const cells = this.#raggedCells(this.#bytes, this.table.start(record), this.table.next(record), 1)[0] ?? [];
    return cells.slice(columns).some((text) => text !== '') ? raggedFault(cells.length, columns, ragged) : this.#storeCells(cells);
  }

  #textFault(record: number): RecordFault | undefined {
    return this.#isUtf8 || isUtf8(this.#bytes.subarray(this.table.start(record), this.table.end(record))) ? undefined : textFault();
  }

  #finish(record: number, fault: RecordFault | undefined): void {
    finishRecord(this, this.#bytes, record, fault, this.#setup.recordLimitBytes);
  }
}
