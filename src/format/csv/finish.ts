import type { RecordFault } from './faults.js';
import type { CsvReader } from './reader.js';
import type { RecordTable } from './record-table.js';

/** Where a record stands in its chunk, and its raw text: of one beyond the limit, as much as the limit allows. */
export function locateRecord(
  table: RecordTable,
  bytes: Uint8Array,
  record: number,
  recordLimitBytes: number,
): { readonly line: number; readonly byte: number; readonly record: string } {
  const from = table.start(record);
  const to = Math.min(table.end(record), from + recordLimitBytes);
  return { line: table.linesBefore(record), byte: from, record: Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('utf8') };
}

/** Ends the record in hand, which the table has already: a row of the tensors, or a reject. */
export function finishRecord(
  { batch, table }: CsvReader,
  bytes: Uint8Array,
  record: number,
  fault: RecordFault | undefined,
  recordLimitBytes: number,
): void {
  if (fault === undefined) batch.accept();
  else batch.reject({ row: record, ...fault, ...locateRecord(table, bytes, record, recordLimitBytes) });
}
