import { widthBehind } from '../input-width.js';
import type { GraphProto, NodeProto } from '../onnx/onnx_pb.js';
import type { ParsedModel } from '../parse.js';
import type { Signature, TensorSpec } from '../signature.js';
import type { Columns } from './columns.js';
import { openConstants, type Constant } from './constants.js';
import { encode } from './encoders.js';
import { Facts } from './facts.js';
import type { Knowledge } from './knowledge.js';
import { move } from './moves.js';
import { calculate } from './numbers.js';
import { replaceMissing } from './missing.js';
import { readTrees } from './trees.js';

/** Elements that are followed, of all inputs together and of any tensor behind them; what is wider is not. */
export const MOST_COLUMNS = 1 << 17;
/** Cells that are made on the way through a whole graph; then following stops. */
const MOST_CELLS = 1 << 21;

/** What an operator is looked at with. */
export interface Step {
  readonly node: NodeProto;
  /** The operator's name with its domain: `Concat`, `ml.Scaler`. */
  readonly name: string;
  readonly inputs: readonly (Columns | undefined)[];
  readonly constant: (name: string) => Constant | undefined;
  readonly producer: string;
  /** The only number of rows that the model takes; undefined where any will do. */
  readonly batch: number | undefined;
}

/** What comes out of an operator, by output; undefined where nothing is known of it. */
export type Followed = readonly (Columns | undefined)[];

/** Each looks at the operators that it knows, and gives undefined for every other. */
const FOLLOWERS: readonly ((step: Step) => Followed | undefined)[] = [move, calculate, encode, replaceMissing, readTrees];

/**
 * What the graph knows of its training data, by input and element, in the order of the inputs; elements of which it knows nothing are left out. Follows each element
 * of a row forwards as long as it stays by itself: through operators that move, shift and scale it, to the encoders, scalers, imputers and trees that were fitted
 * to it. Where columns mix, or an operator is not followed, there is nothing to tell. Pure; the time is that of reading the graph, within MOST_CELLS. Throws what the
 * protobuf reader throws: see readLate.
 */
export function knowledgeOf({ proto, graph }: ParsedModel, { inputs, fixedBatch }: Pick<Signature, 'inputs' | 'fixedBatch'>): Knowledge[] {
  const own = new Set(proto.functions.map(({ domain, name }) => `${domain}:${name}`));
  const facts: Facts[] = [];
  const tensors = new Map<string, Columns>();
  for (const input of inputs) {
    const columns = inputColumns(input, graph, MOST_COLUMNS - facts.length);
    if (columns === undefined) continue;
    tensors.set(input.name, columns);
    for (const cell of columns.cells) if (cell !== undefined) facts.push(cell.facts);
  }
  const constant = openConstants(graph);
  let cells = 0;
  for (const node of inOrder(graph)) {
    if (own.has(`${node.domain}:${node.opType}`)) continue;
    const from = node.input.map((name) => tensors.get(name));
    if (!from.some((columns) => columns !== undefined)) continue;
    const step = { node, name: nameOf(node), inputs: from, constant, producer: proto.producerName, batch: fixedBatch };
    const outputs = FOLLOWERS.reduce<Followed | undefined>((found, follow) => found ?? follow(step), undefined) ?? [];
    outputs.forEach((columns, index) => {
      const name = node.output[index] ?? '';
      if (!from.includes(columns)) cells += columns?.cells.length ?? 0;
      if (columns !== undefined && name !== '' && columns.cells.length <= MOST_COLUMNS) tensors.set(name, columns);
    });
    if (cells > MOST_CELLS) break;
  }
  return facts.flatMap((each) => each.known() ?? []);
}

function nameOf({ domain, opType }: NodeProto): string {
  if (domain === '' || domain === 'ai.onnx') return opType;
  return domain === 'ai.onnx.ml' ? `ml.${opType}` : `${domain}:${opType}`;
}

/** An input `[rows]` or `[rows, width]`; where the width is open, as many columns as the operators behind it show. */
function inputColumns({ name, type, shape }: TensorSpec, graph: GraphProto, most: number): Columns | undefined {
  const declared = shape?.[1];
  const vector = shape?.length === 1;
  const open = !vector && typeof declared !== 'number';
  const width = vector ? 1 : typeof declared === 'number' ? declared : widthBehind(graph, name);
  if (width === undefined || !(width >= 1 && width <= most)) return undefined;
  const cells = Array.from({ length: width }, (_, at) => ({ facts: new Facts(name, at, type), factor: 1, shift: 0 }));
  return { shape: vector ? [] : [width], cells, ...(open ? { open } : {}) };
}

/** Nodes need not stand in the order in which they run: each behind what it reads. Nodes in a circle are left out. */
function inOrder({ node: nodes }: GraphProto): NodeProto[] {
  const makers = new Map(nodes.flatMap((node) => node.output.filter((name) => name !== '').map((name) => [name, node] as const)));
  const waiting = new Map<NodeProto, number>();
  const readers = new Map<NodeProto, NodeProto[]>();
  for (const node of nodes) {
    const before = new Set(node.input.map((name) => makers.get(name)).filter((maker) => maker !== undefined));
    waiting.set(node, before.size);
    for (const maker of before) {
      const list = readers.get(maker);
      if (list === undefined) readers.set(maker, [node]);
      else list.push(node);
    }
  }
  const ready = nodes.filter((node) => waiting.get(node) === 0);
  for (const node of ready) {
    for (const reader of readers.get(node) ?? []) {
      const left = (waiting.get(reader) ?? 0) - 1;
      waiting.set(reader, left);
      if (left === 0) ready.push(reader); // for…of goes on to what is added
    }
  }
  return ready;
}
