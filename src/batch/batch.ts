import { allocate, type ElementArray, type ElementType } from './element.js';
import type { Layout } from './layout.js';
import type { RejectCode, RowReject } from './reject.js';
import { UnseenTexts } from './unseen-texts.js';

/** In `Batch.slots`: this record has no row in the tensors. */
export const REJECTED = -1;

/** What is wrong with one cell of a row. */
export type CellFault = Pick<RowReject, 'code' | 'column' | 'message' | 'value'>;

/** A buffer for one model input, row-major `[capacity, width]`; rows 0 … `Batch.rows - 1` are filled. */
export interface TensorBuffer {
  readonly type: ElementType;
  readonly width: number;
  /** As `TensorShape.codes`. */
  readonly codes?: readonly string[];
  /** Of a coded tensor whose unseen texts are asked for: they have codes of their own, which `RowRules` takes out while the model scores. */
  readonly unseen?: UnseenTexts;
  values: ElementArray;
}

/**
 * A source column that is copied to the output. An encoder of the same format as the source uses `native`; every other uses `text`.
 * Both are by record of the chunk (rejected ones too), not by tensor row. Valid until the next decode.
 */
export interface KeptColumn {
  readonly name: string;
  /** The value of a record as text, null where it is null. Throws nothing; a record that has no such field gives null. */
  text(record: number): string | null;
  /** The column in the source format's own form. */
  readonly native: NativeColumn;
}

/** CSV: byte ranges of raw cells (quotes included) in `bytes`; an absent field is an empty range. Arrow: the column as its room reads it. */
export type NativeColumn =
  | { readonly format: 'csv'; readonly bytes: Uint8Array; readonly from: Uint32Array; readonly to: Uint32Array }
  | { readonly format: 'arrow'; readonly vector: unknown };

/**
 * The typed columns of one chunk: what a decoder fills, checks look at, the scorer runs and an encoder writes out again. One per worker, its
 * buffers are used again for every chunk.
 *
 * A decoder goes record by record: write the fields of a record at row `rows`, then `accept()`; or `reject(...)` and go on, so that the
 * next record overwrites what was written. Thus the tensors hold scored rows only, densely, and `slots` says which record each came from.
 */
export class Batch {
  readonly layout: Layout;
  readonly tensors: readonly TensorBuffer[];
  /** Records decoded so far, rejected ones included. */
  records = 0;
  /** Rows in the tensors. */
  rows = 0;
  /** For each record its row in the tensors, or REJECTED. Only the first `records` are meaningful. */
  slots: Int32Array;
  /** By field of the layout: missing values among the rows in the tensors. */
  readonly missing: Uint32Array;
  /** Positions relative to the chunk: `row` is the record's index in it, `line` the lines before it in the chunk. */
  rejects: RowReject[] = [];
  kept: readonly KeptColumn[] = [];
  /** Physical lines that the chunk spans. */
  lines = 0;
  #capacity = 0;
  /** Fields that are missing in the record in hand; the first `#missingCount` are meaningful. */
  readonly #missingNow: Int32Array;
  #missingCount = 0;
  /** Values that look missing and were not: row * fields + field. */
  readonly #madeMissing = new Set<number>();

  /** `unseen`: coded tensors tell texts that they do not know from each other. */
  constructor(layout: Layout, { unseen = false }: { readonly unseen?: boolean } = {}) {
    this.layout = layout;
    this.tensors = layout.tensors.map((shape) => ({
      ...shape,
      ...(unseen && shape.codes !== undefined ? { unseen: new UnseenTexts(shape.codes.length) } : {}),
      values: allocate(shape.type, 0),
    }));
    this.slots = new Int32Array(0);
    this.missing = new Uint32Array(layout.fields.length);
    this.#missingNow = new Int32Array(layout.fields.length);
  }

  /** Records that fit in before `reserve` must be called. */
  get capacity(): number {
    return this.#capacity;
  }

