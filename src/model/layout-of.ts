import type { ElementType } from '../batch/element.js';
import { isFloat } from '../batch/element.js';
import type { Field, KeptField, Layout, MissingRule, TensorShape } from '../batch/layout.js';
import type { Binding } from './bind.js';

/**
 * The layout of batches for a binding: one tensor an input, one field for each column of it. A missing value becomes NaN in a float input, `""` in a
 * string input and a reject elsewhere, unless `fillMissing` (column -> text of a value) gives one.
 */
export function layoutOf(binding: Binding, kept: readonly KeptField[], fillMissing: Readonly<Record<string, string>> = {}): Layout {
  const fill = new Map(Object.entries(fillMissing));
  const fields = binding.inputs.flatMap(({ type, columns }, tensor) =>
    columns.map(({ name, column }, at): Field => ({ name, column, tensor, at, type, onMissing: missingRule(type, fill.get(name)) })),
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

function missingRule(type: ElementType, text: string | undefined): MissingRule {
  if (text !== undefined) return { kind: 'value', text };
  if (isFloat(type)) return { kind: 'nan' };
  return type === 'string' ? { kind: 'empty' } : { kind: 'reject' };
}
