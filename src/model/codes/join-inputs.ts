import type { JoinedInput, JoinedPart, Joins } from '../joined-input.js';
import type { GraphProto, NodeProto, ValueInfoProto } from '../onnx/onnx_pb.js';
import { tensorHead } from '../onnx/read.js';
import { floatInput } from '../onnx/write.js';
import { openJoinable, type Joinable } from './joinable.js';

/**
 * Takes the joining of inputs out of a graph whose strings are coded: where a `Concat` puts nothing but float inputs, scaled or not, and one-hot rows of coded
 * inputs side by side, its result becomes an input itself, and what fed nothing else goes. Writing a few numbers into rows of zeros that are kept costs a
 * fraction of making all of them in each call, once for an encoder and once for each joining.
 *
 * Changes `graph`, which holds no subgraphs; `texts` are those that the numbers of each coded input stand for.
 */
export function joinInputs(graph: GraphProto, texts: ReadonlyMap<string, readonly string[]>): Joins {
  const given = new Map(graph.initializer.map((bytes) => [tensorHead(bytes).name, bytes]));
  const inputs = new Map(graph.input.filter(({ name }) => !given.has(name)).map((input) => [input.name, input]));
  const producers = new Map(graph.node.flatMap((node) => node.output.map((name) => [name, node] as const)));
  const outputs = new Set(graph.output.map(({ name }) => name));
  const joinable = openJoinable({ inputs, producers, constants: given, texts });
  const found = new Map<NodeProto, Joinable>();
  for (const node of graph.node) {
    const [name = ''] = node.output;
    const rows = node.opType !== 'Concat' || outputs.has(name) ? undefined : joinable(name);
    if (rows !== undefined) found.set(node, rows);
  }
  const covered = new Set([...found.values()].flatMap(({ nodes }) => nodes.slice(0, -1)));
  const joined = [...found].filter(([node]) => !covered.has(node)).map(([{ output }, rows]) => placed(output[0] ?? '', rows));
  if (joined.length > 0) cut(graph, joined, { covered, outputs, inputs });
  return { inputs: joined, replaced: [...inputs.keys()].filter((name) => !graph.input.some((input) => input.name === name)) };
}

function placed(name: string, { rank, parts }: Joinable): JoinedInput {
  let width = 0;
  const all = parts.map((part): JoinedPart => ({ ...part, at: (width += part.width) - part.width }));
  return { name, shape: rank === 2 ? [width] : [1, width], width, parts: all };
}

interface Cut {
  /** Nodes that a joined input makes up for, unless something else reads them. */
  readonly covered: ReadonlySet<NodeProto>;
  readonly outputs: ReadonlySet<string>;
  readonly inputs: ReadonlyMap<string, ValueInfoProto>;
}

/** Makes the joined tensors inputs; takes out the nodes and inputs that are read no more. */
function cut(graph: GraphProto, joined: readonly JoinedInput[], { covered, outputs, inputs }: Cut): void {
  const names = new Set(joined.map(({ name }) => name));
  graph.node = graph.node.filter(({ output }) => !names.has(output[0] ?? ''));
  for (let before = -1; before !== graph.node.length;) {
    before = graph.node.length;
    const read = new Set(graph.node.flatMap(({ input }) => input));
    graph.node = graph.node.filter((node) => !covered.has(node) || node.output.some((name) => outputs.has(name) || read.has(name)));
  }
  const read = new Set(graph.node.flatMap(({ input }) => input));
  const parts = new Set(joined.flatMap((each) => each.parts.map(({ input }) => input)));
  graph.input = graph.input.filter(({ name }) => !parts.has(name) || read.has(name) || outputs.has(name));
  for (const { name, parts: [first], shape } of joined) graph.input.push(floatInput(name, inputs.get(first?.input ?? ''), shape)); // prettier-ignore
}
