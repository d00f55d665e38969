import type { Batch, CellFault, TensorBuffer } from '../batch/batch.js';
import type { Expected, Field, Layout, ValueRule } from '../batch/layout.js';
import type { RowReject } from '../batch/reject.js';
import { nullTexts, openFieldStore, whyNotMissing, type FieldStore } from '../batch/store.js';
import { TextRowsList, type TextRows } from '../profile/text-rows.js';
import type { TensorRanges } from './range-table.js';
import { rangeText } from '../batch/value-type.js';
import type { Oddity } from './text-judge.js';
import { openReaders, type RawValue, type ValueReader } from './value-reader.js';

/** What was not as expected among the scored rows, by field of the layout. Plain data. */
export interface RuleCounts {
  /** Rows with a category that is not known. */
  readonly unseen: Float64Array;
  /** Rows with a number outside the range. */
  readonly outOfRange: Float64Array;
  /** Rows with a value that is not of the type. */
  readonly wrongType: Float64Array;
  /** By field: the unseen categories, row by row. */
  readonly unseenTexts: Map<number, TextRows>;
}

export function emptyRuleCounts({ fields }: Layout): RuleCounts {
  const none = (): Float64Array => new Float64Array(fields.length);
  return { unseen: none(), outOfRange: none(), wrongType: none(), unseenTexts: new Map() };
}

/** Has the layout a field of which something is expected? */
export function hasRules({ fields }: Layout): boolean {
  return fields.some(({ expected }) => expected !== undefined);
}

/** Has it coded tensors? Which texts they have no code for is to be told where texts are profiled. */
export function hasCodes({ tensors }: Layout): boolean {
  return tensors.some(({ codes }) => codes !== undefined);
}

/** A field of which something is expected, or whose unseen texts have codes of their own, and one way to look at it. */
interface Watched {
  readonly field: Field;
  readonly index: number;
  readonly expected: Expected | undefined;
  readonly tensor: TensorBuffer;
  readonly store: FieldStore;
  readonly reader: ValueReader;
}

/** A value that was not as expected, or that the graph has no code for, in a row that may yet be rejected. */
interface Seen {
  readonly row: number;
  readonly watched: Watched;
  /** undefined: it only has no code. */
  readonly oddity: Oddity | undefined;
  readonly before: RawValue;
  /** Of an unseen category. */
  readonly text: string;
}

const REJECTED_BY = { unseen: 'unseen-category', outOfRange: 'outside-range', wrongType: 'wrong-type' } as const;

/** Writes values of the contract's: none of them means "missing". */
const NO_NULLS = { ...nullTexts(), numeric: new Set<string>() };

/**
 * Holds the values of a batch against what is expected of them, after it was decoded and before it is scored, and does what the rules say. The values are looked at in the tensors,
 * so that it is all one whichever decoder wrote them. Once the model has scored, `restore` puts back what came in: it is the input that is profiled, not what was made of it.
 */
export class RowRules {
  readonly #batch: Batch;
  readonly #watched: readonly Watched[];
  #seen: Seen[] = [];

