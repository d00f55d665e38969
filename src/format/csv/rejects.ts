import type { RowReject } from '../../batch/reject.js';

/** Columns of the rejects file, in order. */
export const REJECT_COLUMNS = ['row', 'line', 'byte', 'code', 'column', 'message', 'value', 'record'] as const;

/** The header line of the rejects file: always CSV with commas, UTF-8, LF, whatever the input is. */
export function rejectsHeader(): Uint8Array {
  return Buffer.from(`${REJECT_COLUMNS.join(',')}\n`);
}

/** One line a reject. Positions are written as they are: make them absolute first. What is null is an empty cell. */
export function encodeRejects(rejects: readonly RowReject[]): Uint8Array {
  let text = '';
  for (const { row, line, byte, code, column, message, value, record } of rejects) {
    text += `${row},${line ?? ''},${byte},${code},${cell(column)},${cell(message)},${cell(value)},${cell(record)}\n`;
  }
  return Buffer.from(text);
}

/** Values that readers would split, strip, or take for a byte order mark are quoted. */
const SPECIAL = /[\r\n,"]|^[ \t\uFEFF]|[ \t]$/;

/** A record holds delimiters and is quoted nearly always, so it is done here: csv-stringify takes several times as long. */
function cell(text: string | null): string {
  if (text === null) return '';
  return SPECIAL.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
