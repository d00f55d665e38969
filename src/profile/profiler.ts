import type { Batch, TensorBuffer } from '../batch/batch.js';
import type { Field } from '../batch/layout.js';
import type { ResultColumn } from '../batch/result.js';
import { Gatherer, type Rows } from './gather.js';
import { bufferOf, type NumberDelta } from './number-delta.js';
import { NumberSketcher } from './number-sketch.js';
import type { NumberSpec, ProfileSpec } from './spec.js';
import type { Bounds } from './sweep-space.js';
import { TextTally, type TextDelta } from './text-tally.js';

/** What a chunk adds to a profile. Plain data. */
export interface ProfileDelta {
  /** Fields of numbers in their order, then result columns of numbers. */
  readonly numbers: NumberDelta;
  /** Fields of texts in their order. */
  readonly texts: readonly TextDelta[];
}

/** The finite values of a field or result column, where they are known to the caller already: it saves a look at each. */
export interface KnownRange {
  readonly count: number;
  readonly min: number | bigint;
  readonly max: number | bigint;
}

/** What is known of a batch before it is profiled: ranges by field, and by result column. */
export interface KnownRanges {
  field(index: number): KnownRange | undefined;
  result(index: number): KnownRange | undefined;
}

/** Buffers that may be transferred with a delta. */
export function transferables({ numbers }: ProfileDelta): ArrayBuffer[] {
  return [bufferOf(numbers)];
}

/** Profiles batches in a worker: what came in and what the model gave, in the rows that were scored. */
export class Profiler {
  readonly #spec: ProfileSpec;
  readonly #sketcher: NumberSketcher;
  readonly #gatherer = new Gatherer();
  /** Of matrices that were looked at since `start`, by their values. */
  readonly #bounds = new Map<Float32Array, Bounds | undefined>();
  /** By field. */
  readonly #tallies: readonly (TextTally | undefined)[];

  constructor(spec: ProfileSpec) {
    this.#spec = spec;
    const numbers = [...spec.fields, ...spec.results].filter((column): column is NumberSpec => column?.kind === 'number');
    this.#sketcher = new NumberSketcher(numbers);
    this.#tallies = spec.fields.map((column) => (column?.kind === 'text' ? new TextTally(column.known) : undefined));
  }

  /** A batch of at most so many rows comes now. */
  start(rows: number): void {
    this.#sketcher.start(rows);
    this.forget();
  }

  /** Values of the batch have changed since it was looked at, or its rows have. */
  forget(): void {
    this.#sketcher.forget();
    this.#bounds.clear();
  }

  /** The ends of all columns of a tensor of float32, at once, from one look for all who ask: see NumberSketcher. undefined: the tensor is another. */
  ranges({ values, width }: TensorBuffer, rows: Rows): Bounds | undefined {
    if (!(values instanceof Float32Array)) return undefined;
    if (!this.#bounds.has(values)) this.#bounds.set(values, this.#sketcher.ranges(values, width, rows));
    return this.#bounds.get(values);
  }

  /** Looks at one batch, after `start`. `columns` are those of the spec's results. */
  take(batch: Batch, rows: Rows, columns: readonly ResultColumn[], known: KnownRanges): ProfileDelta {
    const { layout, tensors } = batch;
    const texts: TextDelta[] = [];
    layout.fields.forEach(({ tensor: place, at }: Field, index) => {
      const tensor = tensors[place];
      const spec = this.#spec.fields[index];
      if (tensor === undefined || spec === null || spec === undefined) return;
      const tally = this.#tallies[index];
      if (tally !== undefined) texts.push(tally.take(tensor, rows, at, (...codes) => this.#sketcher.tally(...codes)));
      else this.#number(tensor, rows, at, known.field(index));
    });
    columns.forEach(({ field, values }, index) => {
      const isNumber = this.#spec.results[index]?.kind === 'number';
      if (isNumber) this.#number({ type: field.type, width: 1, values }, rows, 0, known.result(index));
    });
    return { numbers: this.#sketcher.take(), texts };
  }

  /** Of a column with values that are not finite: a look at its matrix tells NaN from infinities. */
  #mayBeInfinite(values: Float32Array, rows: Rows, at: number, { count }: KnownRange): boolean {
    return count !== rows.length && (this.#bounds.get(values)?.count[at] ?? -1) < 0;
  }

  #number(tensor: TensorBuffer, rows: Rows, at: number, range: KnownRange | undefined): void {
    const { values, width } = tensor;
    const sketcher = this.#sketcher;
    if (values instanceof Float32Array && range !== undefined && !this.#mayBeInfinite(values, rows, at, range)) {
      return sketcher.float32({ values, width, rows, at }, range.count, Math.max(-Number(range.min), Number(range.max), 0));
    }
    sketcher.gathered(this.#gatherer.gather(tensor, rows, at));
  }
}
