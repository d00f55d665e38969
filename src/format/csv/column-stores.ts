import type { Batch } from '../../batch/batch.js';
import type { Field, Layout } from '../../batch/layout.js';
import type { Decimal } from '../../batch/number.js';
import { describeReject, openFieldStore, openNulls, type FieldStore, type NullTexts, type Stored } from '../../batch/store.js';
import { DefectError } from '../../errors/errors.js';
import type { RecordFault } from './faults.js';
import { openInterner } from './intern.js';
import type { CsvDecoderSetup } from './setup.js';

interface BoundField {
  readonly field: Field;
  /** Its place in the layout. */
  readonly index: number;
  readonly text: FieldStore['text'];
}

/** The fields of a batch by the source column that feeds them: how a cell's text becomes values. */
export class ColumnStores {
  readonly #batch: Batch;
  readonly #decimal: Decimal;
  /** By source column; most have one field or none. */
  readonly #columns: readonly (readonly BoundField[])[];

  constructor(setup: Pick<CsvDecoderSetup, 'columns' | 'nullValues' | 'decimal'>, layout: Layout, batch: Batch) {
    this.#batch = batch;
    this.#decimal = setup.decimal ?? '.';
    const nullsOf = openNulls(setup.nullValues, this.#decimal);
    const columns = Array.from({ length: setup.columns }, (): BoundField[] => []);
    layout.fields.forEach((field, index) => columns[field.column]?.push(this.#bind(field, index, nullsOf(field))));
    this.#columns = columns;
  }

  /** Writes a cell at row `batch.rows` of every field of its column and notes what is missing; gives the fault that keeps the record from being scored. */
  store(column: number, text: string): RecordFault | undefined {
    for (const bound of this.#columns[column] ?? []) {
      const fault = this.#note(bound, bound.text(this.#batch.rows, text), text);
      if (fault !== undefined) return fault;
    }
    return undefined;
  }

  #note({ field, index }: BoundField, stored: Stored, text: string): RecordFault | undefined {
    if (stored === 'stored') return undefined;
    if (stored !== 'missing') return { code: stored, column: field.name, message: describeReject(stored, field, text, this.#decimal), value: text };
    this.#batch.noteMissing(index);
    return undefined;
  }

  #bind(field: Field, index: number, nulls: NullTexts): BoundField {
    const tensor = this.#batch.tensors[field.tensor];
    if (tensor === undefined) throw new DefectError(`the layout has no tensor ${field.tensor} for the column ${field.name}`);
    const store = openFieldStore(field, tensor, nulls, this.#decimal);
    if (field.type !== 'string') return { field, index, text: (row, text) => store.text(row, text) };
    const intern = openInterner();
    return { field, index, text: (row, text) => store.text(row, intern(text)) };
  }
}
