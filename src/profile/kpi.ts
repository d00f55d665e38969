/**
 * A figure of all scores of a run. `shareAbove`: the share of rows whose `column` is at least `threshold`. `expectedValue`: the mean over rows of the sum of
 * result columns, each times its value; or, where the values depend on the prediction, a value matrix: prediction -> result column -> value (a prediction without values counts as 0).
 */
export type Kpi =
  | { readonly shareAbove: { readonly column: string; readonly threshold: number } }
  | { readonly expectedValue: Readonly<Record<string, number>> | Readonly<Record<string, Readonly<Record<string, number>>>> };
