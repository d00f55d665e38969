import type { NodeProto } from '../onnx/onnx_pb.js';
import { floatList, intList, wordList } from '../onnx/lists.js';
import { attributeOf, tensorNumbers } from '../onnx/read.js';
import { inputValue, type Columns } from './columns.js';
import { sortedOnce } from './facts.js';
import type { Followed, Step } from './walk.js';

const TREES: ReadonlySet<string> = new Set(['ml.TreeEnsembleClassifier', 'ml.TreeEnsembleRegressor', 'ml.TreeEnsemble']);
/** Nodes that part values by their order. Others ask for single values or sets of them, or are leaves. */
const BY_ORDER = ['BRANCH_LEQ', 'BRANCH_LT', 'BRANCH_GTE', 'BRANCH_GT'];

/** The thresholds of tree ensembles. They read rows, and give none that could be followed. */
export function readTrees({ node, name, inputs }: Step): Followed | undefined {
  const [columns] = inputs;
  if (!TREES.has(name) || columns === undefined) return undefined;
  if (columns.shape.length !== 1) return [];
  const splits = name === 'ml.TreeEnsemble' ? tensorSplits(node) : listedSplits(node);
  if (splits !== undefined) noteThresholds(columns, splits);
  return [];
}

/** By node of all trees. */
interface Splits {
  readonly features: ArrayLike<number>;
  readonly values: ArrayLike<number>;
  /** A place in BY_ORDER; anything else: not by order. */
  readonly modes: ArrayLike<number>;
}

/** Up to version 3 of ai.onnx.ml, and in later models that still use its operators. */
function listedSplits(node: NodeProto): Splits | undefined {
  const features = intList(node, 'nodes_featureids');
  const modes = wordList(node, 'nodes_modes', BY_ORDER);
  const doubles = attributeOf(node, 'nodes_values_as_tensor')?.t;
  const values = doubles === undefined ? floatList(node, 'nodes_values') : tensorNumbers(doubles);
  return features === undefined || modes === undefined || values === undefined ? undefined : { features, modes, values };
}

/** Version 5: one operator for all ensembles; modes are numbers (0 to 3 those of BY_ORDER), leaves stand apart. */
function tensorSplits(node: NodeProto): Splits | undefined {
  const features = intList(node, 'nodes_featureids');
  const [modes, values] = ['nodes_modes', 'nodes_splits'].map((name) => {
    const tensor = attributeOf(node, name)?.t;
    return tensor === undefined ? undefined : tensorNumbers(tensor);
  });
  return features === undefined || modes === undefined || values === undefined ? undefined : { features, modes, values };
}

/** Sorted by feature in two passes over typed arrays: an ensemble may have millions of nodes. */
function noteThresholds({ cells }: Columns, { features, values, modes }: Splits): void {
  const length = Math.min(features.length, values.length, modes.length);
  const featureOf = (at: number): number | undefined => {
    const [feature = -1, mode = -1] = [features[at], modes[at]];
    const parts = mode >= 0 && mode < BY_ORDER.length && Number.isFinite(values[at]);
    return parts && Number.isInteger(feature) && feature >= 0 && feature < cells.length ? feature : undefined;
  };
  const ends = new Uint32Array(cells.length + 1); // of feature f from ends[f] on, once they are summed up
  for (let at = 0; at < length; at++) {
    const feature = featureOf(at);
    if (feature !== undefined) ends[feature + 1] = (ends[feature + 1] as number) + 1;
  }
  for (let feature = 0; feature < cells.length; feature++) ends[feature + 1] = (ends[feature + 1] as number) + (ends[feature] as number);
  const sorted = new Float64Array(ends[cells.length] as number);
  const next = ends.slice();
  for (let at = 0; at < length; at++) {
    const feature = featureOf(at);
    if (feature !== undefined) sorted[(next[feature] as number)++] = values[at] as number;
  }
  cells.forEach((cell, feature) => {
    const own = sorted.subarray(ends[feature], ends[feature + 1]);
    if (cell === undefined || cell.flag !== undefined || own.length === 0) return;
    cell.facts.addThresholds(sortedOnce(own.map((value) => inputValue(cell, value))));
  });
}