  /** Empties the batch and makes room for `records` rows in every tensor. */
  reset(records: number): void {
    this.records = 0;
    this.rows = 0;
    this.rejects = [];
    this.kept = [];
    this.lines = 0;
    this.missing.fill(0);
    this.#missingCount = 0;
    this.#madeMissing.clear();
    for (const { unseen } of this.tensors) unseen?.forgetFleeting();
    if (records > this.#capacity) this.#allocate(records);
  }

  /** Makes room for `records` rows and keeps what was decoded so far. Replaces the arrays of the tensors and `slots`. */
  reserve(records: number): void {
    if (records <= this.#capacity) return;
    const { slots } = this;
    const filled = this.tensors.map(({ values }) => values);
    this.#allocate(records);
    this.slots.set(slots);
    this.tensors.forEach((tensor, index) => copyInto(tensor.values, filled[index] ?? []));
  }

  #allocate(records: number): void {
    this.#capacity = records;
    this.slots = new Int32Array(records);
    for (const tensor of this.tensors) tensor.values = allocate(tensor.type, records * tensor.width);
  }

  /** Every record so far has a row, which is the one of its own number. */
  get isWhole(): boolean {
    return this.rejects.length === 0;
  }

  /** Missing values noted so far of the record in hand. */
  get missingInHand(): number {
    return this.#missingCount;
  }

  /** Notes that field `field` of the record in hand is missing; counted if the record is accepted. */
  noteMissing(field: number): void {
    this.#missingNow[this.#missingCount++] = field;
  }

  /** The record in hand is whole: it becomes row `rows` of the tensors. */
  accept(): void {
    this.slots[this.records++] = this.rows++;
    for (; this.#missingCount > 0; this.#missingCount--) (this.missing[this.#missingNow[this.#missingCount - 1] as number] as number)++;
  }

  /** So many records, each whole, become the next rows. A decoder that goes by columns counts what is missing in them itself. */
  acceptRun(records: number): void {
    const { slots } = this;
    for (const end = this.records + records; this.records < end; this.records++) slots[this.records] = this.rows++;
  }

  /** The record in hand is read again from its first field: nothing of it is missing yet. */
  retry(): void {
    this.#missingCount = 0;
  }

  /** The record in hand is not scored; `reject.row` must be the current `records`. */
  reject(reject: RowReject): void {
    this.slots[this.records++] = REJECTED;
    this.rejects.push(reject);
    this.#missingCount = 0;
  }

  /** A value of an accepted row was made a missing one: it does not count as missing. */
  noteMadeMissing(row: number, field: number): void {
    this.#madeMissing.add(row * this.layout.fields.length + field);
  }

  /**
   * Takes rows out of the tensors' meaning after they were accepted, with the reason: their records become rejects, their places in the result columns stay
   * unused, and what was missing in them is counted no more. A reason that is a text is that of the whole record.
   */
  rejectRows(
    code: RejectCode,
    rows: ReadonlyMap<number, string | CellFault>,
    describe: (record: number) => Pick<RowReject, 'line' | 'byte' | 'record'>,
  ): void {
    for (let record = 0; record < this.records; record++) {
      const row = this.slots[record] ?? REJECTED;
      const reason = rows.get(row);
      if (reason === undefined) continue;
      this.slots[record] = REJECTED;
      this.#forgetMissing(row);
      const fault = typeof reason === 'string' ? { code, column: null, message: reason, value: null } : reason;
      this.rejects.push({ row: record, ...fault, ...describe(record) });
    }
    this.rejects.sort((a, b) => a.row - b.row);
  }

  /** The records that have a row in the tensors, in order. */
  acceptedRecords(): Uint32Array {
    const accepted = new Uint32Array(this.records);
    let length = 0;
    for (let record = 0; record < this.records; record++) if (this.slots[record] !== REJECTED) accepted[length++] = record;
    return accepted.subarray(0, length);
  }

  /**
   * What a missing value became tells where one was; a value of a contract's is not told from data, and stays counted. A NaN that was written where other texts
   * are the null values looks as if it had been missing: so no count goes below 0.
   */
  #forgetMissing(row: number): void {
    this.layout.fields.forEach(({ tensor, at, onMissing }, field) => {
      const buffer = this.tensors[tensor];
      const value = buffer?.values[row * buffer.width + at];
      const isNaN = buffer?.type === 'float16' ? (Number(value) & 0x7fff) > 0x7c00 : value !== value;
      const isEmpty = buffer?.codes === undefined ? value === '' : Number(value) === buffer.codes.indexOf('');
      const looksMissing =
        ((onMissing.kind === 'nan' && isNaN) || (onMissing.kind === 'empty' && isEmpty)) &&
        !this.#madeMissing.has(row * this.layout.fields.length + field);
      if (looksMissing && (this.missing[field] ?? 0) > 0) this.missing[field] = (this.missing[field] ?? 0) - 1;
    });
  }
}

/** Copies all of `from` to the start of `into`, an array of the same type that is no shorter. */
function copyInto(into: ElementArray, from: ElementArray): void {
  if (!Array.isArray(into)) return into.set(from as never);
  for (let index = 0; index < from.length; index++) into[index] = from[index] as string;
}
