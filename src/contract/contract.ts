import type { Baseline } from './baseline.js';
import type { Kpi } from '../profile/kpi.js';
import type { Metrics } from '../profile/metrics.js';
import type { TableSchema } from './table-schema.js';

/** A contract as read from `MODEL.contract.json`: what the model expects of a row and what its outputs mean. Plain data. */
export interface Contract {
  readonly version: 'scoreline.contract/1';
  /** Path it was read from, for messages; not part of the file. */
  readonly path: string;
  /** Hex sha256 of the contract's bytes; not part of the file. */
  readonly sha256: string;
  /** Absent in a contract that was made of data alone: it has to be named with --contract, and fits any model whose inputs have its names. */
  readonly model?: { readonly sha256: string };
  /** Column order of a matrix input. */
  readonly features?: readonly string[];
  /** Model input name -> data column. */
  readonly columns?: Readonly<Record<string, string>>;
  /** Columns that identify a row: kept in the output. */
  readonly ids?: readonly string[];
  /** Names of the classes in the model's order. */
  readonly classes?: readonly string[];
  /** Decision threshold on the positive class's probability. */
  readonly threshold?: number;
  readonly positiveClass?: string;
  /** Data column -> text of the value that stands for a missing one. */
  readonly fillMissing?: Readonly<Record<string, string>>;
  /** What is expected of a row, column by column. */
  readonly schema?: TableSchema;
  /** Column of the schema -> what happens to a row that breaks it. */
  readonly rules?: Readonly<Record<string, ColumnRule>>;
  /** The columns that scoring gives, in order, without a prefix. */
  readonly outputs?: readonly OutputColumn[];
  /** The column of the training data that the model was taught to predict; no column of the data that is scored. */
  readonly target?: { readonly column: string };
  /** The last day or instant that the training data knows of: `2025-12-31`, `2025-12-31T18:00:00Z`. */
  readonly trainedThrough?: string;
  /** The last day, or the instant, until which the contract holds. */
  readonly expires?: string;
  /** What the model got right on the data that the baseline was taken from. */
  readonly metrics?: Metrics;
  /** Business figures that are worked out from the scores, by name. */
  readonly kpi?: Readonly<Record<string, Kpi>>;
  /** Rows that an input usually has; either end may be open. */
  readonly usualRows?: { readonly min?: number; readonly max?: number };
  readonly golden?: readonly GoldenRow[];
  /** The data that the model was made on, in figures. */
  readonly baseline?: Baseline;
}

/** A row whose score is known; null is missing. Scored at every start and compared within 1e-6 relative. */
export interface GoldenRow {
  readonly row: Readonly<Record<string, string | null>>;
  readonly expect: Readonly<Record<string, string | number>>;
}

/** What happens to a value: passed on as it is, taken as missing, replaced by `value`, or the row is rejected. */
export const ACTIONS = ['allow', 'missing', 'value', 'reject'] as const;
export type Action = (typeof ACTIONS)[number];

/** What happens to the values of a column that are missing, that are no category of it, that lie outside of its range, and that are not of its type. */
export interface ColumnRule {
  readonly onMissing?: Exclude<Action, 'missing'>;
  readonly onUnseen?: Action;
  readonly onOutOfRange?: Action;
  readonly onWrongType?: Action;
  /** Text of the cell that `value` puts there. */
  readonly value?: string;
}

/** A result column and what its values are. */
export interface OutputColumn {
  readonly name: string;
  readonly type: 'number' | 'integer' | 'boolean' | 'string';
}

export type { Kpi } from '../profile/kpi.js';
export type { Metrics } from '../profile/metrics.js';
