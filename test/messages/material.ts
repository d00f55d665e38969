import { toBinary } from '@bufbuild/protobuf';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ModelProtoSchema } from '#src/model/onnx/onnx_pb.js';
import { graphOf, modelOf } from '../model/onnx-maker.js';
import { fixture } from '../support/command.js';

/** The bytes of a model made up for a scene. */
export function model(parts: Parameters<typeof graphOf>[0], metadata?: Record<string, string>): Uint8Array {
  return toBinary(ModelProtoSchema, modelOf(graphOf(parts), metadata));
}

/** A contract for a model: its bytes, or a path under `fixtures/`. */
export function contract(of: Uint8Array | readonly string[], says: object): string {
  const bytes = of instanceof Uint8Array ? of : readFileSync(fixture(...of));
  return JSON.stringify({ version: 'scoreline.contract/1', model: { sha256: createHash('sha256').update(bytes).digest('hex') }, ...says });
}

/** An error of the system, as Node gives it. */
export function systemError(code: string, text: string): Error {
  return Object.assign(new Error(`${code}: ${text}`), { code });
}
