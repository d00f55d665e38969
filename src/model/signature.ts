import type { ElementType } from '../batch/element.js';

/** A dimension: a fixed number, a symbolic name, or unknown (''). */
export type Dimension = number | string;

/** An input or output that a model declares. */
export interface TensorSpec {
  readonly name: string;
  readonly type: ElementType;
  /** Undefined where the model declares no shape. */
  readonly shape: readonly Dimension[] | undefined;
}

/**
 * What a model declares: its inputs and outputs as ONNX gives them, after the rewriting that Node needs (ZipMap's tensor in its place), and
 * what its metadata says of them. Plain data.
 */
export interface Signature {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly OutputSpec[];
  /** The fixed number of rows that every input's first dimension asks for, or undefined when the batch is free. */
  readonly fixedBatch: number | undefined;
  /** Column order for a matrix input: `feature_names` of metadata_props, a JSON array; undefined where absent. */
  readonly featureNames: readonly string[] | undefined;
}

export interface OutputSpec extends TensorSpec {
  /**
   * What the graph says this output is: `label` and `probabilities` of a classifier, `value` for everything else. Found by graph edges (the
   * node that produces it, through Identity, Cast, ZipMap, Normalizer …), never by name.
   */
  readonly role: 'label' | 'probabilities' | 'value';
  /** Class labels in the order of the matrix's columns, for `probabilities` (and `label`); undefined where the graph does not say. */
  readonly classes: readonly string[] | undefined;
}

/** What became of an output that was a sequence of maps. */
export interface ZipMapRewrite {
  /** The output as the file declares it. */
  readonly output: string;
  /** The matrix that fed ZipMap, an output in its place. */
  readonly tensor: string;
  /** The maps' keys, in the order of the matrix's columns. */
  readonly classes: readonly string[];
}

/** An operator and how often it stands in a model. */
export interface OperatorFacts {
  /** Empty: ONNX's own. */
  readonly domain: string;
  readonly name: string;
  readonly count: number;
}
