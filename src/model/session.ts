import type { ElementArray, ElementType } from '../batch/element.js';
import type { Joins } from './joined-input.js';

/** Values with a shape, row-major. */
export interface TensorData {
  readonly type: ElementType;
  readonly dims: readonly number[];
  readonly values: ElementArray;
}

/**
 * A model ready to run. ONNX Runtime stands behind it today; a compiled kernel may stand beside it. `run` may block the calling thread; calls
 * must not overlap.
 */
export interface Session {
  /** Runs the model on tensors in the order of the signature's inputs; gives tensors in the order of its outputs. Throws what the runtime throws. */
  run(inputs: readonly TensorData[]): Promise<readonly TensorData[]>;
  close(): Promise<void>;
}

export interface SessionOptions {
  /** Intra-op threads; 1 unless a big model shares the machine among few sessions. */
  readonly threads: number;
  /** Where the graph was rewritten to take some inputs of the signature in another form. */
  readonly joins?: Joins | undefined;
}
