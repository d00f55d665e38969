import { ModelError } from '../errors/errors.js';
import { eachSubgraph, openGraph, type Graph } from './graph.js';
import type { NodeProto } from './onnx/onnx_pb.js';
import { attributeHead } from './onnx/read.js';
import type { ParsedModel } from './parse.js';
import { quoted } from './read-file.js';
import { inOrder } from './row-mixers.js';

/** Values of one tensor that no row asks for: more than a whole model file can hold. */
const LARGEST_VALUES = 2 ** 29;
/** Rounds of a loop that has no condition of its own. */
const MOST_ROUNDS = 10_000_000n;

/** Operators whose result is at least as large as each of their inputs. */
const GROWING: ReadonlySet<string> = new Set([
  'Abs', 'Add', 'And', 'Cast', 'Div', 'Equal', 'Exp', 'Flatten', 'Greater', 'Identity', 'Less', 'Log', 'Max', 'Min', 'Mul', 'Neg', 'Not', 'Or', 'Pow', 'Reshape', 'Relu', 'Sigmoid',
  'Sqrt', 'Squeeze', 'Sub', 'Sum', 'Tanh', 'Transpose', 'Unsqueeze', 'Where', 'Xor',
]); // prettier-ignore

/**
 * Refuses what a small file asks for without end: tensors whose size stands in the graph itself and is beyond all reason, and loops that nothing can
 * stop. Throws ModelError `model-memory` and `endless-loop`. A runtime would begin to serve them, and take the machine's memory or time for it.
 */
export function refuseBombs({ proto, graph }: ParsedModel, path: string): void {
  const edges = openGraph(graph);
  const nodes = [...inOrder(graph.output, edges)];
  const sizes = new Map<string, number>();
  const sizeOf = (name: string): number => (name === '' ? 0 : (sizes.get(name) ?? edges.constantSize(name) ?? 1));
  for (const node of nodes) {
    const size = leastSize(node, edges, sizeOf);
    if (size > LARGEST_VALUES) throw tooMuch(path, node, size);
    for (const name of node.output) sizes.set(name, size);
  }
  const inner: NodeProto[] = proto.functions.flatMap((each) => each.node);
  eachSubgraph([...nodes, ...inner], (each) => each.node.forEach((node) => inner.push(node)));
  for (const node of [...nodes, ...inner]) refuseEndless(node, edges, path);
}

/** How many values a node gives at least, for one row. */
function leastSize(node: NodeProto, edges: Graph, sizeOf: (name: string) => number): number {
  const [first = '', second = '', third = ''] = node.input;
  const numbers = (name: string): number[] | undefined => edges.constantTexts(name)?.map(Number);
  const product = (values: readonly number[] | undefined): number => (values ?? []).reduce((all, value) => all * Math.max(1, value), 1);
  switch (node.opType) {
    case 'ConstantOfShape':
      return product(numbers(first));
    case 'Expand':
      return Math.max(product(numbers(second)), sizeOf(first));
    case 'Tile':
      return sizeOf(first) * product(numbers(second));
    case 'Range': {
      const [start, limit, step] = [first, second, third].map((name) => numbers(name)?.[0]);
      return start === undefined || limit === undefined || step === undefined ? 1 : Math.max(1, (limit - start) / step);
    }
    case 'OneHot':
      return sizeOf(first) * product(numbers(second)?.slice(0, 1));
    case 'Concat':
      return node.input.reduce((sum, name) => sum + sizeOf(name), 0);
    default:
      return GROWING.has(node.opType) ? Math.max(...node.input.map(sizeOf), 1) : 1;
  }
}

function tooMuch(path: string, node: NodeProto, size: number): ModelError {
  return new ModelError(
    'model-memory',
    `model ${quoted(path)} asks for too much memory: operator ${node.opType} makes a tensor of ${size} values for one row, expected at most ${LARGEST_VALUES}`,
    {
      place: { file: path },
      fix: 'Export the model again; if it is the same then, do not trust it.',
      details: { operator: node.opType, values: size },
    },
  );
}

/** A loop ends after a number of rounds that the graph gives, or by a condition that its body computes. */
function refuseEndless(node: NodeProto, edges: Graph, path: string): void {
  if (node.opType !== 'Loop') return;
  const [rounds = '', condition = ''] = node.input;
  const most = rounds === '' ? undefined : edges.constantTexts(rounds)?.[0];
  if (rounds !== '' && (most === undefined || BigInt(most) <= MOST_ROUNDS)) return;
  if (condition !== '' && !isKept(node)) return;
  throw new ModelError('endless-loop', `model ${quoted(path)} has a loop ${most === undefined ? 'without an end' : `of ${most} rounds`}, expected at most ${MOST_ROUNDS} rounds`, {
    place: { file: path },
    fix: 'Export the model again; if it is the same then, do not trust it.',
    details: { operator: 'Loop', node: node.name },
  }); // prettier-ignore
}

/** Does the body of a loop hand its condition on as it got it, or as a constant? */
function isKept(loop: NodeProto): boolean {
  const body = loop.attribute.map((bytes) => attributeHead(bytes).g).find((graph) => graph !== undefined);
  if (body === undefined) return false;
  const edges = openGraph(body);
  let name = body.output[0]?.name ?? '';
  for (let step = 0; step < 100; step++) {
    if (name === body.input[1]?.name || edges.isConstant(name)) return true;
    const node = edges.producerOf(name)?.node;
    if (node?.opType !== 'Identity' && node?.opType !== 'Cast') return false;
    name = node.input[0] ?? '';
  }
  return false;
}
