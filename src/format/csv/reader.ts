import type { Batch } from '../../batch/batch.js';
import type { RecordTable } from './record-table.js';

/**
 * Reads the records of chunks into one batch and one table. There are two, which agree on every value, null, reject and kept byte: the byte reader takes cells straight from
 * bytes to tensors, the text reader lets csv-parse make a text of each.
 */
export interface CsvReader {
  /** Fills batch and table, both empty before, with the records of `bytes`, whole records all of them; with the first `most` at most. */
  read(bytes: Uint8Array, most: number): void;
  readonly batch: Batch;
  readonly table: RecordTable;
}
