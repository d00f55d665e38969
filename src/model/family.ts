/** What kind of model this is, by its operators. */
export type Family = 'linear' | 'tree-ensemble' | 'neural' | 'rules' | 'other';

const TREES: ReadonlySet<string> = new Set(['TreeEnsembleClassifier', 'TreeEnsembleRegressor', 'TreeEnsemble']);
const LINEAR: ReadonlySet<string> = new Set(['LinearClassifier', 'LinearRegressor']);
const LAYERS: ReadonlySet<string> = new Set(['Gemm', 'MatMul', 'Conv', 'FusedGemm']);
const ALWAYS_NEURAL: ReadonlySet<string> = new Set([
  'LSTM',
  'GRU',
  'RNN',
  'Conv',
  'BatchNormalization',
  'LayerNormalization',
  'Attention',
  'MultiHeadAttention',
  'Embedding',
]);
const ACTIVATIONS: ReadonlySet<string> = new Set([
  'Relu',
  'LeakyRelu',
  'PRelu',
  'Elu',
  'Selu',
  'Celu',
  'Gelu',
  'Mish',
  'Tanh',
  'HardSigmoid',
  'HardSwish',
  'Softplus',
]);
const OTHERS: ReadonlySet<string> = new Set(['SVMClassifier', 'SVMRegressor', 'TopK', 'ArgMin', 'CDist']);

/**
 * Tree operators make a tree ensemble, whatever stands around them; linear operators a linear model. Matrix products make a neural network where there
 * are several or an activation follows, and a linear model where there is one alone.
 */
export function familyOf(operators: ReadonlyMap<string, number>): Family {
  const has = (names: ReadonlySet<string>): boolean => [...operators.keys()].some((name) => names.has(name));
  if (has(TREES)) return 'tree-ensemble';
  if (has(OTHERS)) return 'other';
  if (has(LINEAR)) return 'linear';
  if (has(ALWAYS_NEURAL)) return 'neural';
  const layers = [...operators].reduce((sum, [name, count]) => sum + (LAYERS.has(name) ? count : 0), 0);
  if (layers === 0) return 'other';
  return layers > 1 || has(ACTIVATIONS) ? 'neural' : 'linear';
}
