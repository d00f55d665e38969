import { eachGraph } from './graph.js';
import type { GraphProto, ModelProto } from './onnx/onnx_pb.js';
import type { OperatorFacts } from './signature.js';

/** How often each operator stands in a model, with subgraphs and functions; most frequent first. */
export function countOperators(proto: ModelProto, graph: GraphProto): OperatorFacts[] {
  const counts = new Map<string, { domain: string; name: string; count: number }>();
  const add = ({ node }: Pick<GraphProto, 'node'>): void => {
    for (const { domain, opType } of node) {
      const own = domain === 'ai.onnx' ? '' : domain;
      const entry = counts.get(`${own} ${opType}`) ?? { domain: own, name: opType, count: 0 };
      entry.count++;
      counts.set(`${own} ${opType}`, entry);
    }
  };
  eachGraph(graph, add);
  proto.functions.forEach(add);
  return [...counts.values()].sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1));
}
