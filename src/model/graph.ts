import { attributeHead, attributeOf, elementCount, tensorHead, tensorOf, tensorTexts, utf8 } from './onnx/read.js';
import type { GraphProto, NodeProto } from './onnx/onnx_pb.js';

/** A node and which of its outputs is meant. */
export interface Producer {
  readonly node: NodeProto;
  readonly output: number;
}

/** A graph's edges, to be followed backwards. Made once for a graph; not kept true when the graph changes. */
export interface Graph {
  readonly proto: GraphProto;
  /** Names of tensors that stand in the file. */
  readonly initializers: ReadonlySet<string>;
  /** The node that writes a tensor; undefined for inputs, initializers and unknown names. */
  producerOf(tensor: string): Producer | undefined;
  /** Is this tensor the same in every run? */
  isConstant(tensor: string): boolean;
  /** How many values a constant holds; undefined for what is no constant. */
  constantSize(tensor: string): number | undefined;
  /** Values of a constant of strings or whole numbers, as text. */
  constantTexts(tensor: string): string[] | undefined;
}

/** Indexes a graph by its edges. */
export function openGraph(proto: GraphProto): Graph {
  const producers = new Map<string, Producer>();
  for (const node of proto.node) node.output.forEach((name, output) => name !== '' && producers.set(name, { node, output }));
  const initializers = new Map(proto.initializer.map((bytes) => [tensorHead(bytes).name, bytes]));
  const constantNode = (tensor: string): NodeProto | undefined => {
    const node = producers.get(tensor)?.node;
    return node?.opType === 'Constant' ? node : undefined;
  };
  return {
    proto,
    initializers: new Set(initializers.keys()),
    producerOf: (tensor) => producers.get(tensor),
    isConstant: (tensor) => initializers.has(tensor) || constantNode(tensor) !== undefined,
    constantSize: (tensor) => {
      const bytes = initializers.get(tensor);
      if (bytes !== undefined) return elementCount(tensorHead(bytes).dims);
      const node = constantNode(tensor);
      if (node === undefined) return undefined;
      const value = attributeOf(node, 'value')?.t;
      return value === undefined ? constantLists(node)?.length : elementCount(value.dims);
    },
    constantTexts: (tensor) => {
      const bytes = initializers.get(tensor);
      if (bytes !== undefined) return tensorTexts(tensorOf(bytes));
      const node = constantNode(tensor);
      if (node === undefined) return undefined;
      const value = attributeOf(node, 'value')?.t;
      return value === undefined ? constantLists(node) : tensorTexts(value);
    },
  };
}

/** A Constant node may give its value as a plain list. */
function constantLists(node: NodeProto): string[] | undefined {
  const single = attributeOf(node, 'value_int');
  if (single !== undefined) return [String(single.i)];
  return attributeOf(node, 'value_ints')?.ints.map(String) ?? attributeOf(node, 'value_strings')?.strings.map(utf8);
}

/** Subgraphs may nest this deep; exporters stay below ten. */
const DEEPEST = 64;

/** Calls `visit` with the graph and with every subgraph of its nodes (If, Loop, Scan), outermost first. */
export function eachGraph(graph: GraphProto, visit: (graph: GraphProto) => void, depth = 0): void {
  if (depth > DEEPEST) throw new RangeError(`subgraphs are nested more than ${DEEPEST} deep`);
  visit(graph);
  eachSubgraph(graph.node, visit, depth + 1);
}

/** As eachGraph, for the subgraphs of some nodes. */
export function eachSubgraph(nodes: readonly NodeProto[], visit: (graph: GraphProto) => void, depth = 0): void {
  for (const node of nodes) {
    for (const bytes of node.attribute) {
      const head = attributeHead(bytes);
      if (head.g !== undefined) eachGraph(head.g, visit, depth);
      for (const graph of head.graphs) eachGraph(graph, visit, depth);
    }
  }
}
