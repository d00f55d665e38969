import type { JoinedPart } from '../joined-input.js';
import type { NodeProto, ValueInfoProto } from '../onnx/onnx_pb.js';
import { attributeOf, tensorOf, tensorTexts } from '../onnx/read.js';
import { FLOAT } from '../onnx/write.js';

/** A tensor of float32 whose rows can be written without the graph. */
export interface Joinable {
  /** 2: `[rows, width]`; 3: `[rows, 1, width]`, as an encoder of one column makes it. */
  readonly rank: 2 | 3;
  /** Side by side. */
  readonly parts: readonly Part[];
  /** That make it; the last of them gives it. */
  readonly nodes: readonly NodeProto[];
}

type Part = Omit<JoinedPart, 'at'>;

interface Known {
  /** Of the graph, without those that have a default. */
  readonly inputs: ReadonlyMap<string, ValueInfoProto>;
  readonly producers: ReadonlyMap<string, NodeProto>;
  readonly constants: ReadonlyMap<string, Uint8Array>;
  /** Of coded inputs. */
  readonly texts: ReadonlyMap<string, readonly string[]>;
}

/** Follows a tensor back to the inputs; gives undefined for one that anything but joining, scaling and one-hot encoding went into. */
export function openJoinable(known: Known): (tensor: string) => Joinable | undefined {
  const joinable = (tensor: string): Joinable | undefined => {
    const node = known.producers.get(tensor);
    if (node === undefined) return floatsOf(tensor, known);
    const sources = (): (Joinable | undefined)[] => node.input.map(joinable);
    switch (`${node.domain === 'ai.onnx' ? '' : node.domain}:${node.opType}`) {
      case ':Concat':
        return concatenated(node, sources());
      case ':Reshape':
        return flattened(node, sources()[0], known);
      case 'ai.onnx.ml:Scaler':
        return scaled(node, sources()[0]);
      case 'ai.onnx.ml:OneHotEncoder':
        return onesOf(node, known);
      default:
        return undefined;
    }
  };
  return joinable;
}

/** A float32 input `[rows, columns]` with a known number of columns. */
function floatsOf(input: string, { inputs }: Known): Joinable | undefined {
  const { type, columns } = matrixOf(inputs.get(input));
  return type !== FLOAT || columns === undefined ? undefined : { rank: 2, parts: [{ input, width: columns }], nodes: [] };
}

/** The one-hot rows of a coded input `[rows, 1]`, of an encoder that makes zeros of any other text. */
function onesOf(node: NodeProto, { inputs, texts }: Known): Joinable | undefined {
  const [input = ''] = node.input;
  const codes = texts.get(input);
  const categories = attributeOf(node, 'cats_int64s')?.ints ?? [];
  const fits = matrixOf(inputs.get(input)).columns === 1 && attributeOf(node, 'zeros')?.i !== 0n && categories.length > 0;
  if (codes === undefined || !fits) return undefined;
  const places = new Array<number>(codes.length + 1).fill(-1);
  categories.forEach((code, place) => (places[Number(code)] = place));
  return { rank: 3, parts: [{ input, width: categories.length, places }], nodes: [node] };
}

/** Along the last axis, of tensors with as many axes. */
function concatenated(node: NodeProto, sources: readonly (Joinable | undefined)[]): Joinable | undefined {
  const all = sources.filter((source) => source !== undefined);
  const [first] = all;
  const axis = attributeOf(node, 'axis')?.i;
  if (first === undefined || all.length < sources.length || all.some(({ rank }) => rank !== first.rank)) return undefined;
  if (axis !== -1n && axis !== BigInt(first.rank - 1)) return undefined;
  return { rank: first.rank, parts: all.flatMap(({ parts }) => parts), nodes: [...all.flatMap(({ nodes }) => nodes), node] };
}

/** To `[-1, width]`: the axis of one column goes. */
function flattened(node: NodeProto, source: Joinable | undefined, { constants }: Known): Joinable | undefined {
  const bytes = constants.get(node.input[1] ?? '');
  if (source === undefined || bytes === undefined) return undefined;
  const width = source.parts.reduce((sum, part) => sum + part.width, 0);
  return tensorTexts(tensorOf(bytes))?.join() === `-1,${width}` ? { rank: 2, parts: source.parts, nodes: [...source.nodes, node] } : undefined;
}

/** `(x - offset) * scale`, of floats that are not scaled yet. */
function scaled(node: NodeProto, source: Joinable | undefined): Joinable | undefined {
  const offsets = attributeOf(node, 'offset')?.floats ?? [];
  const scales = attributeOf(node, 'scale')?.floats ?? [];
  if (source?.rank !== 2 || source.parts.some(({ places, scale }) => places !== undefined || scale !== undefined)) return undefined;
  const width = source.parts.reduce((sum, part) => sum + part.width, 0);
  if (offsets.length !== width || scales.length !== width) return undefined;
  let at = 0;
  const parts = source.parts.map((part): Part => {
    const from = at;
    at += part.width;
    return { ...part, scale: { offsets: offsets.slice(from, at), factors: scales.slice(from, at) } };
  });
  return { rank: 2, parts, nodes: [...source.nodes, node] };
}

/** Element type and number of columns of an input with two dimensions, the second of them known. */
function matrixOf(input: ValueInfoProto | undefined): { readonly type?: number; readonly columns?: number } {
  const kind = input?.type?.value;
  const dims = kind?.case === 'tensorType' ? (kind.value.shape?.dim ?? []) : [];
  const columns = dims[1]?.value;
  if (kind?.case !== 'tensorType' || dims.length !== 2 || columns?.case !== 'dimValue' || columns.value < 1n) return {};
  return { type: kind.value.elemType, columns: Number(columns.value) };
}
