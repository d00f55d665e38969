import type { Batch } from '../../batch/batch.js';
import type { Field, Layout } from '../../batch/layout.js';
import type { Decimal } from '../../batch/number.js';
import type { RejectCode } from '../../batch/reject.js';
import { describeReject, nullTexts, openFieldStore, type FieldStore, type NullTexts } from '../../batch/store.js';
import { DefectError } from '../../errors/errors.js';
import { openCellReader } from './cells.js';
import { openInterner } from './intern.js';
import type { RecordTable } from './record-table.js';
import type { CsvDecoderSetup } from './setup.js';

/** Why a record is rejected, but for its position: a whole record, or the first field at fault in the source's column order. */
export interface RecordFault {
  readonly code: RejectCode;
  readonly column: string | null;
  readonly message: string;
  readonly value: string | null;
}

/**
 * Reads the cells of well-formed records into the tensors. The decoder picks an engine for each chunk; engines must agree on every value, null and fault. A byte
 * engine will stand beside the one below and decline what is not plain.
 */
export interface CsvEngine {
  /** Makes the records `first` … `last - 1` of the table, one stretch of whole records of the right width, ready to be stored. */
  begin(bytes: Uint8Array, table: RecordTable, first: number, last: number): void;
  /** Writes a record of that stretch at row `rows` of the batch and notes what is missing; gives the fault that keeps it from being scored. */
  store(record: number): RecordFault | undefined;
  /** The same for a well-formed record of another width, outside any stretch: what it does not have is missing, what it has too much must be empty. */
  storeRagged(bytes: Uint8Array, table: RecordTable, record: number): RecordFault | undefined;
}

/** The engine that takes everything, bound to one batch: csv-parse makes texts of all cells, the field stores read them. */
export function openTextEngine(setup: CsvDecoderSetup, layout: Layout, batch: Batch): CsvEngine {
  const { dialect, columns, trim, decimal = '.' } = setup;
  const read = openCellReader(dialect, { width: columns, trim });
  const readRagged = openCellReader(dialect, { width: undefined, trim });
  const nulls = nullTexts(setup.nullValues, decimal);
  const inOrder = layout.fields
    .map((field, index) => bindField({ field, index, batch, nulls, decimal }))
    .sort((a, b) => a.field.column - b.field.column);
  let rows: readonly (readonly string[])[] = [];
  let base = 0;
  const storeCells = (cells: readonly string[]): RecordFault | undefined => {
    for (const { field, index, store } of inOrder) {
      const text = cells[field.column] ?? '';
      const stored = store(batch.rows, text);
      if (stored === 'stored') continue;
      if (stored !== 'missing') return { code: stored, column: field.name, message: describeReject(stored, field, text, decimal), value: text };
      batch.noteMissing(index);
    }
    return undefined;
  };
  return {
    begin(bytes, table, first, last) {
      rows = read(bytes, table.start(first), table.next(last - 1), last - first);
      base = first;
    },
    store: (record) => storeCells(rows[record - base] ?? []),
    storeRagged(bytes, table, record) {
      const cells = readRagged(bytes, table.start(record), table.next(record), 1)[0] ?? [];
      return cells.slice(columns).some((text) => text !== '') ? raggedFault(cells.length, columns, 'fill') : storeCells(cells);
    },
  };
}

/** Why a record of another width than the header's is rejected. */
export function raggedFault(found: number, expected: number, ragged: 'reject' | 'fill'): RecordFault {
  const message = `found ${found} field${found === 1 ? '' : 's'}, expected ${expected}${ragged === 'fill' ? ' and nothing in those behind' : ''}`;
  return { code: 'ragged-row', column: null, message, value: null };
}

interface BoundField {
  readonly field: Field;
  readonly index: number;
  readonly store: FieldStore['text'];
}

function bindField({
  field,
  index,
  batch,
  nulls,
  decimal,
}: Pick<BoundField, 'field' | 'index'> & { batch: Batch; nulls: NullTexts; decimal: Decimal }): BoundField {
  const tensor = batch.tensors[field.tensor];
  if (tensor === undefined) throw new DefectError(`the layout has no tensor ${field.tensor} for the column ${field.name}`);
  const store = openFieldStore(field, tensor, nulls, decimal);
  if (field.type !== 'string') return { field, index, store: (row, text) => store.text(row, text) };
  const intern = openInterner();
  return { field, index, store: (row, text) => store.text(row, intern(text)) };
}
