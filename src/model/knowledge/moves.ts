import { attributeOf } from '../onnx/read.js';
import { sizeOf, type Cell, type Columns } from './columns.js';
import { numbersOf } from './constants.js';
import { MOST_COLUMNS, type Followed, type Step } from './walk.js';

/** Operators that only move elements within their rows. What moves elements between rows is not followed. */
export function move(step: Step): Followed | undefined {
  const { node, name, inputs } = step;
  const [first] = inputs;
  switch (name) {
    case 'Identity':
    case 'Dropout':
      return [first];
    case 'Concat':
      return [concat(inputs, attributeOf(node, 'axis')?.i)];
    case 'ml.FeatureVectorizer':
      return [vectorize(step)];
    case 'Flatten':
      return [first !== undefined && Number(attributeOf(node, 'axis')?.i ?? 1n) === 1 ? reshaped(first, [first.cells.length]) : undefined];
    case 'Reshape':
      return [first === undefined ? undefined : reshape(first, step)];
    case 'Squeeze':
      return [first === undefined ? undefined : squeeze(first, listOf(step, 'axes', 1))];
    case 'Unsqueeze':
      return [first === undefined ? undefined : unsqueeze(first, listOf(step, 'axes', 1))];
    case 'Transpose':
      return [first === undefined ? undefined : transpose(first, attributeOf(node, 'perm')?.ints.map(Number))];
    case 'Gather':
      return [first === undefined ? undefined : gather(first, step, Number(attributeOf(node, 'axis')?.i ?? 0n))];
    case 'ml.ArrayFeatureExtractor':
      return [first === undefined ? undefined : extract(first, step)];
    case 'Slice':
      return [first === undefined ? undefined : slice(first, step)];
    case 'Split':
      return first === undefined ? undefined : split(first, step);
    default:
      return undefined;
  }
}

/** Numbers that an operator takes as an attribute, or in later versions as an input. */
function listOf({ node, constant }: Step, attribute: string, input: number): readonly number[] | undefined {
  const ints = attributeOf(node, attribute)?.ints;
  if (ints !== undefined) return ints.map(Number);
  const found = constant(node.input[input] ?? '');
  const numbers = found === undefined ? undefined : numbersOf(found);
  return numbers === undefined ? undefined : Array.from(numbers);
}

/** An axis counted from 0 behind the rows; undefined for the axis of rows, and one that is not there. */
function axisWithin({ shape }: Columns, axis: number): number | undefined {
  const place = (axis < 0 ? axis + shape.length + 1 : axis) - 1;
  return place >= 0 && place < shape.length ? place : undefined;
}

function reshaped({ cells }: Columns, shape: readonly number[]): Columns | undefined {
  return sizeOf(shape) === cells.length ? { shape, cells } : undefined;
}

/** Picks elements along one axis, in a new order; `dims` stand in the axis' place. */
function pick(columns: Columns, axis: number, places: readonly number[], dims: readonly number[]): Columns | undefined {
  const { shape, cells } = columns;
  const length = shape[axis] ?? 0;
  const inner = sizeOf(shape.slice(axis + 1));
  const outer = sizeOf(shape.slice(0, axis));
  if (!(outer * places.length * inner <= MOST_COLUMNS)) return undefined;
  const at = places.map((place) => (place < 0 ? place + length : place));
  if (at.some((place) => !(place >= 0 && place < length))) return undefined;
  const picked: (Cell | undefined)[] = [];
  for (let block = 0; block < outer; block++) {
    for (const place of at) for (let rest = 0; rest < inner; rest++) picked.push(cells[(block * length + place) * inner + rest]);
  }
  return { shape: [...shape.slice(0, axis), ...dims, ...shape.slice(axis + 1)], cells: picked };
}

function concat(inputs: readonly (Columns | undefined)[], axis: bigint | undefined): Columns | undefined {
  const parts = inputs.filter((part) => part !== undefined);
  const [first] = parts;
  const along = first === undefined ? undefined : axisWithin(first, Number(axis ?? 1n));
  if (first === undefined || along === undefined || parts.length < inputs.length || parts.some(({ open }) => open === true)) return undefined;
  const others = ({ shape }: Columns): string => `${shape.length}:${shape.map((dim, at) => (at === along ? '' : dim)).join()}`;
  if (parts.some((part) => others(part) !== others(first))) return undefined;
  const shape = first.shape.map((dim, at) => (at === along ? parts.reduce((sum, part) => sum + (part.shape[at] ?? 0), 0) : dim));
  if (!(sizeOf(shape) <= MOST_COLUMNS)) return undefined;
  const cells: (Cell | undefined)[] = [];
  for (let block = 0; block < sizeOf(first.shape.slice(0, along)); block++) {
    for (const part of parts) {
      const length = sizeOf(part.shape.slice(along));
      for (let rest = 0; rest < length; rest++) cells.push(part.cells[block * length + rest]);
    }
  }
  return { shape, cells };
}

/** Rows of all inputs side by side. A vector is one row, whatever its length: its elements are columns only where the model takes one row at a time. */
function vectorize({ inputs, node, batch }: Step): Columns | undefined {
  const parts = inputs.filter((part) => part !== undefined);
  const widths = attributeOf(node, 'inputdimensions')?.ints.map(Number) ?? [];
  if (parts.length < inputs.length || (batch !== 1 && parts.some(({ shape }) => shape.length === 0))) return undefined;
  if (parts.some(({ cells, open }, at) => open === true || cells.length !== widths[at])) return undefined;
  const cells = parts.flatMap((part) => part.cells);
  return { shape: [cells.length], cells };
}

