import type { RejectCode } from '../../batch/reject.js';
import type { CsvDialect } from './setup.js';

const LF = 10;
const CR = 13;
/** No byte is this number: compares false with every byte. */
export const NO_BYTE = 256;

/** What `scan` found: a record, nothing but blank lines to the end, or a record that needs more bytes. */
export type Scanned = 'record' | 'end' | 'more';

/** Why a record breaks the grammar. */
export type Fault = Extract<RejectCode, 'bad-quote' | 'unclosed-quote' | 'record-too-long'>;

export interface ScanOptions {
  readonly dialect: CsvDialect;
  /** Longest record without its line end. */
  readonly recordLimitBytes: number;
  /** In a one-column file a blank line is a record, elsewhere it is skipped. */
  readonly blankRecords: boolean;
  /** Note the byte range of each field. */
  readonly ranges: boolean;
}

/**
 * The one grammar of CSV records (`docs/csv.md`), for splitter, decoder and accounting alike; reads bytes and makes no strings. After `scan` says
 * `record`, the fields below describe it, until the next call.
 *
 * A record's fate hangs on nothing but its own first `recordLimitBytes` bytes and its first physical line: so it is the same however the bytes
 * were cut, as long as each piece starts at a record and ends behind one. That is why a rule broken beyond the first line is always an
 * unclosed quote: a piece that was cut behind that line sees no more than an open quote.
 */
export class RecordScanner {
  /**
   * First byte of the record, its end without line end, and the first byte behind the line end. `start` is set for `more` and `end`, too: behind the blank
   * lines.
   */
  start = 0;
  end = 0;
  next = 0;
  /** Blank lines skipped before the record (or before the end). */
  blankLines = 0;
  /** Physical lines of the record. */
  lines = 0;
  /** Number of fields; 0 for a record at fault. */
  fields = 0;
  fault: Fault | undefined = undefined;
  /** Ranges of the raw fields, quotes included; the first `fields` are meaningful, and only where `ranges` was asked for. */
  from = new Uint32Array(64);
  to = new Uint32Array(64);

  readonly #delimiter: number;
  readonly #quote: number;
  readonly #escape: number;
  readonly #limit: number;
  readonly #blankRecords: boolean;
  readonly #ranges: boolean;
  /** 1 for the bytes that end an unquoted run: delimiter, quote, LF, CR. */
  readonly #special = new Uint8Array(256);

  constructor({ dialect, recordLimitBytes, blankRecords, ranges }: ScanOptions) {
    this.#delimiter = dialect.delimiter.charCodeAt(0);
    this.#quote = dialect.quote === '' ? NO_BYTE : dialect.quote.charCodeAt(0);
    this.#escape = dialect.quote === '' ? NO_BYTE : dialect.escape.charCodeAt(0);
    this.#limit = recordLimitBytes;
    this.#blankRecords = blankRecords;
    this.#ranges = ranges;
    for (const byte of [this.#delimiter, this.#quote, LF, CR]) if (byte !== NO_BYTE) this.#special[byte] = 1;
  }

  /** Reads the record that starts at `at`. `final` says that no bytes come after `to`; without it a record that may go on is `more`. */
  scan(bytes: Uint8Array, at: number, to: number, final: boolean): Scanned {
    this.blankLines = 0;
    this.fault = undefined;
    let start = at;
    while (!this.#blankRecords && start < to && (bytes[start] === LF || bytes[start] === CR)) {
      this.start = start;
      const next = lineEnd(bytes, start, to, final);
      if (next === -1) return 'more';
      start = next;
      this.blankLines++;
    }
    this.start = start;
    this.next = start;
    if (start >= to) return 'end';
    return this.#record(bytes, start, to, final);
  }

  #record(bytes: Uint8Array, start: number, to: number, final: boolean): Scanned {
    const limit = start + this.#limit;
    const bound = to < limit ? to : limit;
    const delimiter = this.#delimiter;
    const quote = this.#quote;
    const special = this.#special;
    this.fields = 0;
    this.lines = 1;
    let at = start;
    let field = start;
    for (;;) {
      if (at < bound && bytes[at] === quote) {
        at = this.#closingQuote(bytes, at + 1, bound);
        if (at >= bound) return at >= to ? this.#openEnd(bytes, to, final) : this.#broken(bytes, to, final, 'unclosed-quote', at);
        at++;
      } else {
        while (at < bound && special[bytes[at] as number] === 0) at++;
      }
      // At the limit only a line end may follow; the byte there decides whether it does.
      const byte = at < to ? (bytes[at] as number) : -1;
      if (byte === -1 && !final) return 'more';
      if (byte === -1 || byte === LF || byte === CR) {
        this.#addField(field, at);
        return this.#ended(bytes, at, to, final);
      }
      if (at >= limit)
        return this.#broken(
          bytes,
          to,
          final,
          byte === quote && bytes[at - 1] === quote && this.#escape === quote ? 'unclosed-quote' : 'record-too-long',
          at,
        );
      if (byte !== delimiter) return this.#broken(bytes, to, final, 'bad-quote', at);
      this.#addField(field, at);
      field = ++at;
    }
  }

