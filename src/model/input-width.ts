import type { GraphProto, NodeProto } from './onnx/onnx_pb.js';
import { attributeOf, tensorHead } from './onnx/read.js';

/**
 * Follows an input forwards, nearest operators first: how many columns the first operator behind it takes that cannot take another number; undefined where none
 * tells.
 */
export function widthBehind(graph: GraphProto, input: string): number | undefined {
  const readers = new Map<string, NodeProto[]>();
  for (const node of graph.node) {
    for (const name of new Set(node.input)) {
      const list = readers.get(name);
      if (list === undefined) readers.set(name, [node]);
      else list.push(node);
    }
  }
  const dims = new Map(graph.initializer.map((bytes) => [tensorHead(bytes).name, bytes]));
  const seen = new Set<NodeProto>();
  for (let level = [input]; level.length > 0 && seen.size < 1000;) {
    const nodes = level.flatMap((name) => readers.get(name) ?? []).filter((node) => !seen.has(node));
    for (const node of nodes) {
      seen.add(node);
      const width = level.includes(node.input[0] ?? '') ? widthOf(node, (name) => headDims(dims.get(name))) : undefined;
      if (width !== undefined) return width;
    }
    if (!nodes.every(({ opType }) => KEEPS_COLUMNS.has(opType))) return undefined; // columns are no longer those of the input
    level = nodes.flatMap((node) => node.output);
  }
  return undefined;
}

const KEEPS_COLUMNS: ReadonlySet<string> = new Set(['Cast', 'Identity', 'Normalizer', 'Scaler', 'Imputer', 'Sub', 'Div', 'Clip']);

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
