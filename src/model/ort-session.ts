import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type * as Runtime from 'onnxruntime-node';
import type { InferenceSession, OnnxValue, Tensor } from 'onnxruntime-node';
import type { ElementType } from '../batch/element.js';
import { DefectError, ModelError } from '../errors/errors.js';
import { openFeeder } from './joined-input.js';
import { cleanRuntimeMessage } from './runtime-message.js';
import type { Session, SessionOptions, TensorData } from './session.js';
import type { Signature } from './signature.js';
import { isTelemetrySilent, TELEMETRY_SWITCH } from './telemetry.js';

/** ONNX Runtime's severity "fatal": nothing it has to say may stand on our stderr; what stops a run is thrown. */
const FATAL = 4;

/**
 * Opens a session of ONNX Runtime on a model's bytes (as loadModel gives them). Runs sequentially, on `threads` intra-op threads. The caller closes
 * it. Throws ModelError `model-load` with the runtime's reason. This is the only file that loads the runtime.
 */
export async function openOrtSession(bytes: Uint8Array, signature: Signature, options: SessionOptions): Promise<Session> {
  const ort = await loadRuntime();
  const session = await createSession(ort.InferenceSession, bytes, options);
  const outputs = signature.outputs.map(({ name }) => name);
  const feed = openFeeder(signature, options.joins);
  return {
    async run(inputs) {
      const feeds = Object.create(null) as Record<string, Tensor>; // an input may be called __proto__
      for (const [name, { type, values, dims }] of feed(inputs)) feeds[name] = new ort.Tensor(type, values, dims);
      const results = await session.run(feeds, outputs, { logSeverityLevel: FATAL });
      return outputs.map((name, index) => tensorData(results[name], signature.outputs[index]?.type));
    },
    close: () => session.release(),
  };
}

async function loadRuntime(): Promise<typeof Runtime> {
  if (!isTelemetrySilent())
    throw new DefectError(`the runtime would be loaded without ${TELEMETRY_SWITCH}=1: silenceTelemetry() was not called first`);
  const ort = await import('onnxruntime-node');
  settleHalves(() => new ort.Tensor('bool', new Uint8Array(1), [1]));
  ort.env.logLevel = 'fatal';
  return ort;
}

/**
 * Loads the runtime and lets it make its environment, which takes it longer than a small session: for a thread that has nothing else to do yet. It
 * makes one for the first session that is asked for, and no bytes at all are enough to ask with.
 */
export async function warmRuntime(): Promise<void> {
  const { InferenceSession } = await loadRuntime();
  await InferenceSession.create(new Uint8Array(0), { logSeverityLevel: FATAL }).catch(() => undefined);
}

/**
 * Newer versions of Node have a Float16Array. The runtime's JavaScript looks for it once, at the first tensor, and hands halves over in it from then on; its
 * native part takes Uint16Array alone (1.30: "not enough space: expected 8, got 0"). So the first tensor is made while there is none to be found.
 */
function settleHalves(makeFirstTensor: () => unknown): void {
  const own = Object.getOwnPropertyDescriptor(globalThis, 'Float16Array');
  if (own === undefined) return;
  Reflect.deleteProperty(globalThis, 'Float16Array');
  try {
    makeFirstTensor();
  } finally {
    Object.defineProperty(globalThis, 'Float16Array', own);
  }
}

async function createSession(factory: typeof InferenceSession, bytes: Uint8Array, options: SessionOptions): Promise<InferenceSession> {
  try {
    return await factory.create(bytes, {
      executionMode: 'sequential',
      intraOpNumThreads: options.threads,
      interOpNumThreads: 1,
      logSeverityLevel: FATAL,
    });
  } catch (cause) {
    const reason = cleanRuntimeMessage(cause);
    throw new ModelError('model-load', `the model cannot be loaded: ${reason}`, {
      fix: /opset|registered|IR version/i.test(reason)
        ? `ONNX Runtime ${runtimeVersion()} does not take this model: export it again for an operator set that it knows.`
        : `ONNX Runtime ${runtimeVersion()} does not take this model: check it with onnx.checker.check_model in Python, and export it again.`,
      details: { reason },
      cause,
    });
  }
}

function tensorData(value: OnnxValue | undefined, declared: ElementType | undefined): TensorData {
  if (value === undefined) throw new DefectError('the runtime gave no tensor for an output that was asked for');
  const { type, dims, data } = value;
  if (type !== declared)
    throw new ModelError('output-shape', `the model declares an output as ${declared ?? 'nothing'} and gave ${type}`, {
      fix: 'The model contradicts its own declaration: export it again.',
    });
  // Newer versions of Node have a Float16Array of their own; ours are bit patterns everywhere.
  const bits = type === 'float16' && ArrayBuffer.isView(data) && !(data instanceof Uint16Array);
  const values = bits
    ? new Uint16Array(
        data.buffer,
        data.byteOffset,
        dims.reduce((product, dim) => product * dim, 1),
      )
    : data;
  return { type: declared, dims, values: values };
}

/** The version of ONNX Runtime that openOrtSession uses. Loads nothing. */
export function runtimeVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(createRequire(import.meta.url).resolve('onnxruntime-node/package.json'), 'utf8'));
  const version = manifest !== null && typeof manifest === 'object' && 'version' in manifest ? manifest.version : undefined;
  return typeof version === 'string' ? version : 'unknown';
}
