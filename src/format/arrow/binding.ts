import { isFloat, isInteger, type ElementType } from '../../batch/element.js';
import type { Layout } from '../../batch/layout.js';
import { InputError } from '../../errors/errors.js';
import type { SourceColumn, SourceSchema } from '../format.js';
import { unsupportedType } from './faults.js';
import { UNREADABLE_MARK } from './type.js';

const NUMBERS = /^(u?int(8|16|32|64)|float(16|32|64)|bool|decimal\d+\(.*\))$/;
const TEXT = /^(large_)?utf8(_view)?$/;

/**
 * Can every column that the model reads give what its input takes? Numbers, booleans, decimals and text (read by the number grammar) can, plain or
 * dictionary-encoded; a date has no one number that a model could have been trained on, nor a list. A column that the library cannot read may neither be
 * read by the model nor be kept. Pure; called before row one. Throws InputError: `column-type`, `arrow-type`, naming column, found and expected.
 */
export function checkArrowBinding(schema: SourceSchema, layout: Layout): void {
  for (const { column } of [...layout.fields, ...layout.kept]) refuseUnreadable(schema.columns[column]);
  for (const field of layout.fields) {
    const column = schema.columns[field.column];
    if (column === undefined || canFeed(column.type)) continue;
    throw new InputError('column-type', `column "${column.name}" is ${column.type}, expected ${expected(field.type)}`, {
      place: { column: column.name },
      fix: `Cast the column to ${field.type === 'string' ? 'utf8' : field.type} as it was when the model was trained.`,
      details: { column: column.name, found: column.type, expected: field.type },
    });
  }
}

function refuseUnreadable(column: SourceColumn | undefined): void {
  if (column?.type.endsWith(UNREADABLE_MARK) !== true) return;
  throw unsupportedType(
    column.name,
    column.type.slice(0, -UNREADABLE_MARK.length),
    'this type is not read, so the column can be neither scored nor kept',
  );
}

function canFeed(type: string): boolean {
  const plain = /^dictionary<(.*)>$/.exec(type)?.[1] ?? type;
  return plain === 'null' || NUMBERS.test(plain) || TEXT.test(plain);
}

function expected(type: ElementType): string {
  if (type === 'string') return 'text, numbers or booleans';
  if (type === 'bool') return 'bool, 0 and 1, or text of such';
  return isFloat(type) || isInteger(type) ? `numbers, or text of numbers, for ${type}` : type;
}
