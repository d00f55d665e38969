import type { NodeProto } from '../onnx/onnx_pb.js';
import { attributeOf } from '../onnx/read.js';
import { broadcast, inputValue, mapCells, unknownCells, type Cell, type Columns } from './columns.js';
import { numbersOf } from './constants.js';
import { floatList } from '../onnx/lists.js';
import { sortedOnce } from './facts.js';
import { MOST_COLUMNS, type Followed, type Step } from './walk.js';

const COMPARISONS: ReadonlySet<string> = new Set(['Less', 'LessOrEqual', 'Greater', 'GreaterOrEqual']);
/** Change each element by itself, in a way that is not followed: the columns keep their places. */
const ELEMENTWISE: ReadonlySet<string> = new Set([
  'Abs', 'Ceil', 'Elu', 'Erf', 'Exp', 'Floor', 'Gelu', 'LeakyRelu', 'Log', 'Neg', 'Relu', 'Round', 'Selu', 'Sigmoid', 'Sign', 'Sin', 'Cos', 'Softplus', 'Sqrt',
  'Tanh', 'HardSigmoid', 'Reciprocal', 'ml.Normalizer', 'Softmax',
]); // prettier-ignore

const BOOL = 9n;

/**
 * Operators that shift and scale each column by constants, compare with them, or bound. A centre and a unit of its own for each column are what scalers were
 * fitted to.
 */
export function calculate(step: Step): Followed | undefined {
  const { node, name, inputs } = step;
  const [first] = inputs;
  switch (name) {
    case 'Cast':
      return first === undefined ? undefined : [attributeOf(node, 'to')?.i === BOOL ? mapCells(first, (cell) => (cell.flag === undefined ? undefined : cell)) : first]; // prettier-ignore
    case 'CastLike':
      return [first];
    case 'ml.Scaler':
      return first === undefined ? undefined : [scale(first, node)];
    case 'BatchNormalization':
      return first === undefined ? undefined : [normalise(first, step)];
    case 'Clip':
      return first === undefined ? undefined : [clip(first, step)];
    case 'ml.Binarizer':
      return first === undefined ? undefined : [compare(first, [], [attributeOf(node, 'threshold')?.f ?? 0])];
    case 'Add':
    case 'Sub':
    case 'Mul':
    case 'Div':
      return withConstant(step, (columns, dims, values, flipped) => shiftOrScale(columns, { dims, values, flipped, name, producer: step.producer }));
    default:
      if (COMPARISONS.has(name)) return withConstant(step, compare);
      return first !== undefined && ELEMENTWISE.has(name) ? [unknownCells(first)] : undefined;
  }
}

type WithConstant = (columns: Columns, dims: readonly number[], values: ArrayLike<number>, flipped: boolean) => Columns | undefined;

/** An operator of two operands, one of them a constant; `flipped`: the first. */
function withConstant({ node, inputs, constant }: Step, change: WithConstant): Followed | undefined {
  const at = inputs[0] === undefined ? 1 : 0;
  const columns = inputs[at];
  const other = constant(node.input[1 - at] ?? '');
  const values = other === undefined ? undefined : numbersOf(other);
  if (columns === undefined || other === undefined || values === undefined || node.input.length !== 2) return undefined;
  return [change(columns, other.dims, values, at === 1)];
}

interface Operand {
  readonly dims: readonly number[];
  readonly values: ArrayLike<number>;
  readonly flipped: boolean;
  readonly name: string;
  readonly producer: string;
}

/** `x + c`, `x - c`, `x * c`, `x / c`, and the other way round. */
function shiftOrScale(columns: Columns, { dims, values, flipped, name, producer }: Operand): Columns | undefined {
  const met = broadcast(columns.shape, dims, MOST_COLUMNS);
  if (met === undefined || met.shape.length !== columns.shape.length) return undefined;
  const fitted = isPerColumn(columns, values);
  const anyCentre = fitted && some(values, (value) => value !== 0);
  const cells = Array.from(met.cellAt, (from, at): Cell | undefined => {
    const cell = columns.cells[from];
    const value = values[met.valueAt[at] ?? 0];
    if (cell === undefined || value === undefined || cell.flag !== undefined) return undefined;
    switch (name) {
      case 'Add':
        if (fitted && cell.step === 'scaled' && producer === 'skl2onnx') noteMinMax(cell, value);
        return changed(cell, 1, value, anyCentre ? 'centred' : undefined);
      case 'Sub':
        return flipped ? changed(cell, -1, value) : changed(cell, 1, -value, anyCentre ? 'centred' : undefined);
      case 'Mul':
        if (fitted && cell.step === 'centred') noteScaler(cell, 1 / value);
        return changed(cell, value, 0, fitted ? 'scaled' : undefined);
      default:
        if (flipped) return undefined; // c / x
        if (fitted && cell.step === 'centred') noteScaler(cell, value);
        return changed(cell, 1 / value, 0, fitted ? 'scaled' : undefined);
    }
  });
  return { shape: met.shape, cells };
}

/** Does each column have a value of its own? One value for several columns is a choice of whoever wrote the model, such as 255. */
function isPerColumn({ cells }: Columns, values: ArrayLike<number>): boolean {
  return values.length === cells.length;
}

function some(values: ArrayLike<number>, test: (value: number) => boolean): boolean {
  for (let at = 0; at < values.length; at++) if (test(values[at] ?? 0)) return true;
  return false;
}

