import { isFloat, type ElementType } from '../batch/element.js';
import type { ResultColumn } from '../batch/result.js';
import { nullTexts, openFieldStore } from '../batch/store.js';
import { textWriter } from '../batch/text.js';

/** Writes the value of row `from` of one column into row `into` of another; false where that has no such value. */
export type Transfer = (from: number, into: number) => boolean;

/**
 * A result of one model as a result of another. Floats are rounded to the type of the other; numbers become their texts, and texts and other numbers go by the grammar of cells: a text that is no
 * number, or a number that an integer column cannot hold, is refused.
 */
export function openTransfer(source: ResultColumn, target: ResultColumn): Transfer {
  const [from, into] = [source.field.type, target.field.type];
  const values = source.values as unknown as readonly (number | bigint | string)[];
  const targets = target.values as unknown as (number | bigint | string)[];
  if (from === into || (isDouble(from) && isDouble(into))) {
    return (row, at) => {
      targets[at] = values[row] as number;
      return true;
    };
  }
  const textOf = textWriter(from);
  if (into === 'string') {
    return (row, at) => {
      targets[at] = textOf(source.values, row);
      return true;
    };
  }
  const field = { name: target.field.name, column: 0, tensor: 0, at: 0, type: into, onMissing: { kind: isFloat(into) ? 'nan' : 'reject' } } as const;
  const store = openFieldStore(field, { type: into, width: 1, values: target.values }, nullTexts());
  return (row, at) => {
    const text = textOf(source.values, row);
    const stored = store.text(at, text);
    return stored === 'stored' || (stored === 'missing' && text === 'NaN');
  };
}

/** Kept in the buffer as the number that it is. */
function isDouble(type: ElementType): boolean {
  return type === 'float32' || type === 'float64';
}
