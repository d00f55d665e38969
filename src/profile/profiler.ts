import type { Batch, TensorBuffer } from '../batch/batch.js';
import type { Field } from '../batch/layout.js';
import type { ResultColumn } from '../batch/result.js';
import { Gatherer, type Rows } from './gather.js';
import { buffersOf, type NumberDelta } from './number-delta.js';
import { NumberSketcher } from './number-sketch.js';
import type { NumberSpec, ProfileSpec } from './spec.js';

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
  return buffersOf(numbers);
}

/** Profiles batches in a worker: what the model saw and what it gave, in the rows that were scored. */
export class Profiler {
  readonly #spec: ProfileSpec;
  readonly #sketcher: NumberSketcher;
  readonly #gatherer = new Gatherer();

  constructor(spec: ProfileSpec) {
    this.#spec = spec;
    const numbers = [...spec.fields, ...spec.results].filter((column): column is NumberSpec => column?.kind === 'number');
    this.#sketcher = new NumberSketcher(numbers);
  }

  /** Looks at one batch. `columns` are those of the spec's results. */
  take(batch: Batch, rows: Rows, columns: readonly ResultColumn[], known: KnownRanges): ProfileDelta {
    const { layout, tensors } = batch;
    this.#sketcher.start(rows.length);
    const texts: TextDelta[] = [];
    layout.fields.forEach(({ tensor: place, at }: Field, index) => {
      const tensor = tensors[place];
      const spec = this.#spec.fields[index];
      if (tensor === undefined || spec === null || spec === undefined) return;
      if (spec.kind === 'text') texts.push(countTexts(tensor, rows, at));
      else this.#number(tensor, rows, at, known.field(index));
    });
    columns.forEach(({ field, values }, index) => {
      const isNumber = this.#spec.results[index]?.kind === 'number';
      if (isNumber) this.#number({ type: field.type, width: 1, values }, rows, 0, known.result(index));
    });
    return { numbers: this.#sketcher.take(), texts };
  }

  #number(tensor: TensorBuffer, rows: Rows, at: number, range: KnownRange | undefined): void {
    const { values, width } = tensor;
    const sketcher = this.#sketcher;
    if (rows.picks === undefined && values instanceof Float32Array && range?.count === rows.length) {
      const greatest = rows.length === 0 ? 0 : Math.max(-Number(range.min), Number(range.max), 0);
      return sketcher.float32({ values, rows: rows.length, stride: width, at }, greatest);
    }
    const gathered = this.#gatherer.gather(tensor, rows, at);
    if (gathered.kind === 'wide') return sketcher.wide(gathered.values);
    if (gathered.kind === 'float64') return sketcher.float64(gathered.values, gathered.rows);
    sketcher.float32({ values: gathered.values, rows: gathered.rows, stride: 1, at: 0 }, gathered.greatest, gathered.infinities);
  }
}

function countTexts({ width, values, codes }: TensorBuffer, { length, picks }: Rows, at: number): TextDelta {
  if (codes !== undefined && values instanceof BigInt64Array) return countCodes(values, codes, { length, picks }, width, at);
  const counts = new Map<string, number>();
  for (let index = 0; index < length; index++) {
    const text = (values as readonly string[])[(picks === undefined ? index : (picks[index] as number)) * width + at] ?? '';
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return { texts: [...counts.keys()], counts: [...counts.values()], unknown: 0 };
}

/** Codes are below 2^31: see batch/text-store.ts. */
function countCodes(values: BigInt64Array, codes: readonly string[], { length, picks }: Rows, width: number, at: number): TextDelta {
  const words = new Int32Array(values.buffer, values.byteOffset, 2 * values.length);
  const counts = new Uint32Array(codes.length + 1);
  for (let index = 0; index < length; index++) {
    const code = words[2 * ((picks === undefined ? index : (picks[index] as number)) * width + at)] as number;
    counts[code] = (counts[code] as number) + 1;
  }
  const seen = [...codes.keys()].filter((code) => counts[code] !== 0);
  return {
    texts: seen.map((code) => codes[code] as string),
    counts: seen.map((code) => counts[code] as number),
    unknown: counts[codes.length] as number,
  };
}
