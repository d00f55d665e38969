import type { ElementArray, ElementType } from './element.js';

/** A column that the model's outputs give, as it stands in the output file. Plain data: part of the plan. */
export interface ResultField {
  readonly name: string;
  readonly type: ElementType;
}

/** The values of a ResultField for one batch, by tensor row: `values[batch.slots[record]]`. */
export interface ResultColumn {
  readonly field: ResultField;
  readonly values: ElementArray;
}
