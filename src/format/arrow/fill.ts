import type { Batch, TensorBuffer } from '../../batch/batch.js';
import type { Field } from '../../batch/layout.js';
import type { RejectCode, RowReject } from '../../batch/reject.js';
import { describeReject, type FieldStore } from '../../batch/store.js';
import { copyFour, FOUR, openFill, type Fill } from './fast-fill.js';
import { openFeed, type Feed } from './feed.js';
import { textReader, type WordCache } from './cell-text.js';
import { valuesAs, type Column } from './column.js';
import type { ArrowType } from './type.js';

/** Records filled for all fields before the next: so many rows of a tensor stay in the nearest cache while its columns are written across. */
const STRIP_ROWS = 128;

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
  const faults = fillStrips(inFours(fillers), records);
  // Missing values count among scored rows only.
  for (const record of faults.keys()) for (const filler of fillers) filler.forget(record);
  if (faults.size === 0) batch.acceptRun(records);
  else acceptOthers(batch, records, faults, cache, describe);
  for (const [index, filler] of fillers.entries()) batch.missing[index] = filler.missing;
}

/** A function of its own: the engine compiles the loop, and not all that is done once a batch around it. */
function fillStrips(steps: readonly Step[], records: number): Map<number, Fault> {
  const faults = new Map<number, Fault>();
  for (let from = 0; from < records; from += STRIP_ROWS) {
    const to = Math.min(from + STRIP_ROWS, records);
    for (const step of steps) step.fill(from, to, faults);
  }
  return faults;
}

/** Closes up the rows of rejected records. */
function acceptOthers(
  batch: Batch,
  records: number,
  faults: ReadonlyMap<number, Fault>,
  cache: WordCache,
  describe: (record: number) => Pick<RowReject, 'byte' | 'record'>,
): void {
  closeUp(batch, records, faults);
  for (let record = 0; record < records; record++) {
    const fault = faults.get(record);
    if (fault === undefined) batch.accept();
    else batch.reject({ row: record, line: null, ...explain(fault, record, cache), ...describe(record) });
  }
}

/** Writes the records `from` … `to - 1` of some fields. */
interface Step {
  fill(from: number, to: number, faults: Map<number, Fault>): void;
}

/** Fields that are neighbours in a float32 tensor, and come from float32 columns without nulls, go four at a time. */
function inFours(fillers: readonly Filler[]): readonly Step[] {
  const steps: Step[] = [];
  for (let index = 0; index < fillers.length;) {
    const four = openFour(fillers.slice(index, index + FOUR));
    const step = four ?? fillers[index];
    if (step !== undefined) steps.push(step);
    index += four === undefined ? 1 : FOUR;
  }
  return steps;
}

function openFour(fillers: readonly Filler[]): Four | undefined {
  const first = fillers[0]?.source;
  const values = first?.tensor.values;
  if (first === undefined || fillers.length < FOUR || !(values instanceof Float32Array)) return undefined;
  const areAlike = fillers.every(({ source: { copyable, type, column, tensor, field } }, index) => {
    const isFloat32 = type.kind === 'float' && type.bits === 32 && column.nullCount === 0;
    return copyable && isFloat32 && tensor === first.tensor && field.at === first.field.at + index;
  });
  return areAlike ? new Four(fillers, values, first) : undefined;
}

class Four implements Step {
  readonly #fillers: readonly Filler[];
  readonly #columns: readonly Float32Array[];
  readonly #out: Float32Array;
  readonly #width: number;
  readonly #at: number;

  constructor(fillers: readonly Filler[], out: Float32Array, { tensor, field }: Source) {
    this.#fillers = fillers;
    this.#columns = fillers.map(({ source }) => valuesAs(source.column, Float32Array));
    this.#out = out;
    this.#width = tensor.width;
    this.#at = field.at;
  }

  fill(from: number, to: number, faults: Map<number, Fault>): void {
    if (copyFour(this.#columns, from, to, this.#out, this.#width, this.#at)) return;
    for (const filler of this.#fillers) filler.fill(from, to, faults);
  }
}

class Filler implements Step {
  missing = 0;
  readonly source: Source;
  readonly #cache: WordCache;
  readonly #fast: Fill | undefined;
  #feed: Feed | undefined;

  constructor(source: Source, cache: WordCache) {
    this.source = source;
    this.#cache = cache;
    this.#fast = source.copyable ? openFill(source.type, source.column, source.field, source.tensor) : undefined;
  }

  fill(from: number, to: number, faults: Map<number, Fault>): void {
    const missing = this.#fast?.(from, to);
    if (missing !== undefined) {
      this.missing += missing;
      return;
    }
    const { store } = this.source;
    const feed = this.#slow();
    for (let record = from; record < to; record++) {
      const stored = feed(store, record);
      if (stored === 'stored') continue;
      if (stored === 'missing') this.missing++;
      else if (!faults.has(record)) faults.set(record, { source: this.source, code: stored });
    }
  }

  /** Takes a record's missing value out of the count: the record is rejected. */
  forget(record: number): void {
    if (this.missing > 0 && this.#slow()(this.source.store, record) === 'missing') this.missing--;
  }

  #slow(): Feed {
    const { type, column, field } = this.source;
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
