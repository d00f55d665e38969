import type { Batch } from '../../batch/batch.js';
import type { ElementArray } from '../../batch/element.js';
import type { Field, Layout } from '../../batch/layout.js';
import { openNulls } from '../../batch/store.js';
import type { CsvDecoderSetup } from './setup.js';

/** What the byte reader does with the cells of a column. The numbers come first. */
export const FLOAT32 = 0;
export const FLOAT64 = 1;
export const INT32 = 2;
export const INT64 = 3;
/** Not read by the model: only its end is looked for. */
export const PASSED = 4;
/** Read as text, once for each distinct one: strings, bools and the narrow integers. */
export const INTERNED = 5;
/** Several fields at once, each by its own store. */
export const SHARED = 6;

const NUMBER_KINDS: Readonly<Partial<Record<Field['type'], number>>> = { float32: FLOAT32, float64: FLOAT64, int32: INT32, int64: INT64 };
const NOT_KEPT = -1;

/**
 * The columns of a source as the byte reader goes through them: flat arrays by column, since one loop takes every cell of every record. `bind` must follow whenever the arrays
 * of the batch were replaced.
 */
export class ByteColumns {
  readonly kinds: Uint8Array;
  /** The column's place among the kept ones, or -1. */
  readonly kept: Int32Array;
  /** The value of a row stands at row * stride + offset of its tensor; for INT64 that counts in pairs of 32 bits. */
  readonly strides: Int32Array;
  readonly offsets: Int32Array;
  /** By column, where its kind is the array's; elsewhere an empty array. INT64 is written in halves, lower first: a BigInt a value costs ten times as much. */
  readonly float32: Float32Array[];
  readonly float64: Float64Array[];
  readonly int32: Int32Array[];
  /** By column, for INTERNED: the tensor's values, or the halves of a coded one, of which the upper is always 0. */
  readonly values: ElementArray[];
  /** By column, for all but PASSED and SHARED: its field in the layout. */
  readonly fields: Int32Array;
  /** By column: where the run of columns ends that are FLOAT32 and not kept; the column itself where it starts none. A run stays within one tensor. */
  readonly runEnds: Int32Array;
  readonly #layout: Layout;

  /** `nullNumbers`: short numbers of these columns need a second look, so they stand in no run. */
  constructor(columns: number, layout: Layout, nullNumbers: NullNumbers) {
    this.#layout = layout;
    this.kinds = new Uint8Array(columns).fill(PASSED);
    this.kept = new Int32Array(columns).fill(NOT_KEPT);
    this.strides = new Int32Array(columns);
    this.offsets = new Int32Array(columns);
    this.fields = new Int32Array(columns);
    const [noFloats, noDoubles, noInts, nothing] = [new Float32Array(0), new Float64Array(0), new Int32Array(0), new Uint8Array(0)];
    this.float32 = new Array<Float32Array>(columns).fill(noFloats);
    this.float64 = new Array<Float64Array>(columns).fill(noDoubles);
    this.int32 = new Array<Int32Array>(columns).fill(noInts);
    this.values = new Array<ElementArray>(columns).fill(nothing);
    layout.kept.forEach(({ column }, place) => (this.kept[column] = place));
    layout.fields.forEach((field, index) => this.#add(field, index));
    this.runEnds = Int32Array.from({ length: columns }, (_, column) => column);
    const tensorOf = (column: number): number | undefined => layout.fields[this.fields[column] as number]?.tensor;
    for (let column = columns - 1; column >= 0; column--) {
      if (this.kinds[column] !== FLOAT32 || this.kept[column] !== NOT_KEPT || nullNumbers?.has(column) === true) continue;
      const goesOn = column + 1 < columns && this.runEnds[column + 1] !== column + 1 && tensorOf(column) === tensorOf(column + 1);
      this.runEnds[column] = goesOn ? (this.runEnds[column + 1] as number) : column + 1;
    }
  }

  /** Takes the arrays that the batch has now. */
  bind(batch: Batch): void {
    this.#layout.fields.forEach(({ column, tensor }) => {
      const { values, codes } = batch.tensors[tensor] ?? {};
      if (values instanceof Float32Array) this.float32[column] = values;
      else if (values instanceof Float64Array) this.float64[column] = values;
      else if (values instanceof Int32Array) this.int32[column] = values;
      else if (values instanceof BigInt64Array) this.int32[column] = new Int32Array(values.buffer, values.byteOffset, values.length * 2);
      if (values !== undefined) this.values[column] = codes === undefined ? values : (this.int32[column] ?? values);
    });
  }

  #add({ column, tensor, at, type }: Field, index: number): void {
    const shape = this.#layout.tensors[tensor];
    const halves = type === 'int64' || shape?.codes !== undefined ? 2 : 1;
    const kind = NUMBER_KINDS[type] ?? INTERNED;
    this.kinds[column] = this.kinds[column] === PASSED ? kind : SHARED;
    this.strides[column] = (shape?.width ?? 1) * halves;
    this.offsets[column] = at * halves;
    this.fields[column] = index;
  }
}

/** By column: values that it takes for "missing" although they are numbers. Undefined where no column has any. */
type NullNumbers = ReadonlyMap<number, ReadonlySet<number>> | undefined;

export function openNullNumbers({ fields }: Layout, { nullValues, decimal }: Pick<CsvDecoderSetup, 'nullValues' | 'decimal'>): NullNumbers {
  const nullsOf = openNulls(nullValues, decimal);
  const all = new Map(fields.map((field) => [field.column, nullsOf(field).numbers] as const).filter(([, numbers]) => numbers.size > 0));
  return all.size > 0 ? all : undefined;
}
