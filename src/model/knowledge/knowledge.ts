/** What a graph itself knows of one element of an input: what was fitted to the training data, and stands in the operators behind it. Plain data, fit for JSON. */
export interface Knowledge {
  /** Name of the model's input. */
  readonly input: string;
  /** Offset within a row of it, from 0. */
  readonly at: number;
  /** The values that its encoders know, as text. */
  readonly categories?: readonly string[];
  /** What its scaler takes away, in the input's units: the mean of the training data, for a scaler of quartiles their median. */
  readonly mean?: number;
  /** What its scaler divides by then: the deviation, for a scaler of quartiles the distance between them. */
  readonly deviation?: number;
  /** What its imputer writes for a missing value. */
  readonly imputed?: number | string;
  /** Beyond it all values are the same to the model (`clip`), or what a min-max scaler makes 0 and 1 of, its usual range (`scaler`). */
  readonly range?: { readonly min: number; readonly max: number; readonly from: 'clip' | 'scaler' };
  /** Where trees and comparisons part values: the least and greatest threshold, and how many there are. Beyond them no tree tells values apart. */
  readonly thresholds?: { readonly min: number; readonly max: number; readonly count: number };
}
