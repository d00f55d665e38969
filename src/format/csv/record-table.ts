import type { RecordScanner, Fault } from './scan.js';

const FAULTS: readonly (Fault | undefined)[] = [undefined, 'bad-quote', 'unclosed-quote', 'record-too-long'];
const COLUMNS = 5;

/**
 * The records of a chunk as the scanner finds them, and the byte ranges of the cells that are kept; its arrays grow and are used again. Records count from 0 in the chunk.
 */
export class RecordTable {
  records = 0;
  /** Physical lines of the chunk, blank ones included. */
  lines = 0;
  /** By kept column: ranges of the raw cells, by record; empty where the record has no such field. */
  readonly keptFrom: Uint32Array<ArrayBuffer>[];
  readonly keptTo: Uint32Array<ArrayBuffer>[];
  readonly #kept: readonly number[];
  /** Five numbers a record: start, end, next, lines before, fields << 2 | fault. */
  #cells = new Uint32Array(0);

  /** `kept` are positions of columns in the source. */
  constructor(kept: readonly number[]) {
    this.#kept = kept;
    this.keptFrom = kept.map(() => new Uint32Array(0));
    this.keptTo = kept.map(() => new Uint32Array(0));
  }

  /** Fills the table with the records of `bytes`, all of them whole; with the first `most` at most. */
  fill(bytes: Uint8Array, scanner: RecordScanner, most: number): void {
    this.records = 0;
    this.lines = 0;
    let at = 0;
    while (this.records < most) {
      const scanned = scanner.scan(bytes, at, bytes.length, true);
      this.lines += scanner.blankLines;
      if (scanned !== 'record') break;
      this.#add(scanner);
      this.lines += scanner.lines;
      at = scanner.next;
    }
  }

  start(record: number): number {
    return this.#cells[record * COLUMNS] ?? 0;
  }

  /** The end of the record without its line end. */
  end(record: number): number {
    return this.#cells[record * COLUMNS + 1] ?? 0;
  }

  /** The first byte behind its line end. */
  next(record: number): number {
    return this.#cells[record * COLUMNS + 2] ?? 0;
  }

  /** Physical lines of the chunk before the record. */
  linesBefore(record: number): number {
    return this.#cells[record * COLUMNS + 3] ?? 0;
  }

  fields(record: number): number {
    return (this.#cells[record * COLUMNS + 4] ?? 0) >>> 2;
  }

  fault(record: number): Fault | undefined {
    return FAULTS[(this.#cells[record * COLUMNS + 4] ?? 0) & 3];
  }

  /** Has the record the raw cell of kept column `kept` (by its place among the kept ones)? */
  hasKept(kept: number, record: number): boolean {
    return (this.#kept[kept] ?? Infinity) < this.fields(record);
  }

  #add(scanner: RecordScanner): void {
    const record = this.records++;
    const at = record * COLUMNS;
    if (at === this.#cells.length) this.#grow();
    this.#cells[at] = scanner.start;
    this.#cells[at + 1] = scanner.end;
    this.#cells[at + 2] = scanner.next;
    this.#cells[at + 3] = this.lines;
    this.#cells[at + 4] = (scanner.fields << 2) | FAULTS.indexOf(scanner.fault);
    for (const [kept, column] of this.#kept.entries()) {
      const has = column < scanner.fields;
      const from = this.keptFrom[kept];
      const to = this.keptTo[kept];
      if (from !== undefined) from[record] = has ? (scanner.from[column] ?? 0) : 0;
      if (to !== undefined) to[record] = has ? (scanner.to[column] ?? 0) : 0;
    }
  }

  #grow(): void {
    const capacity = Math.max(1024, (this.#cells.length / COLUMNS) * 2);
    this.#cells = grown(this.#cells, capacity * COLUMNS);
    for (const ranges of [this.keptFrom, this.keptTo]) ranges.forEach((array, kept) => (ranges[kept] = grown(array, capacity)));
  }
}

function grown(array: Uint32Array, length: number): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(length);
  larger.set(array);
  return larger;
}
