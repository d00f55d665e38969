/** Types of a field, by the words of Frictionless. */
export const FIELD_TYPES = ['string', 'number', 'integer', 'boolean', 'date', 'datetime', 'time', 'year', 'yearmonth', 'duration', 'any'] as const;
export type FieldType = (typeof FIELD_TYPES)[number];

/**
 * The part of a Frictionless Table Schema (https://datapackage.org/standard/table-schema/, version 2) that Scoreline knows; each is a valid one. What it
 * could not keep (patterns, lengths, uniqueness, foreign keys) it does not take.
 */
export interface TableSchema {
  readonly $schema?: string;
  readonly fields: readonly SchemaField[];
  /** How fields and columns are matched by others that read the schema; Scoreline goes by name. */
  readonly fieldsMatch?: string | readonly string[];
  readonly primaryKey?: string | readonly string[];
  /** Texts that stand for a missing value in every field that has no list of its own. */
  readonly missingValues?: readonly MissingValue[];
}

/** A text that stands for a missing value, perhaps with what it means. */
export type MissingValue = string | { readonly value: string; readonly label?: string };

export function missingText(value: MissingValue): string {
  return typeof value === 'string' ? value : value.value;
}

export interface SchemaField {
  readonly name: string;
  readonly type?: FieldType;
  readonly title?: string;
  readonly description?: string;
  readonly example?: string;
  readonly rdfType?: string;
  readonly constraints?: Constraints;
  /** All values that the field may have; of strings and integers only. */
  readonly categories?: readonly Category[];
  readonly categoriesOrdered?: boolean;
  readonly missingValues?: readonly MissingValue[];
}

export interface Constraints {
  readonly required?: boolean;
  /** Numbers as numbers, dates and times as their texts. */
  readonly minimum?: number | string;
  readonly maximum?: number | string;
  readonly enum?: readonly (string | number | boolean)[];
}

export type Category = string | number | { readonly value: string | number; readonly label?: string };

/** The value of a category. */
export function categoryValue(category: Category): string | number {
  return typeof category === 'object' ? category.value : category;
}

/** The categories of a field as texts of cells; undefined where it has none. */
export function categoryTexts({ categories }: Pick<SchemaField, 'categories'>): readonly string[] | undefined {
  return categories?.map((category) => String(categoryValue(category)));
}

/** Does a field of this type hold numbers? */
export function isNumeric(type: FieldType | undefined): boolean {
  return type === 'number' || type === 'integer' || type === 'year';
}
