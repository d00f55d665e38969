import type { ElementArray } from '../batch/element.js';
import { DefectError } from '../errors/errors.js';
import type { TensorData } from './session.js';
import type { Signature } from './signature.js';

/** A float32 input that stands in the place of several inputs of the model, which the graph would have joined row by row. Plain data. */
export interface JoinedInput {
  readonly name: string;
  /** Dimensions behind the rows; their product is `width`. */
  readonly shape: readonly number[];
  readonly width: number;
  /** In the order of the graph, side by side. */
  readonly parts: readonly JoinedPart[];
}

export interface JoinedPart {
  /** An input of the model. */
  readonly input: string;
  /** Its first column in the joined row. */
  readonly at: number;
  /** Columns that it takes there. */
  readonly width: number;
  /** By code of a coded input: the column of the part, or -1, that holds a one among zeros. Undefined: float32 values, copied. */
  readonly places?: readonly number[];
  /** Of float32 values, by column: what becomes of them, in float32. */
  readonly scale?: Scale;
}

/** `(value - offset) * factor`. */
export interface Scale {
  readonly offsets: readonly number[];
  readonly factors: readonly number[];
}

/** What a rewritten graph takes in the place of the model's own inputs. Plain data. */
export interface Joins {
  readonly inputs: readonly JoinedInput[];
  /** Inputs of the model that the graph does not take any more. */
  readonly replaced: readonly string[];
}

/** Gives what a session is fed, by name, from tensors in the order of the signature's inputs. What was given before is overwritten by the next call. */
export type Feeder = (inputs: readonly TensorData[]) => readonly (readonly [name: string, tensor: TensorData])[];

export function openFeeder({ inputs: specs }: Signature, joins: Joins = { inputs: [], replaced: [] }): Feeder {
  const at = new Map(specs.map(({ name }, index) => [name, index]));
  const joiners = joins.inputs.map((joined) => openJoiner(joined, at));
  return (inputs) => {
    const own = specs.flatMap(({ name }, index) => (joins.replaced.includes(name) ? [] : [[name, given(inputs, index)] as const]));
    return [...own, ...joiners.map((join) => join(inputs))];
  };
}

/**
 * A row of the encoded texts is nearly all zeros: the buffer is kept between calls, and only the ones of the call before are taken back. So a call writes a
 * few places of each row, where operators of a graph write all of it, and again for each joining.
 */
function openJoiner({ name, shape, width, parts }: JoinedInput, at: ReadonlyMap<string, number>): (inputs: readonly TensorData[]) => readonly [string, TensorData] {
  const columns = parts.map((part) => ({ ...part, index: at.get(part.input) ?? -1, places: part.places && Int32Array.from(part.places) }));
  const most = columns.filter(({ places }) => places !== undefined).length;
  let values = new Float32Array(0);
  let ones = new Uint32Array(0);
  let count = 0;
  return (inputs) => {
    const rows = given(inputs, columns[0]?.index ?? -1).dims[0] ?? 0;
    if (values.length === rows * width) for (let one = 0; one < count; one++) values[ones[one] as number] = 0;
    else [values, ones] = [new Float32Array(rows * width), new Uint32Array(rows * most)];
    count = 0;
    for (const part of columns) {
      const from = given(inputs, part.index).values;
      if (part.places === undefined) {
        if (!(from instanceof Float32Array)) throw new DefectError('only float32 is joined as it is');
        if (part.scale === undefined) copyColumns(values, width, from, part);
        else scaleColumns(values, width, from, { ...part, ...part.scale });
      } else count = putOnes(values, { at: part.at, width, places: part.places, codes: wordsOf(from) }, ones, count);
    }
    return [name, { type: 'float32', dims: [rows, ...shape], values }];
  };
} // prettier-ignore

function given(inputs: readonly TensorData[], index: number): TensorData {
  const tensor = inputs[index];
  if (tensor === undefined) throw new DefectError(`no tensor was given for input ${index}`);
  return tensor;
}

type Columns = Pick<JoinedPart, 'at' | 'width'>;

function copyColumns(into: Float32Array, stride: number, from: Float32Array, { at, width }: Columns): void {
  for (let cell = 0, row = at; cell < from.length; row += stride)
    for (let column = row; column < row + width; column++) into[column] = from[cell++] as number;
}

/** A difference of doubles that is rounded to float32, and a product likewise, is the difference and product of float32. */
function scaleColumns(into: Float32Array, stride: number, from: Float32Array, { at, width, offsets, factors }: Columns & Scale): void {
  for (let cell = 0, row = at; cell < from.length; row += stride) {
    for (let column = 0; column < width; column++) {
      into[row + column] = Math.fround((from[cell++] as number) - (offsets[column] as number)) * (factors[column] as number);
    }
  }
}

interface Ones {
  readonly at: number;
  readonly width: number;
  readonly places: Int32Array;
  /** Two words a row, the lower one first: as int64 stands in memory. */
  readonly codes: Int32Array;
}

/** Writes a one for each code that has a place; notes in `ones`, from `count` on, where they stand, and gives how many do now. */
function putOnes(into: Float32Array, { at, width, places, codes }: Ones, ones: Uint32Array, count: number): number {
  let end = count;
  for (let word = 0, row = at; word < codes.length; word += 2, row += width) {
    const place = places[codes[word] as number] as number;
    if (place < 0) continue;
    into[row + place] = 1;
    ones[end++] = row + place;
  }
  return end;
}

/** Codes are below 2^31: see batch/text-store.ts. */
function wordsOf(values: ElementArray): Int32Array {
  if (!(values instanceof BigInt64Array)) throw new DefectError('codes of texts are int64');
  return new Int32Array(values.buffer, values.byteOffset, 2 * values.length);
}
