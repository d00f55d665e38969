import { RecordTable } from './record-table.js';
import { RecordScanner } from './scan.js';
import type { CsvDecoderSetup } from './setup.js';

/** Bytes of the cells of each column, in the order of the source, over the whole records in `bytes`: delimiters and line ends are nobody's. */
export function csvColumnBytes(bytes: Uint8Array, { dialect, recordLimitBytes, columns }: CsvDecoderSetup): readonly number[] {
  const table = new RecordTable(Array.from({ length: columns }, (_, index) => index));
  table.fill(bytes, new RecordScanner({ dialect, recordLimitBytes, blankRecords: columns === 1, ranges: true }), Infinity);
  return table.keptFrom.map((from, column) => {
    let sum = 0;
    for (let record = 0; record < table.records; record++) sum += (table.keptTo[column]?.[record] ?? 0) - (from[record] ?? 0);
    return sum;
  });
}
