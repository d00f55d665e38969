/**
 * What a model got right on the data of a baseline: accuracy of `prediction`; area under the ROC curve, for more than two classes the mean of each against the rest; mean log loss, by
 * the natural logarithm; Brier score, of two classes that of the positive one, of more the sum over all. null where a figure is not defined (one class only).
 */
export interface ClassificationFigures {
  readonly kind: 'classification';
  readonly rows: number;
  readonly accuracy: number;
  readonly auc: number | null;
  readonly logLoss: number | null;
  readonly brier: number | null;
}

/** Mean absolute error, root of the mean squared error, coefficient of determination (null without any spread). */
export interface RegressionFigures {
  readonly kind: 'regression';
  readonly rows: number;
  readonly mae: number;
  readonly rmse: number;
  readonly r2: number | null;
}

export type Metrics = ClassificationFigures | RegressionFigures;
