import type { GraphProto, NodeProto, TensorProto } from '../onnx/onnx_pb.js';
import { attributeOf, tensorHead, tensorNumbers, tensorOf, tensorTexts, utf8 } from '../onnx/read.js';

/** What a tensor is that is the same in every run. `values` are its elements in row-major order: all numbers, or all texts. */
export interface Constant {
  readonly dims: readonly number[];
  readonly values: ArrayLike<number> | readonly string[];
}

/** Larger constants are weights. */
const MOST_VALUES = 1 << 20;

/** Small tensors that stand in the graph, by name, read when asked for. */
export function openConstants(graph: GraphProto): (name: string) => Constant | undefined {
  const stored = new Map(graph.initializer.map((bytes) => [tensorHead(bytes).name, bytes]));
  const makers = new Map(graph.node.flatMap((node) => (node.output[0] === undefined ? [] : [[node.output[0], node] as const])));
  const known = new Map<string, Constant | undefined>();
  const read = (name: string, depth: number): Constant | undefined => {
    if (known.has(name)) return known.get(name);
    const bytes = stored.get(name);
    const maker = makers.get(name);
    let found: Constant | undefined;
    if (bytes !== undefined) found = fromTensor(bytes.length > MOST_VALUES * 8 ? undefined : tensorOf(bytes));
    else if (maker !== undefined && depth < DEEPEST) found = made(maker, (input) => read(input, depth + 1));
    known.set(name, found);
    return found;
  };
  return (name) => (name === '' ? undefined : read(name, 0));
}

/** Exporters that do not fold constants leave a few operators behind them. */
const DEEPEST = 8;

function made(node: NodeProto, read: (name: string) => Constant | undefined): Constant | undefined {
  const [first = ''] = node.input;
  switch (`${node.domain === 'ai.onnx' ? '' : node.domain}:${node.opType}`) {
    case ':Constant':
      return constantNode(node);
    case ':Identity':
      return read(first);
    case ':Cast':
      return onNumbers(read(first), (value) => value);
    case ':Sqrt':
      return onNumbers(read(first), Math.sqrt);
    case ':Reciprocal':
      return onNumbers(read(first), (value) => 1 / value);
    case 'ai.onnx.ml:LabelEncoder':
      return looked(node, read(first));
    default:
      return undefined;
  }
}

/** A Constant node may give its value as a tensor, as one value or as a plain list. */
function constantNode(node: NodeProto): Constant | undefined {
  const value = attributeOf(node, 'value')?.t;
  if (value !== undefined) return fromTensor(value);
  const one = attributeOf(node, 'value_float')?.f ?? attributeOf(node, 'value_int')?.i;
  if (one !== undefined) return { dims: [], values: [Number(one)] };
  const text = attributeOf(node, 'value_string')?.s;
  if (text !== undefined) return { dims: [], values: [utf8(text)] };
  const numbers = attributeOf(node, 'value_floats')?.floats ?? attributeOf(node, 'value_ints')?.ints.map(Number);
  const values = numbers ?? attributeOf(node, 'value_strings')?.strings.map(utf8);
  return values === undefined ? undefined : { dims: [values.length], values };
}

function fromTensor(tensor: TensorProto | undefined): Constant | undefined {
  if (tensor === undefined) return undefined;
  const dims = tensor.dims.map(Number);
  const size = dims.reduce((product, dim) => product * dim, 1);
  if (!(size <= MOST_VALUES)) return undefined;
  const values = tensor.dataType === STRING ? tensorTexts(tensor) : tensorNumbers(tensor);
  return values?.length === size ? { dims, values } : undefined;
}

const STRING = 8;

function onNumbers(constant: Constant | undefined, change: (value: number) => number): Constant | undefined {
  const numbers = constant === undefined ? undefined : numbersOf(constant);
  return constant === undefined || numbers === undefined ? undefined : { dims: constant.dims, values: Float64Array.from(numbers, change) };
}

/** skl2onnx writes the fill value of an imputer of texts as what an encoder makes of 0: its graph library has no constants of texts. */
function looked(node: NodeProto, constant: Constant | undefined): Constant | undefined {
  const texts = attributeOf(node, 'values_strings')?.strings.map(utf8) ?? [];
  const keys = attributeOf(node, 'keys_int64s')?.ints.map(Number) ?? [];
  const numbers = constant === undefined ? undefined : numbersOf(constant);
  if (constant === undefined || numbers === undefined || texts.length === 0 || texts.length !== keys.length) return undefined;
  const other = attributeOf(node, 'default_string')?.s;
  return {
    dims: constant.dims,
    values: Array.from(numbers, (number) => texts[keys.indexOf(number)] ?? (other === undefined ? '_Unused' : utf8(other))),
  };
}

export function numbersOf({ values }: Constant): ArrayLike<number> | undefined {
  return values.length > 0 && typeof values[0] === 'string' ? undefined : (values as ArrayLike<number>);
}

export function textsOf({ values }: Constant): readonly string[] | undefined {
  return typeof values[0] === 'string' ? (values as readonly string[]) : undefined;
}
