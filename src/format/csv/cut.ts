import type { RecordScanner } from './scan.js';
import type { CsvDialect } from './setup.js';

const LF = 10;
const CR = 13;
/** Below this many bytes from record to quote, scanning costs less than two native searches. */
const JUMP_BYTES = 256;

/**
 * The position behind the last whole record of `bytes[0, filled)`, which starts at a record and goes on behind `filled`; 0 where no record or blank line is whole.
 * Where no quote stands every line end is a record's end, so plain stretches are jumped over by native searches; the records with quotes
 * are read by the scanner.
 */
export function lastCut(bytes: Uint8Array, filled: number, dialect: CsvDialect, scanner: RecordScanner): number {
  const piece = Buffer.from(bytes.buffer, bytes.byteOffset, filled);
  const quote = dialect.quote === '' ? -1 : dialect.quote.charCodeAt(0);
  let at = 0;
  for (;;) {
    const next = quote === -1 ? -1 : piece.indexOf(quote, at);
    if (next === -1) return lastLine(piece, at, filled);
    if (next - at > JUMP_BYTES) at = lastLine(piece, at, next);
    const scanned = scanner.scan(bytes, at, filled, false);
    if (scanned === 'more') return scanner.start;
    at = scanner.next;
  }
}

/** The position behind the last line end of `piece[from, to)` that is surely whole, `from` where there is none. */
function lastLine(piece: Buffer, from: number, to: number): number {
  const part = piece.subarray(from, to);
  const lf = part.lastIndexOf(LF);
  if (lf >= 0) return from + lf + 1;
  // A CR at the very end may be half of a CRLF.
  return from + part.subarray(0, -1).lastIndexOf(CR) + 1;
}