/** To a shape whose first dimension still counts the rows. */
function reshape(columns: Columns, step: Step): Columns | undefined {
  const to = listOf(step, 'shape', 1) ?? [];
  const [rows, ...dims] = to;
  if (rows === undefined || columns.open === true || !(rows === -1 || rows === 0 || rows === step.batch)) return undefined;
  if (to.includes(0) && attributeOf(step.node, 'allowzero')?.i === 1n) return undefined;
  const copied = dims.map((dim, at) => (dim === 0 ? (columns.shape[at] ?? Number.NaN) : dim));
  const rest = copied.filter((dim) => dim !== -1);
  const shape = copied.map((dim) => (dim === -1 ? columns.cells.length / sizeOf(rest) : dim));
  // a first -1 counts the rows only where the others take up a whole row, which `reshaped` makes sure of
  return shape.every((dim) => Number.isInteger(dim) && dim >= 0) && copied.length - rest.length <= 1 ? reshaped(columns, shape) : undefined;
}

function squeeze(columns: Columns, axes: readonly number[] | undefined): Columns | undefined {
  const gone = axes?.map((axis) => axisWithin(columns, axis));
  if (gone?.every((axis) => axis !== undefined && columns.shape[axis] === 1) !== true) return undefined;
  return reshaped(columns, columns.shape.filter((_, axis) => !gone.includes(axis))); // prettier-ignore
}

function unsqueeze(columns: Columns, axes: readonly number[] | undefined): Columns | undefined {
  if (axes === undefined || columns.open === true || axes.length > 8) return undefined;
  const rank = columns.shape.length + 1 + axes.length;
  const added = new Set(axes.map((axis) => (axis < 0 ? axis + rank : axis)));
  if (added.has(0)) return undefined;
  const left = [...columns.shape];
  return reshaped(columns, Array.from({ length: rank - 1 }, (_, at) => (added.has(at + 1) ? 1 : (left.shift() ?? 0)))); // prettier-ignore
}

function transpose(columns: Columns, perm: readonly number[] | undefined): Columns | undefined {
  const { shape, cells } = columns;
  if (perm?.[0] !== 0 || perm.length !== shape.length + 1 || new Set(perm).size !== perm.length) return undefined;
  const order = perm.slice(1).map((axis) => axis - 1);
  if (order.some((axis) => shape[axis] === undefined)) return undefined;
  const strides = shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
  const to = order.map((axis) => shape[axis] ?? 1);
  const moved = cells.map((_, at) => {
    let [from, rest] = [0, at];
    for (let axis = to.length - 1; axis >= 0; axis--) {
      const dim = to[axis] ?? 1;
      from += (rest % dim) * (strides[order[axis] ?? 0] ?? 0);
      rest = Math.floor(rest / dim);
    }
    return cells[from];
  });
  return { shape: to, cells: moved };
}

function gather(columns: Columns, { node, constant }: Step, axis: number): Columns | undefined {
  const within = axisWithin(columns, axis);
  const indices = constant(node.input[1] ?? '');
  const places = indices === undefined ? undefined : numbersOf(indices);
  if (within === undefined || indices === undefined || places === undefined) return undefined;
  // of a matrix whose width is open, a negative place counts from an end that is not known
  if (columns.open === true && Array.from(places).some((place) => place < 0)) return undefined;
  return pick(columns, within, Array.from(places), indices.dims);
}

/** Along the last axis, whatever shape the places have. */
function extract(columns: Columns, { node, constant }: Step): Columns | undefined {
  const indices = constant(node.input[1] ?? '');
  const places = indices === undefined ? undefined : numbersOf(indices);
  const last = columns.shape.length - 1;
  return last < 0 || places === undefined ? undefined : pick(columns, last, Array.from(places), [places.length]);
}

function slice(columns: Columns, step: Step): Columns | undefined {
  const starts = listOf(step, 'starts', 1);
  const ends = listOf(step, 'ends', 2);
  const axes = listOf(step, 'axes', 3) ?? starts?.map((_, axis) => axis);
  const steps = listOf(step, 'steps', 4) ?? starts?.map(() => 1);
  if (starts === undefined || ends === undefined || axes === undefined || steps === undefined || columns.open === true) return undefined;
  return axes.reduce<Columns | undefined>((sliced, axis, index) => {
    const [start = 0, end = 0, by = 1] = [starts[index], ends[index], steps[index]];
    const within = sliced === undefined ? undefined : axisWithin(sliced, axis);
    if (sliced === undefined) return undefined;
    if (within === undefined) return axis === 0 && start === 0 && end >= 2 ** 31 - 1 && by === 1 ? sliced : undefined; // all rows
    const length = sliced.shape[within] ?? 0;
    const clamp = (place: number): number => Math.min(length, Math.max(0, place < 0 ? place + length : place));
    if (by !== 1) return undefined;
    const places = Array.from({ length: Math.max(0, clamp(end) - clamp(start)) }, (_, at) => clamp(start) + at);
    return pick(sliced, within, places, [places.length]);
  }, columns);
}

function split(columns: Columns, step: Step): Followed | undefined {
  const { node } = step;
  const axis = axisWithin(columns, Number(attributeOf(node, 'axis')?.i ?? 0n));
  if (axis === undefined || columns.open === true) return undefined;
  const length = columns.shape[axis] ?? 0;
  const even = Math.ceil(length / node.output.length);
  const sizes = listOf(step, 'split', 1) ?? node.output.map((_, at) => Math.min(even, length - at * even));
  let from = 0;
  return sizes.map((size) => {
    if (!(size >= 0 && from + size <= length)) return undefined;
    const places = Array.from({ length: size }, (_, at) => from + at);
    from += size;
    return pick(columns, axis, places, [size]);
  });
}
