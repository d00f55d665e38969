import type { RowReject } from '../../batch/reject.js';
import { writeRows } from './quote.js';
import { PLAIN_DIALECT } from './setup.js';

/** Columns of the rejects file, in order. */
export const REJECT_COLUMNS = ['row', 'line', 'byte', 'code', 'column', 'message', 'value', 'record'] as const;

/** The header line of the rejects file: always CSV with commas, UTF-8, LF, whatever the input is. */
export function rejectsHeader(): Uint8Array {
  return Buffer.from(writeRows([REJECT_COLUMNS], PLAIN_DIALECT));
}

/** One line a reject. Positions are written as they are: make them absolute first. What is null is an empty cell. */
export function encodeRejects(rejects: readonly RowReject[]): Uint8Array {
  if (rejects.length === 0) return new Uint8Array(0);
  return Buffer.from(
    writeRows(
      rejects.map((reject) => REJECT_COLUMNS.map((column) => reject[column])),
      PLAIN_DIALECT,
    ),
  );
}
