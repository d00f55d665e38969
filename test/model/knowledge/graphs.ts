import { create } from '@bufbuild/protobuf';
import { ModelProtoSchema } from '#src/model/onnx/onnx_pb.js';
import type { Knowledge } from '#src/model/knowledge/knowledge.js';
import { knowledgeOf } from '#src/model/knowledge/walk.js';
import { signatureOf } from '#src/model/signature-of.js';
import { graphOf, modelOf, value } from '../onnx-maker.js';

/** What a made graph knows; its outputs are of no matter. */
export function knowledgeIn(parts: Parameters<typeof graphOf>[0], { producer = 'tests' } = {}): Knowledge[] {
  const graph = graphOf({ output: [value('Y', 1, ['', 1])], ...parts });
  const proto = create(ModelProtoSchema, { ...modelOf(graph), producerName: producer });
  const parsed = { proto, graph };
  return knowledgeOf(parsed, signatureOf(parsed, [], 'made.onnx'));
}
