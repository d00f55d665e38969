import type { Fault, RecordScanner } from './scan.js';

const FAULTS: readonly (Fault | undefined)[] = [undefined, 'bad-quote', 'unclosed-quote', 'record-too-long'];
const NUMBERS = 5;

/**
 * Where the records of a chunk stand, and the byte ranges of the cells that are kept; its arrays grow and are used again. Records count from 0 in the chunk.
 */
export class RecordTable {
  records = 0;
  /** Physical lines so far, blank ones included. */
  lines = 0;
  /** By kept column: ranges of the raw cells, by record; empty where the record has no such field. */
  readonly keptFrom: Uint32Array<ArrayBuffer>[];
  readonly keptTo: Uint32Array<ArrayBuffer>[];
  readonly #kept: readonly number[];
  /** Five numbers a record: start, end, next, lines before, fields << 2 | fault. */
  #numbers = new Uint32Array(0);

  /** `kept` are positions of columns in the source. */
  constructor(kept: readonly number[]) {
    this.#kept = kept;
    this.keptFrom = kept.map(() => new Uint32Array(0));
    this.keptTo = kept.map(() => new Uint32Array(0));
  }

  /** Fills the table with the records of `bytes`, all of them whole; with the first `most` at most. */
  fill(bytes: Uint8Array, scanner: RecordScanner, most: number): void {
    this.reset(0);
    let at = 0;
    while (this.records < most) {
      const scanned = scanner.scan(bytes, at, bytes.length, true);
      this.lines += scanner.blankLines;
      if (scanned !== 'record') break;
      this.addScanned(scanner);
      at = scanner.next;
    }
  }

  /** Empties the table and makes room for `records` at least. */
  reset(records: number): void {
    this.records = 0;
    this.lines = 0;
    this.reserve(records);
  }

  /** Makes room for `records` at least; replaces the arrays of ranges. */
  reserve(records: number): void {
    const capacity = this.#numbers.length / NUMBERS;
    if (records > capacity) this.#grow(Math.max(records, 1024, capacity * 2));
  }

  /** Adds a well-formed record of `fields` fields, whose kept ranges stand in place already. Without room for it nothing is noted: `reserve` comes first. */
  add(start: number, end: number, next: number, lines: number, fields: number): void {
    this.#note(start, end, next, fields << 2);
    this.lines += lines;
  }

  /** Adds the record that the scanner has just read. */
  addScanned(scanner: RecordScanner): void {
    const record = this.records;
    this.reserve(record + 1);
    for (let kept = 0; kept < this.#kept.length; kept++) {
      const column = this.#kept[kept] ?? 0;
      const has = column < scanner.fields;
      (this.keptFrom[kept] as Uint32Array)[record] = has ? (scanner.from[column] ?? 0) : 0;
      (this.keptTo[kept] as Uint32Array)[record] = has ? (scanner.to[column] ?? 0) : 0;
    }
    this.#note(scanner.start, scanner.end, scanner.next, (scanner.fields << 2) | FAULTS.indexOf(scanner.fault));
    this.lines += scanner.lines;
  }

  start(record: number): number {
    return this.#numbers[record * NUMBERS] ?? 0;
  }

  /** The end of the record without its line end. */
  end(record: number): number {
    return this.#numbers[record * NUMBERS + 1] ?? 0;
  }

  /** The first byte behind its line end. */
  next(record: number): number {
    return this.#numbers[record * NUMBERS + 2] ?? 0;
  }

  /** Physical lines of the chunk before the record. */
  linesBefore(record: number): number {
    return this.#numbers[record * NUMBERS + 3] ?? 0;
  }

  fields(record: number): number {
    return (this.#numbers[record * NUMBERS + 4] ?? 0) >>> 2;
  }

  fault(record: number): Fault | undefined {
    return FAULTS[(this.#numbers[record * NUMBERS + 4] ?? 0) & 3];
  }

  /** Has the record the raw cell of kept column `kept` (by its place among the kept ones)? */
  hasKept(kept: number, record: number): boolean {
    return (this.#kept[kept] ?? Infinity) < this.fields(record);
  }

  #note(start: number, end: number, next: number, fieldsAndFault: number): void {
    const at = this.records++ * NUMBERS;
    const numbers = this.#numbers;
    numbers[at] = start;
    numbers[at + 1] = end;
    numbers[at + 2] = next;
    numbers[at + 3] = this.lines;
    numbers[at + 4] = fieldsAndFault;
  }

  #grow(capacity: number): void {
    this.#numbers = grown(this.#numbers, capacity * NUMBERS);
    for (const ranges of [this.keptFrom, this.keptTo]) ranges.forEach((array, kept) => (ranges[kept] = grown(array, capacity)));
  }
}

function grown(array: Uint32Array, length: number): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(length);
  larger.set(array);
  return larger;
}
