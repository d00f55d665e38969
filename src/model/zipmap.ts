import { eachGraph } from './graph.js';
import type { GraphProto, NodeProto } from './onnx/onnx_pb.js';
import { attributeOf, floatOutput, utf8 } from './onnx/read.js';
import type { ZipMapRewrite } from './signature.js';

/**
 * Takes the float matrix that feeds each ZipMap as an output in its place, since the runtime cannot return maps to Node. Found by edges: the
 * output's producer, through Identity. Changes the graph; nothing else of it. An output whose maps are also used within the graph stays,
 * and is refused later as what it is.
 */
export function replaceZipMaps(graph: GraphProto): ZipMapRewrite[] {
  if (!graph.node.some((node) => node.opType === 'ZipMap')) return [];
  const rewrites: ZipMapRewrite[] = [];
  const uses = countUses(graph);
  const kept: GraphProto['output'] = [];
  for (const output of graph.output) {
    const chain = zipMapChain(graph, output.name, uses);
    const zipMap = chain?.at(-1);
    const tensor = zipMap?.input[0];
    const classes = zipMap === undefined ? undefined : classLabels(zipMap);
    if (chain === undefined || tensor === undefined || classes === undefined) {
      kept.push(output);
      continue;
    }
    graph.node = graph.node.filter((node) => !chain.includes(node));
    rewrites.push({ output: output.name, tensor, classes });
    // ZipMap takes float matrices only. No shape: exporters' guesses of it are often wrong.
    if (!graph.output.some(({ name }) => name === tensor) && !kept.some(({ name }) => name === tensor)) kept.push(floatOutput(tensor));
  }
  graph.output = kept;
  return rewrites;
}

/** The nodes from an output back to the ZipMap that makes it, if nothing else reads what they write. */
function zipMapChain(graph: GraphProto, output: string, uses: ReadonlyMap<string, number>): NodeProto[] | undefined {
  const chain: NodeProto[] = [];
  let name: string | undefined = output;
  while (name !== undefined && chain.length <= graph.node.length) {
    const wanted: string = name;
    const node = graph.node.find(({ output: outputs }) => outputs[0] === wanted);
    if (node === undefined || (uses.get(wanted) ?? 0) > (chain.length === 0 ? 0 : 1)) return undefined;
    chain.push(node);
    if (node.opType === 'ZipMap') return graph.input.some((input) => input.name === node.input[0]) ? undefined : chain;
    if (node.opType !== 'Identity') return undefined;
    name = node.input[0];
  }
  return undefined;
}

/** How often each tensor is read, in subgraphs too. */
function countUses(graph: GraphProto): Map<string, number> {
  const uses = new Map<string, number>();
  eachGraph(graph, ({ node }) => {
    for (const { input } of node) for (const name of input) uses.set(name, (uses.get(name) ?? 0) + 1);
  });
  return uses;
}

/** Class labels of a classifier or ZipMap node, as text, in the order of its matrix's columns. */
export function classLabels(node: NodeProto): string[] | undefined {
  for (const name of ['classlabels_int64s', 'classlabels_ints']) {
    const ints = attributeOf(node, name)?.ints;
    if (ints !== undefined && ints.length > 0) return ints.map(String);
  }
  const strings = attributeOf(node, 'classlabels_strings')?.strings;
  return strings !== undefined && strings.length > 0 ? strings.map(utf8) : undefined;
}
