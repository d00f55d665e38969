import { eachSubgraph } from '../graph.js';
import type { GraphProto, NodeProto } from '../onnx/onnx_pb.js';
import { tensorHead } from '../onnx/read.js';
import { STRING } from '../onnx/write.js';
import { carriedInputs, looksAtShapeOnly } from './carriers.js';
import { readTextEncoder, readTextSource, writesTexts, type TextEncoder, type TextSource, type Unfit } from './encoder.js';

/** Tensors of strings that have to be coded alike, since operators move elements between them. */
export interface StringGroup {
  /** Inputs of the model. */
  readonly inputs: readonly string[];
  readonly tensors: ReadonlySet<string>;
  /** Why they have to stay strings; undefined where they can be coded. */
  readonly refusal: string | undefined;
}

export interface StringGroups {
  /** Those that hold an input of the model. */
  readonly groups: readonly StringGroup[];
  readonly encoders: ReadonlyMap<NodeProto, TextEncoder>;
  readonly sources: ReadonlyMap<NodeProto, TextSource>;
}

/** Operators that may hold graphs, whose nodes may name any tensor of this one. */
const HOLDS_GRAPHS: ReadonlySet<string> = new Set(['If', 'Loop', 'Scan', 'SequenceMap']);
const OWN_DOMAINS: ReadonlySet<string> = new Set(['', 'ai.onnx', 'ai.onnx.ml']);

/**
 * Follows the model's string inputs forwards. A group can be coded if its tensors go nowhere but through operators that only move elements, into encoders of
 * texts; and come from nowhere but inputs, and lists of texts that encoders write. Pure.
 */
export function stringGroups(graph: GraphProto): StringGroups {
  const inputs = stringInputs(graph);
  const tensors = stringTensors(graph, inputs);
  const parts = new Parts(tensors);
  const encoders = new Map<NodeProto, TextEncoder>();
  const sources = new Map<NodeProto, TextSource>();
  for (const node of graph.node) {
    const carried = carriedInputs(node);
    const moves = carried === undefined ? writesTexts(node) : carried.some((name) => tensors.has(name));
    if (moves) parts.join([...(carried ?? node.input), ...node.output].filter((name) => tensors.has(name)));
  }
  for (const node of graph.node) {
    const source = readTextSource(node);
    const encoder = node.domain === 'ai.onnx.ml' && node.input.length === 1 ? readTextEncoder(node) : undefined;
    if (source !== undefined && !('unfit' in source)) sources.set(node, source);
    else if (encoder !== undefined && !('unfit' in encoder)) encoders.set(node, encoder);
    else for (const [name, reason] of refusalsOf(node, source ?? encoder, tensors)) parts.refuse(name, reason);
  }
  for (const { name } of graph.output) if (tensors.has(name)) parts.refuse(name, 'its texts are an output');
  if (holdsGraphs(graph)) for (const name of inputs) parts.refuse(name, 'the graph holds subgraphs');
  return { groups: parts.groups(inputs), encoders, sources };
}

/** Why a node that is no encoder whose list can be followed keeps the strings that it reads and writes from being coded. */
function refusalsOf(node: NodeProto, encoder: Unfit | undefined, tensors: ReadonlySet<string>): [name: string, reason: string][] {
  const texts = [...node.input, ...(writesTexts(node) ? node.output : [])].filter((name) => tensors.has(name));
  const carried = carriedInputs(node);
  const all = (reason: string): [string, string][] => texts.map((name) => [name, `${node.opType} ${reason}`]);
  if (encoder !== undefined) return all(encoder.unfit);
  if (carried === undefined) return looksAtShapeOnly(node) ? [] : all('does more with texts than look them up');
  return texts.length === 0 || carried.every((name) => tensors.has(name)) ? [] : all('mixes them with texts of another origin');
}

function stringInputs(graph: GraphProto): readonly string[] {
  const given = new Set(graph.initializer.map((bytes) => tensorHead(bytes).name));
  const isString = ({ type }: GraphProto['input'][number]): boolean => type?.value.case === 'tensorType' && type.value.value.elemType === STRING;
  return graph.input.filter((input) => isString(input) && !given.has(input.name)).map(({ name }) => name);
}

/** Nodes need not stand in order: what was found is looked at again until nothing new is. */
function stringTensors(graph: GraphProto, inputs: readonly string[]): Set<string> {
  const tensors = new Set(inputs);
  for (const node of graph.node) if (writesTexts(node) && node.output[0] !== undefined) tensors.add(node.output[0]);
  for (let before = -1; before !== tensors.size;) {
    before = tensors.size;
    for (const node of graph.node) {
      if (carriedInputs(node)?.some((name) => tensors.has(name)) === true) for (const name of node.output) if (name !== '') tensors.add(name);
    }
  }
  return tensors;
}

function holdsGraphs({ node }: GraphProto): boolean {
  let found = false;
  eachSubgraph(
    node.filter(({ domain, opType }) => HOLDS_GRAPHS.has(opType) || !OWN_DOMAINS.has(domain)),
    () => (found = true),
  );
  return found;
}

/** Disjoint sets of tensors; what is refused for one holds for all of its set. */
class Parts {
  readonly #parent: Map<string, string>;
  readonly #refusals = new Map<string, string>();

  constructor(tensors: ReadonlySet<string>) {
    this.#parent = new Map([...tensors].map((name) => [name, name]));
  }

  join(names: readonly string[]): void {
    const [first = '', ...others] = names.map((name) => this.#root(name));
    for (const other of others) this.#parent.set(this.#root(other), this.#root(first));
  }

  refuse(name: string | undefined, reason: string): void {
    if (name !== undefined && this.#parent.has(name) && !this.#refusals.has(name)) this.#refusals.set(name, reason);
  }

  /** The first refusal of a set stands for it. */
  groups(inputs: readonly string[]): StringGroup[] {
    const names = [...this.#parent.keys()];
    return [...new Set(inputs.map((input) => this.#root(input)))].map((root) => {
      const tensors = new Set(names.filter((name) => this.#root(name) === root));
      const [, refusal] = [...this.#refusals].find(([name]) => tensors.has(name)) ?? [];
      return { inputs: inputs.filter((input) => tensors.has(input)), tensors, refusal };
    });
  }

  #root(name: string): string {
    for (let at = name; ;) {
      const parent = this.#parent.get(at) ?? at;
      if (parent === at) return at;
      at = parent;
    }
  }
}
