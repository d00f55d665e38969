import type { Batch, KeptColumn } from '../../batch/batch.js';
import { isBlank, type Decimal } from '../../batch/number.js';
import { nullTexts, type NullTexts } from '../../batch/store.js';
import { isOfType } from '../../batch/value-type.js';
import type { DecoderSetup } from '../../format/format.js';
import { MOST_KNOWN, MOST_ODD, type ColumnDelta } from '../../profile/column-evidence.js';
import { Gatherer } from '../../profile/gather.js';
import { Growing } from '../../profile/growing.js';
import { isBoolean, type DeclaredType } from '../../profile/infer.js';
import type { NumberDelta } from '../../profile/number-delta.js';
import { NumberSketcher } from '../../profile/number-sketch.js';
import type { NumberSpec } from '../../profile/spec.js';
import { dayOf } from './sample.js';
import { decimalOf, isPadded, numberOf, openCells, type Cells } from './cells.js';

/** What a worker has to know to look at data without a model. Plain data. */
export interface StudySetup {
  readonly decoder: DecoderSetup;
  /** By kept column. */
  readonly declared: readonly DeclaredType[];
  readonly spec: NumberSpec;
}

/** What a chunk holds, by kept column. Plain data. */
export interface StudyDelta {
  readonly columns: readonly ColumnDelta[];
  readonly numbers: NumberDelta;
}

/** Looks at the kept columns of batches whose types nobody has said, in a worker: numbers go to a sketch, texts are counted. */
export class Study {
  readonly #columns: readonly ColumnStudy[];
  readonly #sketcher: NumberSketcher;
  readonly #gatherer = new Gatherer();

  constructor({ decoder, declared, spec }: StudySetup) {
    const [nulls, decimal] = [nullTexts(decoder.nullValues, decimalOf(decoder)), decimalOf(decoder)];
    this.#columns = declared.map((each) => new ColumnStudy(openCells(decoder, each), { nulls, decimal, areTexts: each === 'text' }));
    this.#sketcher = new NumberSketcher(declared.map(() => spec));
  }

  /** Looks at one batch. */
  take(batch: Batch): StudyDelta {
    const records = batch.acceptedRecords();
    this.#sketcher.start(records.length);
    const columns = batch.kept.map((column, index) => {
      const { delta, values } = (this.#columns[index] as ColumnStudy).take(column, records);
      this.#sketch(values);
      return delta;
    });
    return { columns, numbers: this.#sketcher.take() };
  }

  #sketch(values: Float64Array): void {
    const gathered = this.#gatherer.gather({ type: 'float64', width: 1, values }, { length: values.length, picks: undefined }, 0);
    this.#sketcher.gathered(gathered);
  }
}

type Kind = 'empty' | 'word' | 'number' | 'padded' | 'boolean' | 'date' | 'time' | 'text';

/** A text of a chunk. */
interface Entry {
  readonly kind: Kind;
  readonly value: number;
  /** Of a text that is counted as such: how many others of the chunk came before it; else -1. */
  readonly place: number;
  count: number;
}

interface Reading {
  readonly nulls: NullTexts;
  readonly decimal: Decimal;
  /** The source says so: none of them is a number or a word for a missing value. */
  readonly areTexts: boolean;
}

/** One column, chunk by chunk. */
class ColumnStudy {
  readonly #cells: Cells;
  readonly #reading: Reading;
  #values = new Float64Array(0);
  /** By row that has one: the place of its text. */
  readonly #places = new Growing(new Uint32Array(64));
  #texts = 0;
  /** The numbers that all chunks so far held, until they are too many. */
  #seen: Set<number> | undefined = new Set();
  #seenOdd = new Set<string>();
  #known = new Map<number, number>();
  #odd = new Map<string, number>();

  constructor(cells: Cells, reading: Reading) {
    this.#cells = cells;
    this.#reading = reading;
  }

