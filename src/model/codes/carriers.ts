import type { NodeProto } from '../onnx/onnx_pb.js';

/** Operators that only move elements, with the inputs that they take them from; every output of theirs holds such elements. All exist for int64 as for strings. */
const MOVES: Readonly<Record<string, readonly number[] | 'all'>> = {
  Concat: 'all',
  Expand: [0],
  Flatten: [0],
  Gather: [0],
  Identity: [0],
  Reshape: [0],
  Slice: [0],
  Split: [0],
  Squeeze: [0],
  Tile: [0],
  Transpose: [0],
  Unsqueeze: [0],
  Where: [1, 2],
};

/** The inputs whose elements an operator only moves; undefined for one that does more. */
export function carriedInputs(node: NodeProto): readonly string[] | undefined {
  if (node.domain === 'ai.onnx.ml') return node.opType === 'ArrayFeatureExtractor' ? node.input.slice(0, 1) : undefined;
  if (node.domain !== '' && node.domain !== 'ai.onnx') return undefined;
  const inputs = Object.hasOwn(MOVES, node.opType) ? MOVES[node.opType] : undefined;
  return inputs === 'all' ? node.input : inputs?.map((index) => node.input[index] ?? '');
}

/** Does an operator take no note of the elements at all? */
export function looksAtShapeOnly({ domain, opType }: NodeProto): boolean {
  return (domain === '' || domain === 'ai.onnx') && (opType === 'Shape' || opType === 'Size');
}
