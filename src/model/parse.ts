import { ModelError } from '../errors/errors.js';
import type { GraphProto, ModelProto } from './onnx/onnx_pb.js';
import { findCut, readModel } from './onnx/read.js';
import { quoted } from './read-file.js';
import { recogniseImpostor } from './recognise.js';

/** A model that has a graph. */
export interface ParsedModel {
  readonly proto: ModelProto;
  readonly graph: GraphProto;
}

/**
 * Reads an ONNX file's bytes; weights stay views of them. Throws ModelError `not-a-model`, which names what the file is instead, where that can be
 * told: empty, cut short, packed, a page, a pointer, text, another library's format.
 */
export function parseModel(bytes: Uint8Array, path: string): ParsedModel {
  const impostor = recogniseImpostor(bytes);
  if (impostor !== undefined) throw notAModel(path, impostor.found, impostor.fix);
  try {
    const proto = readModel(bytes);
    if (proto.graph !== undefined) return { proto, graph: proto.graph };
  } catch (cause) {
    const cut = findCut(bytes);
    if (cut !== undefined)
      throw notAModel(path, `the first ${bytes.length} bytes of at least ${cut}`, 'The file is cut short: fetch or copy it again.', cause);
    throw notAModel(
      path,
      'bytes that are no protobuf message',
      'Fetch or copy the file again; if it is the same then, export the model again.',
      cause,
    );
  }
  throw notAModel(path, 'a protobuf message without a graph', 'Export the trained model to ONNX and give that file.');
}

function notAModel(path: string, found: string, fix: string, cause?: unknown): ModelError {
  return new ModelError('not-a-model', `model ${quoted(path)} is no ONNX file: found ${found}`, {
    place: { file: path },
    fix,
    details: { found },
    cause,
  });
}
