import { ModelError } from '../errors/errors.js';
import { eachSubgraph, openGraph, type Graph } from './graph.js';
import type { NodeProto } from './onnx/onnx_pb.js';
import type { ParsedModel } from './parse.js';
import { quoted } from './read-file.js';
import { inOrder } from './row-mixers.js';

const RANDOM: ReadonlySet<string> = new Set([
  'Bernoulli', 'Multinomial', 'RandomNormal', 'RandomNormalLike', 'RandomUniform', 'RandomUniformLike',
]); // prettier-ignore

/**
 * Refuses a model that draws random numbers on the way to its outputs, or was exported in training mode (dropout): its scores are other ones each time.
 * Throws ModelError `not-deterministic`.
 */
export function refuseChance({ proto, graph }: ParsedModel, path: string): void {
  const edges = openGraph(graph);
  const reached = [...inOrder(graph.output, edges)];
  const nested: NodeProto[] = proto.functions.flatMap(({ node }) => node);
  eachSubgraph([...reached, ...nested], ({ node }) => node.forEach((each) => nested.push(each)));
  const culprit = [...reached, ...nested].find((node) => RANDOM.has(node.opType) || isTraining(node, edges));
  if (culprit === undefined) return;
  const what = culprit.opType === 'Dropout' ? 'Dropout in training mode' : culprit.opType;
  throw new ModelError('not-deterministic', `model ${quoted(path)} draws random numbers: found operator ${what}, expected a model that scores a row the same each time`, {
    place: { file: path },
    fix: 'Export the model for inference: without random operators, and with dropout switched off.',
    details: { operator: culprit.opType, node: culprit.name },
  }); // prettier-ignore
}

function isTraining({ opType, input }: NodeProto, edges: Graph): boolean {
  const [, , mode = ''] = input;
  return opType === 'Dropout' && mode !== '' && edges.constantTexts(mode)?.[0] === '1';
}
