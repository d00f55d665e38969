import { openGraph, type Graph } from './graph.js';
import type { NodeProto } from './onnx/onnx_pb.js';
import { attributeHead, attributeOf } from './onnx/read.js';
import type { ParsedModel } from './parse.js';
import type { Signature } from './signature.js';

/** Operators that give each row from its own values alone, whatever their attributes. */
const ROW_BY_ROW: ReadonlySet<string> = new Set([
  // values one by one, or rows by rows
  'Abs', 'Acos', 'Acosh', 'Asin', 'Asinh', 'Atan', 'Atanh', 'BitwiseNot', 'Cast', 'CastLike', 'Ceil', 'Celu', 'Clip', 'Cos', 'Cosh', 'DequantizeLinear',
  'DynamicQuantizeLinear', 'Elu', 'Erf', 'Exp', 'Floor', 'Gelu', 'HardSigmoid', 'HardSwish', 'Identity', 'IsInf', 'IsNaN', 'LeakyRelu', 'Log', 'Mish', 'Neg', 'Not',
  'PRelu', 'QuantizeLinear', 'Reciprocal', 'RegexFullMatch', 'Relu', 'Round', 'Selu', 'Shrink', 'Sigmoid', 'Sign', 'Sin', 'Sinh', 'Softplus', 'Softsign', 'Sqrt', 'Tan',
  'Tanh', 'ThresholdedRelu', 'Swish',
  'AveragePool', 'Conv', 'GlobalAveragePool', 'GlobalMaxPool', 'GroupNormalization', 'InstanceNormalization', 'LRN', 'MaxPool', 'RMSNormalization', 'TfIdfVectorizer',
  'Binarizer', 'CategoryMapper', 'FeatureVectorizer', 'Imputer', 'LabelEncoder', 'LinearClassifier', 'LinearRegressor', 'Normalizer', 'OneHotEncoder', 'SVMClassifier',
  'SVMRegressor', 'Scaler', 'TreeEnsemble', 'TreeEnsembleClassifier', 'TreeEnsembleRegressor', 'ZipMap',
]); // prettier-ignore

/** Operators that take a single list for one row, or work along its only axis. */
const LIST_AS_ROW: ReadonlySet<string> = new Set(['CumSum', 'Normalizer', 'Slice', 'TfIdfVectorizer']);

/** Operators of several operands, value by value: rows stay apart unless the operands have different numbers of dimensions. */
const TOGETHER: ReadonlySet<string> = new Set([
  'Add', 'And', 'BitShift', 'BitwiseAnd', 'BitwiseOr', 'BitwiseXor', 'Div', 'Equal', 'Greater', 'GreaterOrEqual', 'Less', 'LessOrEqual', 'Max', 'Mean', 'Min', 'Mod',
  'Mul', 'Or', 'Pow', 'StringConcat', 'Sub', 'Sum', 'Where', 'Xor',
]); // prettier-ignore

/** Operators along one axis, by the attribute `axis`, and the axis where it is not given. */
const ALONG_AXIS: Readonly<Record<string, bigint | undefined>> = {
  ArgMax: 0n, ArgMin: 0n, Concat: undefined, Gather: 0n, GatherElements: 0n, Hardmax: -1n, LayerNormalization: -1n, LogSoftmax: -1n, LpNormalization: -1n, OneHot: -1n,
  Softmax: -1n, Split: 0n, TopK: -1n,
}; // prettier-ignore

/** Operators that read nothing of a tensor but its shape, which is the same for every block. */
const SHAPE_ONLY: ReadonlySet<string> = new Set(['Shape', 'Size']);

/**
 * Names the operators of a graph that may mix rows: that reduce, sort, pick or shift along the first axis, or whose doing cannot be told from the graph
 * (loops, branches, operators that are not known here). Only what is computed from the inputs counts. A name is a reason to look, not a proof; and a
 * graph without any is no proof of the contrary where tensors have more axes than they seem.
 */
