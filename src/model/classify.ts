import { attributeOf, utf8 } from './onnx/read.js';
import type { NodeProto } from './onnx/onnx_pb.js';
import type { Graph } from './graph.js';
import type { OutputSpec } from './signature.js';
import { classLabels } from './zipmap.js';

/** What the graph says of an output. `width` is how many columns it has where the graph shows it: declared shapes are often wrong. */
export type Meaning = Pick<OutputSpec, 'role' | 'classes'> & { readonly width: number | undefined };

interface LabelTrace {
  readonly classes: readonly string[] | undefined;
  /** The matrix whose columns compete: ArgMax's input. Undefined where a classifier operator picks the label itself. */
  readonly matrix: string | undefined;
}

const CLASSIFIERS: ReadonlySet<string> = new Set(['LinearClassifier', 'TreeEnsembleClassifier', 'SVMClassifier']);
/** Change an output's type or shape, not what it says. */
const RESHAPES: ReadonlySet<string> = new Set(['Identity', 'Cast', 'CastLike', 'Reshape', 'Squeeze', 'Unsqueeze', 'Flatten', 'Dropout']);
/** Make probabilities of scores, column by column. */
const LINKS: ReadonlySet<string> = new Set(['Normalizer', 'Softmax', 'Sigmoid', 'Exp', 'Clip', 'LpNormalization']);
/** What ends in one of these is a score without bounds. */
const AFFINE: ReadonlySet<string> = new Set(['Add', 'Sub', 'MatMul', 'Gemm', 'LogSoftmax', 'Log']);

/**
 * Says of each output whether it is a classifier's label, its probabilities, or a value: by following the edges backwards to the operator that decides,
 * never by name. Raw scores of a classifier (a support vector machine's distances, a perceptron's sums) are values with class names,
 * for they are no probabilities. `zipped` holds the class names that ZipMap had, by matrix.
 */
export function classifyOutputs(graph: Graph, outputs: readonly string[], zipped: ReadonlyMap<string, readonly string[]>): Meaning[] {
  const labels = outputs.map((name) => traceLabel(graph, name));
  const meanings = outputs.map((name, index): Meaning => {
    const label = labels[index];
    if (label !== undefined) return { role: 'label', classes: label.classes, width: undefined };
    const trace = traceMatrix(graph, name, zipped, labels);
    if (trace === undefined) return { role: 'value', classes: undefined, width: targets(graph, name) };
    return { role: isRawScore(graph, name) ? 'value' : 'probabilities', classes: trace.classes, width: trace.classes?.length };
  });
  return shareClasses(meanings);
}

/** A label and a matrix that are the only ones of their kind belong together: what one knows of the classes holds for the other. */
function shareClasses(meanings: Meaning[]): Meaning[] {
  const labels = meanings.filter(({ role }) => role === 'label');
  const matrices = meanings.filter(({ role }) => role === 'probabilities');
  if (labels.length !== 1 || matrices.length !== 1) return meanings;
  const classes = labels[0]?.classes ?? matrices[0]?.classes;
  return meanings.map((meaning) => (meaning.role === 'value' || meaning.classes !== undefined ? meaning : { ...meaning, classes }));
}

function traceLabel(graph: Graph, name: string, steps = 0): LabelTrace | undefined {
  const producer = graph.producerOf(name);
  if (producer === undefined || steps > 100) return undefined;
  const { node, output } = producer;
  const [first = '', second = ''] = node.input;
  if (RESHAPES.has(node.opType)) return traceLabel(graph, first, steps + 1);
  if (CLASSIFIERS.has(node.opType)) return output === 0 ? { classes: classLabels(node), matrix: undefined } : undefined;
  if (node.opType === 'ArgMax') return isAcross(node) ? { classes: undefined, matrix: first } : undefined;
  if (node.opType === 'ArrayFeatureExtractor' || node.opType === 'Gather') {
    // A list of classes, and the place in it of the best one.
    if (!graph.isConstant(first)) return undefined;
    const index = traceLabel(graph, second, steps + 1);
    return index?.classes !== undefined || index === undefined ? undefined : { classes: graph.constantTexts(first), matrix: index.matrix };
  }
  if (node.opType === 'LabelEncoder') {
    const label = traceLabel(graph, first, steps + 1);
    return label === undefined ? undefined : { classes: encodeClasses(node, label.classes), matrix: label.matrix };
  }
  return undefined;
}

/** Does ArgMax pick the best column of each row? */
function isAcross(node: NodeProto): boolean {
  const axis = attributeOf(node, 'axis')?.i ?? 0n;
  return axis === 1n || axis === -1n;
}

/** Class names behind a LabelEncoder: each class's, or those of the places 0, 1, … where the classes are places. */
function encodeClasses(node: NodeProto, classes: readonly string[] | undefined): string[] | undefined {
  const list = (kind: 'keys' | 'values'): string[] | undefined =>
    attributeOf(node, `${kind}_int64s`)?.ints.map(String) ?? attributeOf(node, `${kind}_strings`)?.strings.map(utf8);
  const keys = list('keys');
  const values = list('values');
  if (keys === undefined || values === undefined) return undefined;
  const named = new Map(keys.map((key, index) => [key, values[index]]));
  const encoded = (classes ?? keys.map((_, index) => String(index))).map((label) => named.get(label));
  return encoded.every((label) => label !== undefined) ? encoded : undefined;
}

