import type { Batch, TensorBuffer } from '../../batch/batch.js';
import type { Field } from '../../batch/layout.js';
import type { RejectCode, RowReject } from '../../batch/reject.js';
import { describeReject, type FieldStore } from '../../batch/store.js';
import { openFill, type Fill } from './fast-fill.js';
import { openFeed, type Feed } from './feed.js';
import { textReader, type WordCache } from './cell-text.js';
import type { Column } from './column.js';
import type { ArrowType } from './type.js';

/** Records filled for all fields before the next: so many rows of a wide tensor stay in the cache while its columns are written across. */
const STRIP_ROWS = 512;

/** A field with its source column and its place. */
export interface Source {
  readonly field: Field;
  readonly type: ArrowType;
  readonly column: Column;
  readonly tensor: TensorBuffer;
  readonly store: FieldStore;
  /** No number stands for a missing value: each may be copied unseen. */
  readonly copyable: boolean;
}

interface Fault {
  readonly source: Source;
  readonly code: RejectCode;
}

/**
 * Fills the tensors of a batch, column by column, each record at first at the row of its own number; then closes up the rows of rejected records. The
 * first field at fault, in the layout's order, names the reject. `describe` gives where a record stands, and its text.
 */
export function fillBatch(
  batch: Batch,
  records: number,
  sources: readonly Source[],
  cache: WordCache,
  describe: (record: number) => Pick<RowReject, 'byte' | 'record'>,
): void {
  const fillers = sources.map((source) => new Filler(source, cache));
  const faults = new Map<number, Fault>();
  for (let from = 0; from < records; from += STRIP_ROWS) {
    const to = Math.min(from + STRIP_ROWS, records);
    for (const filler of fillers) filler.fill(from, to, faults);
  }
  // Missing values count among scored rows only.
  for (const record of faults.keys()) for (const filler of fillers) filler.forget(record);
  closeUp(batch, records, faults);
  for (let record = 0; record < records; record++) {
    const fault = faults.size === 0 ? undefined : faults.get(record);
    if (fault === undefined) batch.accept();
    else batch.reject({ row: record, line: null, ...explain(fault, record, cache), ...describe(record) });
  }
  for (const [index, filler] of fillers.entries()) batch.missing[index] = filler.missing;
}

class Filler {
  missing = 0;
  readonly #source: Source;
  readonly #cache: WordCache;
  readonly #fast: Fill | undefined;
  #feed: Feed | undefined;

  constructor(source: Source, cache: WordCache) {
    this.#source = source;
    this.#cache = cache;
    this.#fast = source.copyable ? openFill(source.type, source.column, source.field, source.tensor) : undefined;
  }

  fill(from: number, to: number, faults: Map<number, Fault>): void {
    const missing = this.#fast?.(from, to);
    if (missing !== undefined) {
      this.missing += missing;
      return;
    }
    const { store } = this.#source;
    const feed = this.#slow();
    for (let record = from; record < to; record++) {
      const stored = feed(store, record);
      if (stored === 'stored') continue;
      if (stored === 'missing') this.missing++;
      else if (!faults.has(record)) faults.set(record, { source: this.#source, code: stored });
    }
  }

  /** Takes a record's missing value out of the count: the record is rejected. */
  forget(record: number): void {
    if (this.missing > 0 && this.#slow()(this.#source.store, record) === 'missing') this.missing--;
  }

  #slow(): Feed {
    const { type, column, field } = this.#source;
    this.#feed ??= openFeed(type, column, field.type === 'string', this.#cache);
    return this.#feed;
  }
}

function explain(
  { source, code }: Fault,
  record: number,
  cache: WordCache,
): { code: RejectCode; column: string; message: string; value: string | null } {
  const value = textReader(source.type, source.column, cache)(record);
  return { code, column: source.field.name, message: describeReject(code, source.field, value), value };
}

/** Moves the rows behind rejected ones forward, run by run, so that the tensors hold accepted rows only. */
function closeUp(batch: Batch, records: number, faults: ReadonlyMap<number, unknown>): void {
  if (faults.size === 0) return;
  const cuts = [...faults.keys()].sort((a, b) => a - b);
  let target = cuts[0] ?? 0;
  for (const [index, cut] of cuts.entries()) {
    const from = cut + 1;
    const to = cuts[index + 1] ?? records;
    for (const { values, width } of batch.tensors) values.copyWithin(target * width, from * width, to * width);
    target += to - from;
  }
}