export function rowMixers({ proto, graph }: ParsedModel, signature: Signature): readonly string[] {
  const edges = openGraph(graph);
  const local = new Set(proto.functions.map(({ name }) => name));
  const trace: Trace = { edges, rows: new Set(), flat: new Set(), fixedBatch: signature.fixedBatch };
  for (const { name, shape } of signature.inputs) {
    trace.rows.add(name);
    if (shape?.length === 1) trace.flat.add(name);
  }
  const found = new Set<string>();
  for (const node of inOrder(signature.outputs, edges)) {
    const how = local.has(node.opType) || nests(node) ? 'mixed' : node.input.some((name) => trace.rows.has(name)) ? follow(node, trace) : 'constant';
    if (how === 'mixed') found.add(node.opType);
    for (const name of how === 'constant' ? [] : node.output) {
      trace.rows.add(name);
      if (how === 'flat') trace.flat.add(name);
    }
  }
  return [...found].sort();
}

interface Trace {
  readonly edges: Graph;
  /** Tensors that are computed from the inputs. */
  readonly rows: Set<string>;
  /** Those of them that have one dimension. */
  readonly flat: Set<string>;
  readonly fixedBatch: number | undefined;
}

/** What an operator makes of rows: keeps them apart (as lists or as single values), mixes them, or gives the same for any values. */
type How = 'apart' | 'flat' | 'mixed' | 'constant';

/** The nodes that the outputs are made by, each behind those that it reads. A cycle is cut somewhere: the runtime refuses it. */
export function inOrder(outputs: readonly { readonly name: string }[], edges: Graph): ReadonlySet<NodeProto> {
  const order = new Set<NodeProto>();
  const entered = new Set<NodeProto>();
  const stack = outputs.flatMap(({ name }) => edges.producerOf(name)?.node ?? []);
  for (let node = stack.at(-1); node !== undefined; node = stack.at(-1)) {
    if (entered.has(node)) {
      order.add(node);
      stack.pop();
    } else {
      entered.add(node);
      for (const name of node.input) {
        const before = edges.producerOf(name)?.node;
        if (before !== undefined && !entered.has(before)) stack.push(before);
      }
    }
  }
  return order;
}

function nests(node: NodeProto): boolean {
  return node.attribute.some((bytes) => {
    const { g, graphs } = attributeHead(bytes);
    return g !== undefined || graphs.length > 0;
  });
}

function follow(node: NodeProto, trace: Trace): How {
  const { opType } = node;
  const [data = '', second = ''] = node.input;
  const same: How = trace.flat.has(data) ? 'flat' : 'apart';
  if (SHAPE_ONLY.has(opType)) return 'constant';
  if (opType === 'TreeEnsembleClassifier' || opType === 'LinearClassifier' || opType === 'SVMClassifier') return 'apart';
  if (same === 'flat' && LIST_AS_ROW.has(opType)) return 'mixed';
  if (ROW_BY_ROW.has(opType)) return same;
  if (TOGETHER.has(opType)) return together(node, trace);
  if (Object.hasOwn(ALONG_AXIS, opType)) return alongAxis(node, trace);
  if (opType.startsWith('Reduce')) return reduced(node, trace);
  const others = node.input.slice(1).some((name) => trace.rows.has(name));
  if (others && opType !== 'ArrayFeatureExtractor') return 'mixed';
  switch (opType) {
    case 'MatMul':
    case 'Gemm':
      return same === 'flat' || integer(node, 'transA') === 1n ? 'mixed' : 'apart';
    case 'ArrayFeatureExtractor': // picks of rows from a constant come out as one row
      return trace.rows.has(second) ? (trace.rows.has(data) ? 'mixed' : 'flat') : same === 'flat' ? 'mixed' : 'apart';
    case 'BatchNormalization':
      return integer(node, 'training_mode') === 1n ? 'mixed' : same;
    case 'Dropout':
      return same; // in training it is not deterministic: see refuseChance
    case 'Transpose':
      return attributeOf(node, 'perm')?.ints[0] === 0n || same === 'flat' ? same : 'mixed';
    case 'Flatten':
      return (integer(node, 'axis') ?? 1n) === 1n ? 'apart' : 'mixed';
    case 'Reshape':
      return reshaped(trace.edges.constantTexts(second), trace.fixedBatch);
    case 'CumSum':
      return awayFromRows(trace.edges.constantTexts(second), same);
    case 'Squeeze':
      return awayFromRows(axesOf(node, trace.edges) ?? [], 'flat');
    case 'Unsqueeze':
      return awayFromRows(axesOf(node, trace.edges), 'apart');
    case 'Slice':
      return awayFromRows(trace.edges.constantTexts(node.input[3] ?? '') ?? attributeOf(node, 'axes')?.ints.map(String), same);
    case 'Expand':
      return 'apart';
    default:
      return 'mixed';
  }
}