  /** @param batch whose coded tensors tell unseen texts from each other. */
  constructor(batch: Batch) {
    this.#batch = batch;
    this.#watched = batch.layout.fields.flatMap((field, index): Watched[] => {
      const { expected } = field;
      const tensor = batch.tensors[field.tensor];
      if (tensor === undefined || (expected === undefined && tensor.unseen === undefined)) return [];
      const store = openFieldStore(field, tensor, NO_NULLS);
      return openReaders(field, expected, tensor).map((reader) => ({ field, index, expected, tensor, store, reader }));
    });
  }

  /**
   * Rows that a rule rejects are rejected by their first field at fault, in the layout's order. `quick`: tells of whole columns that there is nothing to look for. Gives
   * whether rows have gone, or values are others now, until `restore`.
   */
  apply(locate: (record: number) => Pick<RowReject, 'line' | 'byte' | 'record'>, quick?: TensorRanges): boolean {
    this.#seen = [];
    const faults = new Map<number, CellFault>();
    let hasChanged = false;
    for (const watched of this.#watched) {
      const isToSee = hasChanged || !this.#isAllExpected(watched, quick); // a value that a rule put there may be outside, too
      if (isToSee && this.#look(watched, faults)) hasChanged = true;
    }
    if (faults.size > 0) this.#batch.rejectRows('unseen-category', faults, locate);
    return hasChanged;
  }

  #isAllExpected({ field, reader, tensor }: Watched, quick: TensorRanges | undefined): boolean {
    if (reader.isWithin === undefined) return false;
    const ends = quick?.ranges(tensor, { length: this.#batch.rows, picks: undefined });
    return ends !== undefined && reader.isWithin(ends.min[field.at] as number, ends.max[field.at] as number);
  }

  /** Of the rows of the batch that are scored. */
  counts(): RuleCounts {
    const counts = emptyRuleCounts(this.#batch.layout);
    const lists = new Map<number, TextRowsList>();
    const isLive = this.#liveRows();
    for (const { row, watched, oddity, text } of this.#seen) {
      if (oddity === undefined || (isLive !== undefined && isLive[row] !== 1)) continue;
      const { index } = watched;
      counts[oddity][index] = (counts[oddity][index] as number) + 1;
      if (oddity !== 'unseen') continue;
      const list = lists.get(index) ?? new TextRowsList();
      lists.set(index, list);
      list.push(text);
    }
    for (const [field, list] of lists) counts.unseenTexts.set(field, list.take());
    return counts;
  }

  /** Puts the values that rules have replaced back into the tensors, as they came in. To be called when the batch is scored, and what is rejected of it is known. */
  restore(): void {
    // the last first: a field may have been looked at twice
    for (let at = this.#seen.length - 1; at >= 0; at--) {
      const { row, watched, before } = this.#seen[at] as Seen;
      watched.reader.restore(row, before);
    }
  }

  /** Gives whether any rule did more than to allow a value. */
  #look(watched: Watched, faults: Map<number, CellFault>): boolean {
    const { expected, reader } = watched;
    let hasActed = false;
    reader.begin();
    for (let row = reader.nextOdd(0, this.#batch.rows); row !== -1; row = reader.nextOdd(row + 1, this.#batch.rows)) {
      const [oddity, text, before] = [reader.oddity(row), reader.text(row), reader.raw(row)];
      let fault: CellFault | undefined;
      if (oddity !== undefined && expected !== undefined) {
        const rule = ruleFor(oddity, expected);
        hasActed ||= rule.kind !== 'allow';
        fault = this.#act(watched, row, rule, () => ({ code: REJECTED_BY[oddity], message: `found ${foundText(oddity, expected)}`, value: text }));
      }
      if (fault === undefined) this.#seen.push({ row, watched, oddity, before, text });
      else if (!faults.has(row)) faults.set(row, fault);
      reader.settle(row);
    }
    return hasActed;
  } // prettier-ignore

  /** Gives the fault of a row that is not to be scored. */
  #act({ field, index, store }: Watched, row: number, rule: ValueRule, fault: () => Omit<CellFault, 'column'>): CellFault | undefined {
    if (rule.kind === 'allow') return undefined;
    if (rule.kind === 'reject') return { ...fault(), column: field.name };
    const value = rule.kind === 'value' ? store.text(row, rule.text) : store.missing(row);
    if (rule.kind === 'missing' && value === 'missing') this.#batch.noteMadeMissing(row, index);
    if (value === 'stored' || value === 'missing') return undefined;
    const { message, ...rest } = fault();
    return { ...rest, column: field.name, message: `${message}, which is taken as missing: ${whyNotMissing(field)}` };
  }

  /** By tensor row: 1 where it stands for a scored record; undefined where all do. */
  #liveRows(): Uint8Array | undefined {
    const { isWhole, records, rows, slots } = this.#batch;
    if (isWhole) return undefined;
    const live = new Uint8Array(rows);
    for (let record = 0; record < records; record++) {
      const row = slots[record] as number;
      if (row >= 0) live[row] = 1;
    }
    return live;
  }
}

function ruleFor(oddity: Oddity, { onUnseen, onOutOfRange, type }: Expected): ValueRule {
  return oddity === 'unseen' ? onUnseen : oddity === 'outOfRange' ? onOutOfRange : (type?.onWrong ?? { kind: 'allow' });
}

function foundText(oddity: Oddity, expected: Expected): string {
  const { type, categories = [] } = expected;
  if (oddity === 'unseen') return `a value that is none of the ${categories.length} known categories`;
  if (oddity === 'wrongType') return `a value that is not of the type ${type?.name ?? ''}`;
  return `a ${type === undefined || type.name === 'integer' ? 'number' : type.name} outside the range ${rangeText(expected)}`;
}