/** `by * value + add`; what no longer depends on the input is not followed, nor what is not finite. */
function changed(cell: Cell, by: number, add: number, step?: Cell['step']): Cell | undefined {
  const { facts, markers } = cell;
  const factor = cell.factor * by;
  const shift = cell.shift * by + add;
  if (factor === 0 || !Number.isFinite(factor) || !Number.isFinite(shift)) return undefined;
  return { facts, factor, shift, ...(step === undefined ? {} : { step }), ...(markers === undefined ? {} : { markers }) };
}

/** A cell whose value is 0 at the centre is divided by `unit`. A unit of 1 is written for a column that never varies. */
function noteScaler(cell: Cell, unit: number): void {
  cell.facts.addScaler({ mean: inputValue(cell, 0), deviation: unit === 1 ? undefined : Math.abs(unit / cell.factor) });
}

/** scikit-learn's min-max scaler, as its exporter writes it: `x * scale + shift`, which makes 0 of the least and 1 of the greatest value unless it was told another range. */
function noteMinMax(cell: Cell, shift: number): void {
  cell.facts.addRange(inputValue(cell, -shift), inputValue(cell, 1 - shift), 'scaler');
}

/** `(x - offset) * scale`. Offsets that are all 0, or scales that are all 1, were not fitted. */
function scale(columns: Columns, node: NodeProto): Columns | undefined {
  const offsets = floatList(node, 'offset') ?? [];
  const scales = floatList(node, 'scale') ?? [];
  const width = columns.shape.at(-1) ?? 1;
  if (columns.shape.length > 1 || ![1, width].includes(offsets.length) || ![1, width].includes(scales.length)) return undefined;
  const centred = offsets.length === width && some(offsets, (value) => value !== 0);
  const scaled = scales.length === width && some(scales, (value) => value !== 1);
  return mapCells(columns, (cell, at) => {
    const offset = offsets[offsets.length === 1 ? 0 : at] ?? 0;
    const by = scales[scales.length === 1 ? 0 : at] ?? 1;
    if (cell.flag !== undefined) return undefined;
    if (centred) {
      const unit = scaled && by !== 1 && by !== 0 ? Math.abs(1 / by / cell.factor) : undefined;
      cell.facts.addScaler({ mean: inputValue(cell, offset), deviation: unit });
    }
    return changed(cell, by, -offset * by);
  });
}

/** `scale * (x - mean) / sqrt(variance + epsilon) + bias`, of a matrix: mean and variance are what training has seen pass, on average. */
function normalise(columns: Columns, { node, constant }: Step): Columns | undefined {
  const [scales, biases, means, variances] = [1, 2, 3, 4].map((at) => {
    const found = constant(node.input[at] ?? '');
    return found === undefined ? undefined : numbersOf(found);
  });
  const training = attributeOf(node, 'training_mode')?.i === 1n;
  const width = columns.shape[0] ?? 0;
  if (columns.shape.length !== 1 || columns.open === true || training) return undefined;
  if (scales?.length !== width || biases?.length !== width || means?.length !== width || variances?.length !== width) return unknownCells(columns);
  const epsilon = attributeOf(node, 'epsilon')?.f ?? 1e-5;
  // a layer that was never trained has these
  const fitted = some(means, (value) => value !== 0) || some(variances, (value) => value !== 1);
  return mapCells(columns, (cell, at) => {
    const [by = 1, bias = 0, mean = 0, variance = 1] = [scales[at], biases[at], means[at], variances[at]];
    if (cell.flag !== undefined || !(variance >= 0)) return undefined;
    if (fitted) cell.facts.addScaler({ mean: inputValue(cell, mean), deviation: Math.sqrt(variance) / Math.abs(cell.factor) });
    const slope = by / Math.sqrt(variance + epsilon);
    return changed(cell, slope, bias - mean * slope);
  });
}

/** Bounds as attributes, or in later versions as inputs. */
function clip(columns: Columns, { node, constant }: Step): Columns {
  const bound = (name: string, at: number): number => {
    const found = constant(node.input[at] ?? '');
    return attributeOf(node, name)?.f ?? (found === undefined ? undefined : numbersOf(found)?.[0]) ?? Number.NaN;
  };
  const [least, greatest] = [bound('min', 1), bound('max', 2)];
  return mapCells(columns, (cell) => {
    if (cell.flag !== undefined) return undefined;
    if (least < greatest) cell.facts.addRange(inputValue(cell, least), inputValue(cell, greatest), 'clip');
    return changed(cell, 1, 0);
  });
}

/** Notes what columns are compared with; of the answers nothing is known. */
function compare(columns: Columns, dims: readonly number[], values: ArrayLike<number>): Columns | undefined {
  const met = broadcast(columns.shape, dims, MOST_COLUMNS);
  if (met === undefined) return undefined;
  const thresholds = new Map<Cell, number[]>();
  met.cellAt.forEach((from, at) => {
    const cell = columns.cells[from];
    const value = values[met.valueAt[at] ?? 0];
    if (cell === undefined || cell.flag !== undefined || value === undefined || !Number.isFinite(value)) return;
    const list = thresholds.get(cell);
    if (list === undefined) thresholds.set(cell, [inputValue(cell, value)]);
    else list.push(inputValue(cell, value));
  });
  for (const [{ facts }, list] of thresholds) facts.addThresholds(sortedOnce(Float64Array.from(list)));
  return { shape: met.shape, cells: met.shape.length === 0 ? [undefined] : new Array<undefined>(met.cellAt.length).fill(undefined) };
}
