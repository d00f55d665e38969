import type { ElementType } from '../batch/element.js';
import type { Family } from './family.js';
import { eachGraph } from './graph.js';
import { widthBehind } from './input-width.js';
import type { Knowledge } from './knowledge/knowledge.js';
import { knowledgeOf } from './knowledge/walk.js';
import { openModel, readLate, type LoadedModel } from './load.js';
import { countOperators } from './operators.js';
import type { GraphProto, ModelProto } from './onnx/onnx_pb.js';
import { attributeName, attributeOf, elementCount, tensorHead, utf8 } from './onnx/read.js';
import type { ParsedModel } from './parse.js';
import { readRules } from './rules/read.js';
import type { Dimension, OperatorFacts, OutputSpec, Signature, ZipMapRewrite } from './signature.js';

/** What a model file says of itself. Plain data, fit for JSON. */
export interface ModelFacts {
  readonly path: string;
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly family: Family;
  readonly inputs: readonly InputFacts[];
  readonly outputs: readonly OutputSpec[];
  /** The only number of rows that the model takes at once; null where any will do. */
  readonly fixedBatch: number | null;
  /** Order of a matrix's columns, by the model's metadata. */
  readonly featureNames: readonly string[] | null;
  /** Class labels in the order of the probabilities; null where the model is no classifier or does not name them. */
  readonly classes: readonly string[] | null;
  /** With subgraphs and functions, most frequent first. */
  readonly operators: readonly OperatorFacts[];
  readonly opsets: readonly { readonly domain: string; readonly version: number }[];
  /** null for rules. */
  readonly irVersion: number | null;
  readonly producer: { readonly name: string; readonly version: string };
  readonly domain: string;
  readonly modelVersion: string;
  readonly doc: string;
  readonly graphName: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** Outputs that were maps, and the matrix that is taken in their place. */
  readonly zipMaps: readonly ZipMapRewrite[];
  /** What the graph itself knows of the training data, by input and element; of elements that are left out it shows nothing. */
  readonly knowledge: readonly Knowledge[];
  /** Fitted numbers: weights, coefficients, thresholds and leaves. */
  readonly parameters: number | null;
  /** The conditions of a file of rules, in CEL, and the values by output; the last has no condition. null for a graph. */
  readonly rules: readonly { readonly when: string | null; readonly then: readonly (number | string)[] }[] | null;
}

export interface InputFacts {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly Dimension[] | null;
  /** How rows feed it: `column`, one value a row, bound by name; `matrix`, a list of values a row, which needs an order of columns. */
  readonly kind: 'column' | 'matrix';
  /** Values a row, as declared or as the operators behind it show; null where any number will do. */
  readonly width: number | null;
  /** Of a column: the values that its encoders know, as text; null where there are none. Those of a matrix stand in `knowledge`. */
  readonly categories: readonly string[] | null;
}

/** Reads what a model of at most `maxBytes` declares and holds; runs nothing. Throws what openModel throws. */
export async function inspectModel(path: string, maxBytes?: number): Promise<ModelFacts> {
  const { loaded, parsed } = await openModel(path, maxBytes);
  return readLate(path, () => (parsed === undefined ? factsOfRules(loaded) : factsOf(path, loaded, parsed)));
}

function factsOfRules({ path, sha256, sizeBytes, family, signature, bytes }: LoadedModel): ModelFacts {
  const { rules } = readRules(bytes, path);
  return {
    ...{
      path,
      sha256,
      sizeBytes,
      family,
      outputs: signature.outputs,
      fixedBatch: null,
      featureNames: null,
      classes: null,
      operators: [],
      opsets: [],
    },
    inputs: signature.inputs.map(({ name, type, shape }) => ({ name, type, shape: shape ?? null, kind: 'column', width: 1, categories: null })),
    ...{
      irVersion: null,
      producer: { name: '', version: '' },
      domain: '',
      modelVersion: '0',
      doc: '',
      graphName: '',
      metadata: {},
      zipMaps: [],
      parameters: null,
    },
    knowledge: [],
    rules: rules.map(({ when, then }) => ({ when: when ?? null, then })),
  };
}

function factsOf(path: string, loaded: LoadedModel, parsed: ParsedModel): ModelFacts {
  const { signature, zipMaps, sha256, sizeBytes } = loaded;
  const { proto, graph } = parsed;
  const knowledge = knowledgeOf(parsed, signature);
  return {
    path,
    sha256,
    sizeBytes,
    family: loaded.family,
    inputs: signature.inputs.map((input) => inputFacts(input, graph, knowledge)),
    outputs: signature.outputs,
    fixedBatch: signature.fixedBatch ?? null,
    featureNames: signature.featureNames ?? null,
    classes: classesOf(signature),
    operators: countOperators(proto, graph),
    opsets: distinctOpsets(proto),
    irVersion: Number(proto.irVersion),
    producer: { name: proto.producerName, version: proto.producerVersion },
    domain: proto.domain,
    modelVersion: String(proto.modelVersion),
    doc: utf8(proto.docString),
    graphName: graph.name,
    metadata: Object.fromEntries(proto.metadataProps.map(({ key, value }) => [key, utf8(value)])),
    zipMaps,
    knowledge,
    parameters: countParameters(graph),
    rules: null,
  };
}

function inputFacts({ name, type, shape }: Signature['inputs'][number], graph: GraphProto, knowledge: readonly Knowledge[]): InputFacts {
  const declared = shape?.length === 1 ? 1 : shape?.[1];
  const kind = declared === 1 ? 'column' : 'matrix';
  const width = typeof declared === 'number' ? declared : (widthBehind(graph, name) ?? null);
  const known = kind === 'matrix' ? undefined : knowledge.find(({ input }) => input === name);
  return { name, type, shape: shape ?? null, kind, width, categories: known?.categories ?? null };
}

function classesOf({ outputs }: Signature): readonly string[] | null {
  const classifier = outputs.find(({ role, classes }) => role === 'probabilities' && classes !== undefined);
  return (classifier ?? outputs.find(({ classes }) => classes !== undefined))?.classes ?? null;
}

/** Some exporters import the same set twice. */
function distinctOpsets({ opsetImport }: ModelProto): { domain: string; version: number }[] {
  const byDomain = new Map(opsetImport.map(({ domain, version }) => [domain, Number(version)]));
  return [...byDomain].map(([domain, version]) => ({ domain, version }));
}

/** Attributes that hold what was fitted, in the operators for classical models. */
const FITTED: ReadonlySet<string> = new Set([
  'coefficients', 'intercepts', 'support_vectors', 'rho', 'prob_a', 'prob_b', 'offset', 'scale', 'imputed_value_floats',
  'nodes_values', 'class_weights', 'target_weights', 'base_values',
]); // prettier-ignore

function countParameters(graph: GraphProto): number {
  let count = 0;
  eachGraph(graph, ({ initializer, node }) => {
    for (const bytes of initializer) count += elementCount(tensorHead(bytes).dims);
    for (const each of node) {
      for (const bytes of each.attribute) {
        const name = attributeName(bytes);
        if (FITTED.has(name)) count += attributeOf(each, name)?.floats.length ?? 0;
      }
    }
  });
  return count;
}
