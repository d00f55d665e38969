import { float32Text } from '../../batch/text.js';
import type { NodeProto } from '../onnx/onnx_pb.js';
import { attributeOf, tensorNumbers, tensorTexts, utf8 } from '../onnx/read.js';
import { broadcast, isPlain, mapCells, sizeOf, unknownCells, type Cell, type Columns } from './columns.js';
import { textsOf } from './constants.js';
import { MOST_COLUMNS, type Followed, type Step } from './walk.js';

/** Operators that look values up in a list, and comparisons with texts. What they give is no longer the input's value. */
export function encode(step: Step): Followed | undefined {
  const { node, name, inputs } = step;
  const [first] = inputs;
  switch (name) {
    case 'ml.OneHotEncoder':
      return first === undefined ? undefined : [oneHot(first, node)];
    case 'ml.LabelEncoder':
      return first === undefined ? undefined : [look(first, node)];
    case 'ml.CategoryMapper':
      return first === undefined ? undefined : [mapCategories(first, node)];
    case 'Equal':
      return equal(step);
    default:
      return undefined;
  }
}

const textList = (node: NodeProto, name: string): readonly string[] => attributeOf(node, name)?.strings.map(utf8) ?? [];
const intTexts = (node: NodeProto, name: string): readonly string[] => attributeOf(node, name)?.ints.map(String) ?? [];

function note(columns: Columns, texts: readonly string[]): void {
  if (texts.length === 0) return;
  for (const cell of columns.cells) if (cell !== undefined && isPlain(cell)) cell.facts.addCategories(texts);
}

/** One more axis, with an element for each category. */
function oneHot(columns: Columns, node: NodeProto): Columns | undefined {
  const texts = textList(node, 'cats_strings');
  const categories = texts.length > 0 ? texts : intTexts(node, 'cats_int64s');
  note(columns, categories);
  const shape = [...columns.shape, categories.length];
  if (columns.open === true || !(sizeOf(shape) <= MOST_COLUMNS)) return undefined;
  return { shape, cells: new Array<undefined>(sizeOf(shape)).fill(undefined) };
}

/** One value for all its keys only tells whether a value is one of them: a question, such as whether it is missing. */
function look(columns: Columns, node: NodeProto): Columns {
  const keys = keysOf(node);
  if (keys.length === 0) return unknownCells(columns);
  const others = valueTexts(node);
  if (new Set(others).size > 1 || others.length === 0) {
    note(columns, keys);
    return unknownCells(columns);
  }
  return mapCells(columns, (cell) => (isPlain(cell) ? { ...cell, flag: keys } : undefined));
}

function keysOf(node: NodeProto): readonly string[] {
  const texts = [textList(node, 'keys_strings'), intTexts(node, 'keys_int64s'), textList(node, 'classes_strings')].find(({ length }) => length > 0);
  if (texts !== undefined) return texts;
  const floats = attributeOf(node, 'keys_floats')?.floats ?? [];
  if (floats.length > 0) return floats.map(float32Text);
  const tensor = attributeOf(node, 'keys_tensor')?.t;
  if (tensor === undefined) return [];
  const numbers = tensorNumbers(tensor);
  return tensorTexts(tensor) ?? (numbers === undefined ? [] : Array.from(numbers, tensor.dataType === FLOAT ? float32Text : String));
}

const FLOAT = 1;

/** The values that it gives, to be told apart; those of the operator's first version are the places of the keys. */
function valueTexts(node: NodeProto): readonly string[] {
  const classes = textList(node, 'classes_strings');
  if (classes.length > 0) return classes;
  const tensor = attributeOf(node, 'values_tensor')?.t;
  const numbers = tensor === undefined ? undefined : tensorNumbers(tensor);
  const lists = [
    textList(node, 'values_strings'),
    intTexts(node, 'values_int64s'),
    attributeOf(node, 'values_floats')?.floats.map(String) ?? [],
    tensor === undefined ? [] : (tensorTexts(tensor) ?? Array.from(numbers ?? [], String)),
  ];
  return lists.find(({ length }) => length > 0) ?? [];
}

/** From texts to numbers, or from numbers to texts. */
function mapCategories(columns: Columns, node: NodeProto): Columns {
  const [texts, numbers] = [textList(node, 'cats_strings'), intTexts(node, 'cats_int64s')];
  for (const cell of columns.cells) if (cell !== undefined && isPlain(cell)) cell.facts.addCategories(cell.facts.type === 'string' ? texts : numbers);
  return unknownCells(columns);
}

/** With constant texts; equality of numbers asks for single values, such as the ends of a range, and tells of no categories. */
function equal({ node, inputs, constant }: Step): Followed | undefined {
  const at = inputs[0] === undefined ? 1 : 0;
  const columns = inputs[at];
  const other = constant(node.input[1 - at] ?? '');
  const texts = other === undefined ? undefined : textsOf(other);
  if (columns === undefined || other === undefined) return undefined;
  const met = broadcast(columns.shape, other.dims, MOST_COLUMNS);
  if (met === undefined) return undefined;
  const cells = Array.from(met.cellAt, (from, to): Cell | undefined => {
    const cell = columns.cells[from];
    const text = texts?.[met.valueAt[to] ?? 0];
    if (cell === undefined || text === undefined || !isPlain(cell)) return undefined;
    cell.facts.addComparison(text);
    return { ...cell, flag: [text] };
  });
  return [{ shape: met.shape, cells }];
}
