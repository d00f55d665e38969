import type { RecordScanner } from './scan.js';
import type { CsvDialect } from './setup.js';

const LF = 10;
const CR = 13;
/** Below this many bytes from record to quote, scanning costs less than two native searches. */
const JUMP_BYTES = 256;
/** How many line ends are asked for a proof, and how many quotes within one field are followed for it: so a hostile piece costs little more than its scan. */
const MOST_TRIES = 64;

/**
 * The position behind the last whole record of `bytes[0, filled)`, which starts at a record and goes on behind `filled`; 0 where no record or blank line is whole.
 * Where no quote stands every line end is a record's end, so plain stretches are jumped over by native searches; the records with quotes
 * are read by the scanner, beginning as late in the piece as a record is proven to start.
 */
export function lastCut(bytes: Uint8Array, filled: number, dialect: CsvDialect, scanner: RecordScanner): number {
  const piece = Buffer.from(bytes.buffer, bytes.byteOffset, filled);
  const quote = dialect.quote === '' ? -1 : dialect.quote.charCodeAt(0);
  const lastQuote = quote === -1 ? -1 : piece.lastIndexOf(quote);
  if (lastQuote === -1) return lastLine(piece, 0, filled);
  let at = provenStart(piece, lastQuote, dialect);
  for (;;) {
    const next = piece.indexOf(quote, at);
    if (next === -1) return lastLine(piece, at, filled);
    if (next - at > JUMP_BYTES) at = lastLine(piece, at, next);
    const scanned = scanner.scan(bytes, at, filled, false);
    if (scanned === 'more') return scanner.start;
    at = scanner.next;
  }
}

/** A late position of the piece at which a record is proven to start; 0, its own start, where none is. Asks the line ends in front of the last quotes. */
function provenStart(piece: Buffer, lastQuote: number, dialect: CsvDialect): number {
  const quote = dialect.quote.charCodeAt(0);
  let before = lastQuote;
  for (let tries = 0; tries < MOST_TRIES && before > 0; tries++) {
    const end = piece.lastIndexOf(LF, before - 1);
    if (end === -1) return 0;
    if (surelyEnds(piece, end, dialect)) return end + 1;
    before = piece.lastIndexOf(quote, end);
  }
  return 0;
}

/**
 * Is the LF at `end` a record's end, whatever stands before it? True is proven; false is not known.
 *
 * An LF that ends no record is text of a quoted field, in a record that breaks no rule: one that breaks a rule ends at its first physical line end, which
 * is this LF or one before. That field would go on to the next quote, and behind a closing quote stands a delimiter or a line end. So where
 * anything else stands there, no such field is, and the LF ends a record.
 */
function surelyEnds(piece: Buffer, end: number, { delimiter, quote, escape }: CsvDialect): boolean {
  const quoteByte = quote.charCodeAt(0);
  let closing = piece.indexOf(quoteByte, end + 1);
  if (escape === quote) {
    for (let doubled = 0; doubled < MOST_TRIES && closing !== -1 && piece[closing + 1] === quoteByte; doubled++) {
      closing = piece.indexOf(quoteByte, closing + 2);
    }
  } else if (piece.subarray(end, closing).includes(escape.charCodeAt(0))) {
    return false; // the quote may be escaped
  }
  const behind = closing === -1 ? undefined : piece[closing + 1];
  return behind !== undefined && ![delimiter.charCodeAt(0), LF, CR, quoteByte].includes(behind);
}

/** The position behind the last line end of `piece[from, to)` that is surely whole, `from` where there is none. */
function lastLine(piece: Buffer, from: number, to: number): number {
  const part = piece.subarray(from, to);
  const lf = part.lastIndexOf(LF);
  if (lf >= 0) return from + lf + 1;
  // A CR at the very end may be half of a CRLF.
  return from + part.subarray(0, -1).lastIndexOf(CR) + 1;
}
