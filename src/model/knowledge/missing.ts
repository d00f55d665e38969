import { floatList, intList } from '../onnx/lists.js';
import { broadcast, inputValue, isPlain, mapCells, unknownCells, type Cell, type Columns } from './columns.js';
import { numbersOf, textsOf, type Constant } from './constants.js';
import { MOST_COLUMNS, type Followed, type Step } from './walk.js';

/** Imputers: the operator, and the choice by a flag as exporters write it for texts. Elsewhere a value passes through unchanged. */
export function replaceMissing(step: Step): Followed | undefined {
  const [first] = step.inputs;
  switch (step.name) {
    case 'ml.Imputer':
      return first === undefined ? undefined : [impute(first, step)];
    case 'IsNaN':
      return first === undefined ? undefined : [mapCells(first, (cell) => (cell.flag === undefined ? { ...cell, flag: [undefined] } : undefined))];
    case 'Not':
      return [first]; // which branch holds the constant tells how it is meant
    case 'Where':
      return where(step);
    default:
      return undefined;
  }
}

/** One value for all columns, or one for each. */
function impute(columns: Columns, { node }: Step): Columns {
  const floats = floatList(node, 'imputed_value_floats');
  const values = floats !== undefined && floats.length > 0 ? floats : intList(node, 'imputed_value_int64s');
  const width = columns.shape.at(-1) ?? 1;
  if (values === undefined || ![1, width].includes(values.length)) return unknownCells(columns);
  return mapCells(columns, (cell, at) => {
    const value = values[values.length === 1 ? 0 : at % width];
    if (value === undefined || cell.flag !== undefined) return undefined;
    if (Number.isFinite(value)) cell.facts.addImputed(inputValue(cell, value));
    return cell;
  });
}

/** `Where(is x missing, constant, x)`, or with the branches changed places. */
function where({ node, inputs, constant }: Step): Followed | undefined {
  const [condition, one, other] = inputs;
  if (node.input[1] === node.input[2]) return [one];
  const columns = one ?? other;
  if (columns === undefined) return undefined;
  if (one !== undefined && other !== undefined) return [one.shape.join() === other.shape.join() ? unknownCells(one) : undefined];
  const fill = constant(node.input[one === undefined ? 1 : 2] ?? '');
  const met = fill === undefined ? undefined : broadcast(columns.shape, fill.dims, MOST_COLUMNS);
  if (fill === undefined || met === undefined || met.cellAt.length !== columns.cells.length) return undefined;
  if (condition?.cells.length !== columns.cells.length) return [unknownCells(columns)];
  return [mapCells(columns, (cell, at) => filled(cell, condition.cells[at], valueAt(fill, met.valueAt[at] ?? 0)))];
}

function filled(cell: Cell, flag: Cell | undefined, value: number | string | undefined): Cell | undefined {
  if (flag?.flag === undefined || flag.facts !== cell.facts || value === undefined || cell.flag !== undefined) return undefined;
  if (typeof value === 'number') cell.facts.addImputed(inputValue(cell, value));
  else if (isPlain(cell)) cell.facts.addImputed(value);
  cell.facts.addMarkers(flag.flag.filter((text) => text !== undefined));
  return cell;
}

function valueAt(constant: Constant, at: number): number | string | undefined {
  return textsOf(constant)?.[at] ?? numbersOf(constant)?.[at];
}
