import type { Batch, TensorBuffer } from '../batch/batch.js';
import type { Field } from '../batch/layout.js';
import type { ResultColumn } from '../batch/result.js';
import { Gatherer, type Rows } from './gather.js';
import { bufferOf, type NumberDelta } from './number-delta.js';
import { NumberSketcher } from './number-sketch.js';
import type { NumberSpec, ProfileSpec } from './spec.js';
import type { Bounds } from './sweep-space.js';

/** What a chunk adds to a profile. Plain data. */
export interface ProfileDelta {
  /** Fields of numbers in their order, then result columns of numbers. */
  readonly numbers: NumberDelta;
  /** Fields of texts in their order. */
  readonly texts: readonly TextDelta[];
}

export interface TextDelta {
  readonly texts: readonly string[];
  readonly counts: readonly number[];
  /** Values of a coded tensor that has no text for them. */
  readonly unknown: number;
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

/** Profiles batches in a worker: what the model saw and what it gave, in the rows that were scored. */
export class Profiler {
  readonly #spec: ProfileSpec;
  readonly #sketcher: NumberSketcher;
  readonly #gatherer = new Gatherer();
  /** Of matrices that were looked at since `start`, by their values. */
  readonly #bounds = new Map<Float32Array, Bounds | undefined>();

  constructor(spec: ProfileSpec) {
    this.#spec = spec;
    const numbers = [...spec.fields, ...spec.results].filter((column): column is NumberSpec => column?.kind === 'number');
    this.#sketcher = new NumberSketcher(numbers);
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
      if (spec.kind === 'text') texts.push(this.#texts(tensor, rows, at));
      else this.#number(tensor, rows, at, known.field(index));
    });
    columns.forEach(({ field, values }, index) => {
      const isNumber = this.#spec.results[index]?.kind === 'number';
      if (isNumber) this.#number({ type: field.type, width: 1, values }, rows, 0, known.result(index));
    });
    return { numbers: this.#sketcher.take(), texts };
  }

  /** Codes are below 2^31: see batch/text-store.ts. */
  #texts(tensor: TensorBuffer, rows: Rows, at: number): TextDelta {
    const { values, codes, width } = tensor;
    if (codes === undefined || !(values instanceof BigInt64Array)) return countTexts(tensor, rows, at);
    const words = new Int32Array(values.buffer, values.byteOffset, 2 * values.length);
    const counts = this.#sketcher.tally(words, 2 * width, rows, 2 * at, codes.length + 1);
    return textsOfCodes(codes, counts ?? countCodes(words, codes.length, rows, width, at));
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

function countTexts({ width, values }: TensorBuffer, { length, picks }: Rows, at: number): TextDelta {
  const counts = new Map<string, number>();
  for (let index = 0; index < length; index++) {
    const text = (values as readonly string[])[(picks === undefined ? index : (picks[index] as number)) * width + at] ?? '';
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return { texts: [...counts.keys()], counts: [...counts.values()], unknown: 0 };
}

function countCodes(words: Int32Array, known: number, { length, picks }: Rows, width: number, at: number): Uint32Array {
  const counts = new Uint32Array(known + 1);
  for (let index = 0; index < length; index++) {
    const code = words[2 * ((picks === undefined ? index : (picks[index] as number)) * width + at)] as number;
    counts[code] = (counts[code] as number) + 1;
  }
  return counts;
}

/** `counts`: by code, and at the end of those that have no text. */
function textsOfCodes(codes: readonly string[], counts: Uint32Array | Int32Array): TextDelta {
  const seen = [...codes.keys()].filter((code) => counts[code] !== 0);
  return {
    texts: seen.map((code) => codes[code] as string),
    counts: seen.map((code) => counts[code] as number),
    unknown: counts[codes.length] as number,
  };
}