  /** `values` are valid until the next chunk. */
  take(column: KeptColumn, records: Uint32Array): { readonly delta: ColumnDelta; readonly values: Float64Array } {
    const cells = this.#cells;
    const { numbers: nullNumbers } = this.#reading.nulls;
    if (this.#values.length < records.length) this.#values = new Float64Array(2 * records.length);
    const values = this.#values;
    const entries = new Map<string, Entry>();
    let count = 0;
    this.#texts = 0;
    cells.open(column);
    for (let index = 0; index < records.length; index++) {
      const record = records[index] as number;
      const value = cells.number(record);
      if (value === value && !(nullNumbers.size > 0 && nullNumbers.has(value))) {
        values[count++] = value;
        if (this.#seen !== undefined) this.#note(value, cells.isPlain(value) ? undefined : (cells.text(record) ?? ''));
        continue;
      }
      const text = cells.text(record);
      const entry = this.#entry(entries, text ?? '');
      entry.count++;
      if (entry.place >= 0) this.#places.push(entry.place);
      if (entry.kind !== 'number') continue;
      values[count++] = entry.value;
      this.#note(entry.value, text ?? '');
    }
    const numbers = values.subarray(0, count);
    const places = this.#places.moveTo(new Uint32Array(this.#places.length));
    return { delta: { ...tallies(entries, places), ...figuresOf(numbers), known: this.#takeKnown() }, values: numbers };
  }

  #entry(entries: Map<string, Entry>, text: string): Entry {
    const before = entries.get(text);
    if (before !== undefined) return before;
    const value = this.#reading.areTexts || isPadded(text) ? NaN : numberOf(text, this.#reading.decimal);
    const kind = this.#kindOf(text, value);
    const made = { kind, value, place: kind === 'number' || kind === 'empty' ? -1 : this.#texts++, count: 0 };
    entries.set(text, made);
    return made;
  }

  #kindOf(text: string, value: number): Kind {
    const { nulls, areTexts } = this.#reading;
    if (text === '' || nulls.string.has(text)) return 'empty';
    if (areTexts) return 'text';
    if (isBlank(text) || nulls.numeric.has(text.trim().toLowerCase()) || nulls.numbers.has(value)) return 'word';
    if (!Number.isNaN(value)) return 'number';
    if (isPadded(text)) return 'padded';
    if (isBoolean(text)) return 'boolean';
    return isOfType('date', text) ? 'date' : isOfType('datetime', text) ? 'time' : 'text'; // as runs will hold them to it
  }

  /** Counts a number by itself, until there are too many. `text`: undefined for the one that JSON has for it; a quoted or trimmed cell may hold that, too. */
  #note(value: number, text: string | undefined): void {
    if (this.#seen === undefined) return;
    if (text === undefined || text === String(value)) {
      this.#known.set(value, (this.#known.get(value) ?? 0) + 1);
      this.#seen.add(value);
    } else {
      this.#odd.set(text, (this.#odd.get(text) ?? 0) + 1);
      this.#seenOdd.add(text);
    }
    if (this.#seen.size > MOST_KNOWN || this.#seenOdd.size > MOST_ODD) this.#seen = undefined;
  }

  #takeKnown(): ColumnDelta['known'] {
    const [known, odd] = [this.#known, this.#odd];
    if (known.size > 0) this.#known = new Map();
    if (odd.size > 0) this.#odd = new Map();
    if (this.#seen === undefined) return undefined;
    return {
      values: Float64Array.from(known.keys()),
      counts: Float64Array.from(known.values()),
      odd: [...odd],
    };
  }
}

type Tallies = Pick<ColumnDelta, 'empty' | 'words' | 'padded' | 'booleans' | 'dates' | 'times' | 'latest' | 'texts'>;

const TALLY = { empty: 'empty', word: 'words', padded: 'padded', boolean: 'booleans', date: 'dates', time: 'times' } as const;

function tallies(entries: ReadonlyMap<string, Entry>, places: Uint32Array): Tallies {
  const sums = { empty: 0, words: 0, padded: 0, booleans: 0, dates: 0, times: 0 };
  const texts: string[] = [];
  let latest = '';
  for (const [text, { kind, count }] of entries) {
    if (kind === 'number') continue;
    if (kind !== 'text') sums[TALLY[kind]] += count;
    if (kind === 'empty') continue;
    const day = dayOf(text);
    if (day !== undefined && day > latest) latest = day;
    texts.push(text);
  }
  return { ...sums, latest, texts: { texts, places } };
}

function figuresOf(values: Float64Array): Pick<ColumnDelta, 'numbers' | 'fractions' | 'min' | 'max' | 'order'> {
  let [fractions, min, max, before, rises, falls] = [0, Infinity, -Infinity, NaN, true, true];
  for (let index = 0; index < values.length; index++) {
    const value = values[index] as number;
    if (!Number.isInteger(value)) fractions++;
    if (Number.isFinite(value)) {
      if (value < min) min = value;
      if (value > max) max = value;
    }
    if (index > 0 && !(value > before)) rises = false;
    if (index > 0 && !(value < before)) falls = false;
    before = value;
  }
  return { numbers: values.length, fractions, min, max, order: { first: values[0] ?? NaN, last: before, rises, falls } };
}
