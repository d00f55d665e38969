import type { ElementType } from '../batch/element.js';
import { isFloat } from '../batch/element.js';
import type { Expected, Field, KeptField, Layout, MissingRule, TensorShape } from '../batch/layout.js';
import type { Binding } from './bind.js';

/** What is known of a column beyond its type; `at` is its place in the tensor. */
export interface ColumnKnowledge {
  /** What a missing value becomes; absent: what its type says. */
  readonly onMissing?: MissingRule | undefined;
  readonly expected?: Expected | undefined;
  readonly nulls?: readonly string[];
  readonly isRequired?: boolean;
}

/**
 * The layout of batches for a binding: one tensor an input, one field for each column of it. A missing value becomes NaN in a float input, `""` in a
 * string input and a reject elsewhere, unless `knownOf` says otherwise.
 */
export function layoutOf(
  binding: Binding,
  kept: readonly KeptField[],
  knownOf: (column: {
    readonly name: string;
    readonly type: ElementType;
    readonly input: string;
    readonly at: number;
  }) => ColumnKnowledge = () => ({}),
): Layout {
  const fields = binding.inputs.flatMap(({ name: input, type, columns }, tensor) =>
    columns.map(({ name, column }, at): Field => {
      const { onMissing = missingRule(type), expected, ...known } = knownOf({ name, type, input, at });
      return { name, column, tensor, at, type, onMissing, ...(expected === undefined ? {} : { expected }), ...known };
    }),
  );
  return { tensors: binding.inputs.map(({ type, width }) => ({ type, width })), fields, kept };
}

/** The layout of the same batches for a model whose strings are coded: `codes` by input, as codeStrings gives them. */
export function codedLayout(layout: Layout, { inputs }: Binding, codes: Readonly<Record<string, readonly string[]>>): Layout {
  const tensors = layout.tensors.map((shape, index): TensorShape => {
    const name = inputs[index]?.name ?? '';
    const texts = Object.hasOwn(codes, name) ? codes[name] : undefined;
    return texts === undefined ? shape : { type: 'int64', width: shape.width, codes: texts };
  });
  return { ...layout, tensors };
}

function missingRule(type: ElementType): MissingRule {
  if (isFloat(type)) return { kind: 'nan' };
  return type === 'string' ? { kind: 'empty' } : { kind: 'reject' };
}