/** Operands of one and of two dimensions would meet row against column. */
function together(node: NodeProto, { rows, flat }: Trace): How {
  const operands = node.input.filter((name) => rows.has(name));
  const lists = operands.filter((name) => !flat.has(name));
  if (lists.length === 0) return 'flat';
  return lists.length === operands.length ? 'apart' : 'mixed';
}

function alongAxis(node: NodeProto, trace: Trace): How {
  const { opType } = node;
  const operands = opType === 'Concat' ? node.input : node.input.slice(0, 1);
  // an embedding: the rows say which entries of a constant they want
  if (opType === 'Gather' && !trace.rows.has(operands[0] ?? '')) return trace.flat.has(node.input[1] ?? '') ? 'flat' : 'apart';
  if (opType !== 'Concat' && opType !== 'GatherElements' && node.input.slice(1).some((name) => trace.rows.has(name))) return 'mixed';
  const axis = integer(node, 'axis') ?? ALONG_AXIS[opType];
  const flat = operands.some((name) => trace.flat.has(name));
  if (axis === undefined || axis === 0n || axis < -1n || (flat && opType !== 'OneHot')) return 'mixed';
  const drops = (opType === 'ArgMax' || opType === 'ArgMin') && integer(node, 'keepdims') === 0n;
  return drops || (opType === 'Gather' && trace.edges.constantSize(node.input[1] ?? '') === 1) ? 'flat' : 'apart';
}

function reduced(node: NodeProto, trace: Trace): How {
  const axes = axesOf(node, trace.edges);
  if (axes === undefined || axes.length === 0) return integer(node, 'noop_with_empty_axes') === 1n ? 'apart' : 'mixed';
  if (trace.flat.has(node.input[0] ?? '')) return 'mixed';
  return awayFromRows(axes, integer(node, 'keepdims') === 0n ? 'flat' : 'apart');
}

/** The first dimension stays the rows where it is copied, or follows from the others. */
function reshaped(shape: readonly string[] | undefined, fixedBatch: number | undefined): How {
  if (shape === undefined) return 'apart'; // computed from the shapes of others, as torch writes it
  if (shape[0] !== '-1' && shape[0] !== '0' && shape[0] !== String(fixedBatch ?? '')) return 'mixed';
  return shape.length === 1 ? 'flat' : 'apart';
}

/** Counted from the end, only the last axis is certainly not that of the rows. */
function awayFromRows(axes: readonly string[] | undefined, otherwise: How): How {
  return axes === undefined || axes.some((axis) => axis === '0' || Number(axis) < -1) ? 'mixed' : otherwise;
}

/** Axes as text: an attribute in older versions of an operator, a constant input in newer ones. Undefined where there is neither. */
function axesOf(node: NodeProto, edges: Graph): readonly string[] | undefined {
  return attributeOf(node, 'axes')?.ints.map(String) ?? edges.constantTexts(node.input[1] ?? '');
}

function integer(node: NodeProto, name: string): bigint | undefined {
  return attributeOf(node, name)?.i;
}
