import { isFloat, isInteger, type ElementType } from '../batch/element.js';
import type { Field, Layout } from '../batch/layout.js';
import type { ResultField } from '../batch/result.js';
import type { ComparedColumn, ComparedProfile } from './compared.js';
import { FINEST } from './grid.js';

/** How a column of numbers is profiled. */
export interface NumberSpec {
  readonly kind: 'number';
  /** The finest grid that is wanted; see grid.ts. */
  readonly bits: number;
  /** The column's grid is the finest on which it has at most so many cells that are not empty. That hangs on the values alone, not on how they were cut or merged. */
  readonly cells: number;
}

/** How a column of texts is profiled. */
export interface TextSpec {
  readonly kind: 'text';
  /** Texts that are counted whatever else there is, each once: categories, those of the baseline, and what a missing value becomes. */
  readonly known: readonly string[];
}

export type ColumnSpec = NumberSpec | TextSpec;

/** What of a run is profiled. Plain data. */
export interface ProfileSpec {
  /** By field of the layout; null: not at all, because another field has the same column, or there are too many. */
  readonly fields: readonly (ColumnSpec | null)[];
  /** By result column; null: labels, which are counted as such, and texts. */
  readonly results: readonly (ColumnSpec | null)[];
}

/** Cells of a column, unless told: enough to tell neighbouring years apart. */
const CELLS = 256;
/** Cells of all columns together, and of one at least, where a baseline of very many is made: its text is read at every start. 64 cells tell deciles to 2%. */
const ALL_CELLS = 131_072;
const LEAST_CELLS = 64;
/** Cells where the grid is a baseline's, and kept to: values that are farther apart are what is looked for. */
const BASELINE_CELLS = 4096;
/** More columns than that are profiled only where a baseline has them, or where they are to become one: a sketch of thousands of columns costs as much as scoring a linear model of them. */
const MANY_COLUMNS = 512;

export interface ProfileWish {
  /** On its grids, so that the two can be compared. */
  readonly baseline?: ComparedProfile | undefined;
  /** However many columns there are. */
  readonly isWhole?: boolean;
}

/** What is profiled of the columns that a layout reads, and of those that the model gives. */
export function profileSpec(
  { fields }: Pick<Layout, 'fields'>,
  results: readonly { readonly field: ResultField; readonly classes: readonly string[] | undefined }[],
  { baseline, isWhole = false }: ProfileWish = {},
): ProfileSpec {
  const texts = new Map(baseline?.columns.map((column) => [column.name, column.kind === 'text' ? column.categories.map(([text]) => text) : []]));
  const grids = { columns: gridsOf(baseline?.columns), scores: gridsOf(baseline?.scores) };
  const usual = fields.length > MANY_COLUMNS && !isWhole ? null : { kind: 'number' as const, bits: FINEST, cells: cellsOf(fields.length) };
  const seen = new Set<string>();
  return {
    fields: fields.map((field: Field) => {
      const { name, type } = field;
      if (seen.has(name)) return null;
      seen.add(name);
      return type === 'string' ? { kind: 'text', known: knownTexts(field, texts.get(name)) } : (grids.columns.get(name) ?? usual);
    }),
    results: results.map(({ field, classes }) => {
      if (classes !== undefined || !isNumber(field.type)) return null;
      return grids.scores.get(field.name) ?? { kind: 'number', bits: FINEST, cells: CELLS };
    }),
  };
}

function knownTexts({ expected, onMissing }: Field, baseline: readonly string[] = []): string[] {
  return [...new Set([...(expected?.categories ?? []), ...baseline, onMissing.kind === 'value' ? onMissing.text : ''])];
}

/** Of a column, among so many of them. */
export function cellsOf(columns: number): number {
  return Math.max(LEAST_CELLS, Math.min(CELLS, Math.floor(ALL_CELLS / Math.max(columns, 1))));
}

function gridsOf(columns: readonly ComparedColumn[] = []): Map<string, NumberSpec> {
  return new Map(
    columns.flatMap((column) => (column.kind === 'number' ? [[column.name, { kind: 'number', bits: column.grid.bits, cells: BASELINE_CELLS }]] : [])),
  );
}

function isNumber(type: ElementType): boolean {
  return isFloat(type) || isInteger(type) || type === 'bool';
}
