import type { BaselineColumn } from '../../contract/baseline.js';
import { isNumeric, type FieldType, type SchemaField } from '../../contract/table-schema.js';
import type { ColumnFigures, NumberFigures } from '../../profile/figures.js';

export const TABLE_SCHEMA = 'https://datapackage.org/profiles/2.0/tableschema.json';

/** What stands for a missing value: the empty cell, and what the data was read with beside it. */
export function missingTexts(nullValues: readonly string[] = []): readonly string[] {
  return [...new Set(['', ...nullValues])];
}

/** A column of texts with more distinct ones is no category. */
export const MOST_CATEGORIES = 1000;
/** Nor is one whose texts come less often than this on average: names, free text, and keys. */
const LEAST_REPEATS = 2;

/** Are the texts of a column categories? Only those are ever written down. */
function isCategorical(column: ColumnFigures): boolean {
  return (
    column.kind === 'text' &&
    column.count > 0 &&
    column.isExact === true &&
    column.distinct <= MOST_CATEGORIES &&
    column.distinct * LEAST_REPEATS <= column.count
  );
}

/** Without texts that are no categories. */
export function discreet(column: ColumnFigures): BaselineColumn {
  return column.kind === 'text' && !isCategorical(column) ? { ...column, categories: [], other: column.count, isExact: false } : column;
}

/** A column as the schema has it. */
export function fieldOf(column: ColumnFigures, type: FieldType): SchemaField {
  const { name, missing, count } = column;
  const required = missing === 0 && count > 0 ? { required: true } : {};
  const range = isNumeric(type) && column.kind === 'number' ? rangeOf(column) : {};
  const categories =
    type === 'string' && column.kind === 'text' && isCategorical(column) ? { categories: column.categories.map(([text]) => text).sort() } : {};
  return { name, type, ...constraintsOf({ ...required, ...range }), ...categories };
}

function rangeOf({ min, max }: NumberFigures): NonNullable<SchemaField['constraints']> {
  return typeof min === 'number' && typeof max === 'number' ? { minimum: min, maximum: max } : {};
}

function constraintsOf(constraints: NonNullable<SchemaField['constraints']>): Pick<SchemaField, 'constraints'> {
  return Object.keys(constraints).length === 0 ? {} : { constraints };
}

/** An instant as a contract has it, to the second. */
export function instantText(at: Date): string {
  return `${at.toISOString().slice(0, 19)}Z`;
}