function traceMatrix(
  graph: Graph,
  name: string,
  zipped: ReadonlyMap<string, readonly string[]>,
  labels: readonly (LabelTrace | undefined)[],
): LabelTrace | undefined {
  const keys = zipped.get(name);
  if (keys !== undefined) return { classes: keys, matrix: name };
  // A label that is picked from this very matrix knows its classes best: the classifier within may number them.
  const ancestors = columnwiseAncestors(graph, name);
  const picked = labels.find((label) => label?.matrix !== undefined && intersects(ancestors, columnwiseAncestors(graph, label.matrix)));
  return picked?.classes === undefined ? (traceClassifier(graph, name) ?? picked) : picked;
}

/** Follows a matrix straight back to a classifier's second output, through what keeps columns in their order or picks some of them. */
function traceClassifier(graph: Graph, name: string, steps = 0): LabelTrace | undefined {
  const producer = graph.producerOf(name);
  if (producer === undefined || steps > 100) return undefined;
  const { node, output } = producer;
  const [first = '', second = ''] = node.input;
  if (CLASSIFIERS.has(node.opType)) return output === 1 ? { classes: scoredClasses(node), matrix: name } : undefined;
  if (RESHAPES.has(node.opType) || LINKS.has(node.opType) || isScaling(graph, node)) return traceClassifier(graph, first, steps + 1);
  if (node.opType !== 'ArrayFeatureExtractor' || !graph.isConstant(second)) return undefined;
  const trace = traceClassifier(graph, first, steps + 1);
  const picks = graph.constantTexts(second);
  if (trace?.classes === undefined || picks === undefined) return undefined;
  const picked = picks.map((pick) => trace.classes?.[Number(pick)]);
  return picked.every((label) => label !== undefined) ? { classes: picked, matrix: name } : undefined;
}

/** A support vector machine without probabilities scores pairs of classes, not classes. */
function scoredClasses(node: NodeProto): string[] | undefined {
  return node.opType === 'SVMClassifier' && !hasProbabilities(node) ? undefined : classLabels(node);
}

function hasProbabilities(node: NodeProto): boolean {
  return (attributeOf(node, 'prob_a')?.floats.length ?? 0) > 0;
}

/** Multiplication or division by one number, as LightGBM's exporter writes. */
function isScaling(graph: Graph, node: NodeProto): boolean {
  return (node.opType === 'Mul' || node.opType === 'Div') && graph.constantSize(node.input[1] ?? '') === 1;
}

/** How many values a regressor operator gives a row; undefined where no such operator makes this output. */
function targets(graph: Graph, name: string, steps = 0): number | undefined {
  const node = graph.producerOf(name)?.node;
  if (node === undefined || steps > 100) return undefined;
  if (node.opType === 'TreeEnsembleRegressor') return Number(attributeOf(node, 'n_targets')?.i ?? 1n);
  if (node.opType === 'LinearRegressor') return Number(attributeOf(node, 'targets')?.i ?? 1n);
  return node.opType === 'Identity' || node.opType === 'Cast' ? targets(graph, node.input[0] ?? '', steps + 1) : undefined;
}

/** The tensors that a matrix is made of column by column, itself included. */
function columnwiseAncestors(graph: Graph, name: string): Set<string> {
  const found = new Set<string>();
  let at: string | undefined = name;
  while (at !== undefined && at !== '' && !found.has(at)) {
    found.add(at);
    const node: NodeProto | undefined = graph.producerOf(at)?.node;
    // Div and Sub normalise rows: the first operand has the columns.
    at =
      node !== undefined && (RESHAPES.has(node.opType) || LINKS.has(node.opType) || node.opType === 'Div' || node.opType === 'Sub')
        ? node.input[0]
        : undefined;
  }
  return found;
}

function intersects(left: ReadonlySet<string>, right: ReadonlySet<string>): boolean {
  for (const name of left) if (right.has(name)) return true;
  return false;
}

/** Is this a classifier's sum or distance that nothing has turned into a probability? */
function isRawScore(graph: Graph, name: string, seen = new Set<string>()): boolean {
  const node = graph.producerOf(name)?.node;
  if (node === undefined) return false;
  if (seen.has(name)) return true;
  seen.add(name);
  if (AFFINE.has(node.opType)) return true;
  if (node.opType === 'LinearClassifier') return isUntransformed(node);
  if (node.opType === 'SVMClassifier') return isUntransformed(node) && !hasProbabilities(node);
  if (node.opType === 'Concat') return node.input.every((input) => isRawScore(graph, input, seen));
  const passes = RESHAPES.has(node.opType) || node.opType === 'Neg' || node.opType === 'ArrayFeatureExtractor' || isScaling(graph, node);
  return passes && isRawScore(graph, node.input[0] ?? '', seen);
}

function isUntransformed(node: NodeProto): boolean {
  const transform = attributeOf(node, 'post_transform')?.s;
  return transform === undefined || transform.length === 0 || utf8(transform) === 'NONE';
}