  /** Where the quoted field ends whose content starts at `at`: the position of its closing quote, `bound` or more where there is none before. Counts lines. */
  #closingQuote(bytes: Uint8Array, at: number, bound: number): number {
    const quote = this.#quote;
    const escape = this.#escape;
    for (; at < bound; at++) {
      const byte = bytes[at];
      if (byte === quote) {
        if (escape !== quote || bytes[at + 1] !== quote || at + 1 >= bound) return at;
        at++;
      } else if (byte === escape) {
        at++;
        if (at < bound && (bytes[at] === LF || bytes[at] === CR)) this.#countLine(bytes, at);
      } else if (byte === LF || byte === CR) {
        this.#countLine(bytes, at);
      }
    }
    return at;
  }

  /** A line ends at an LF, or at a CR that no LF follows. */
  #countLine(bytes: Uint8Array, at: number): void {
    if (bytes[at] === LF || bytes[at + 1] !== LF) this.lines++;
  }

  #addField(from: number, to: number): void {
    if (this.#ranges) {
      if (this.fields === this.from.length) {
        this.from = doubled(this.from);
        this.to = doubled(this.to);
      }
      this.from[this.fields] = from;
      this.to[this.fields] = to;
    }
    this.fields++;
  }

  #ended(bytes: Uint8Array, at: number, to: number, final: boolean): Scanned {
    const next = at < to ? lineEnd(bytes, at, to, final) : to;
    if (next === -1) return 'more';
    this.end = at;
    this.next = next;
    return 'record';
  }

  /** The bytes end within quotes. */
  #openEnd(bytes: Uint8Array, to: number, final: boolean): Scanned {
    return final ? this.#broken(bytes, to, final, 'unclosed-quote', to) : 'more';
  }

  /** The record breaks the grammar at `where`: it ends with its first physical line. */
  #broken(bytes: Uint8Array, to: number, final: boolean, fault: Fault, where: number): Scanned {
    let end = this.start;
    while (end < to && bytes[end] !== LF && bytes[end] !== CR) end++;
    if (end === to && !final) return 'more';
    this.fault = end < where ? 'unclosed-quote' : fault;
    this.fields = 0;
    this.lines = 1;
    return this.#ended(bytes, end, to, final);
  }
}

/** The position behind the line end at `at`; -1 where the next byte decides and is not there yet. */
function lineEnd(bytes: Uint8Array, at: number, to: number, final: boolean): number {
  if (bytes[at] === LF) return at + 1;
  if (at + 1 < to) return bytes[at + 1] === LF ? at + 2 : at + 1;
  return final ? at + 1 : -1;
}

function doubled(array: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const grown = new Uint32Array(array.length * 2);
  grown.set(array);
  return grown;
}
