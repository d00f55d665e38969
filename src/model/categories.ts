import type { GraphProto, NodeProto } from './onnx/onnx_pb.js';
import { attributeOf, tensorHead, utf8 } from './onnx/read.js';

/** Where an operator keeps the values that it knows. */
const KNOWN: Readonly<Record<string, readonly string[]>> = {
  OneHotEncoder: ['cats_strings', 'cats_int64s'],
  LabelEncoder: ['keys_strings', 'keys_int64s'],
  CategoryMapper: ['cats_strings'],
};

/** What a graph shows of an input beyond its declaration. */
export interface InputUse {
  /** The values that the first encoder behind it knows, as text; undefined where there is none. */
  readonly categories: readonly string[] | undefined;
  /** How many columns the first operator behind it takes that cannot take another number; undefined where none tells. */
  readonly width: number | undefined;
}

/** Follows an input forwards, nearest operators first, to an encoder and to an operator of fixed width. */
export function useOf(graph: GraphProto, input: string): InputUse {
  const readers = new Map<string, NodeProto[]>();
  for (const node of graph.node) for (const name of new Set(node.input)) readers.set(name, [...(readers.get(name) ?? []), node]);
  const dims = new Map(graph.initializer.map((bytes) => [tensorHead(bytes).name, bytes]));
  const seen = new Set<NodeProto>();
  let [categories, width]: [readonly string[] | undefined, number | undefined] = [undefined, undefined];
  let straight = true; // columns are still those of the input
  for (let level = [input]; level.length > 0 && seen.size < 1000;) {
    const nodes = level.flatMap((name) => readers.get(name) ?? []).filter((node) => !seen.has(node));
    for (const node of nodes) {
      seen.add(node);
      categories ??= categoriesOf(node);
      if (straight && level.includes(node.input[0] ?? '')) width ??= widthOf(node, (name) => headDims(dims.get(name)));
    }
    straight &&= nodes.every(({ opType }) => KEEPS_COLUMNS.has(opType));
    level = nodes.flatMap((node) => node.output);
  }
  return { categories, width };
}

const KEEPS_COLUMNS: ReadonlySet<string> = new Set(['Cast', 'Identity', 'Normalizer', 'Scaler', 'Imputer', 'Sub', 'Div', 'Clip']);

function categoriesOf(node: NodeProto): readonly string[] | undefined {
  for (const name of KNOWN[node.opType] ?? []) {
    const found = attributeOf(node, name);
    const values = found === undefined ? [] : found.strings.length > 0 ? found.strings.map(utf8) : found.ints.map(String);
    if (values.length > 0) return values;
  }
  return undefined;
}

function widthOf(node: NodeProto, dimsOf: (name: string) => readonly number[] | undefined): number | undefined {
  const floats = (name: string): number => attributeOf(node, name)?.floats.length ?? 0;
  const several = (count: number): number | undefined => (count > 1 ? count : undefined);
  switch (node.opType) {
    case 'MatMul':
      return dimsOf(node.input[1] ?? '')?.at(-2);
    case 'Gemm':
      return dimsOf(node.input[1] ?? '')?.[attributeOf(node, 'transB')?.i === 1n ? 1 : 0];
    case 'Scaler':
      return several(Math.max(floats('offset'), floats('scale')));
    case 'Imputer':
      return several(floats('imputed_value_floats'));
    case 'LinearRegressor':
      return several(floats('coefficients') / Math.max(1, Number(attributeOf(node, 'targets')?.i ?? 1n)));
    case 'LinearClassifier':
      return several(floats('coefficients') / Math.max(1, floats('intercepts')));
    case 'TreeEnsembleRegressor':
    case 'TreeEnsembleClassifier':
      return (attributeOf(node, 'nodes_featureids')?.ints ?? []).reduce((most, id) => Math.max(most, Number(id) + 1), 1);
    default:
      return undefined;
  }
}

function headDims(bytes: Uint8Array | undefined): readonly number[] | undefined {
  return bytes === undefined ? undefined : tensorHead(bytes).dims.map(Number);
}
