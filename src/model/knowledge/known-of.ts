import type { Binding } from '../bind.js';
import type { Knowledge } from './knowledge.js';

/** What the graph knows of the column that feeds one field of the layout. */
export interface Known {
  /** Name in the source. */
  readonly column: string;
  /** The values that the model's encoders know, as text; any other is unseen. */
  readonly categories?: readonly string[];
  /** Of the training data, where a scaler holds them. */
  readonly mean?: number;
  readonly deviation?: number;
  /** Beyond these the model tells values no longer apart. */
  readonly min?: number;
  readonly max?: number;
  /**
   * Where `min` and `max` come from: `clip`, the graph bounds the column to the range of its training data; `thresholds`, the outermost splits of its trees, beyond
   * which any part of the training data may lie, too.
   */
  readonly limits?: 'clip' | 'thresholds';
}

/**
 * What the graph knows of each field, in the order of the layout's fields; undefined where it knows nothing of use. A min-max scaler's range is left out where
 * nothing proves it: another `feature_range` would make it another one.
 */
export function knownOf({ inputs }: Pick<Binding, 'inputs'>, knowledge: readonly Knowledge[]): (Known | undefined)[] {
  const found = new Map(knowledge.map((each) => [`${each.at} ${each.input}`, each]));
  return inputs.flatMap(({ name, columns }) => columns.map((column, at) => known(column.name, found.get(`${at} ${name}`))));
}

function known(column: string, knowledge: Knowledge | undefined): Known | undefined {
  if (knowledge === undefined) return undefined;
  const { categories, mean, deviation } = knowledge;
  const all: Known = {
    column,
    ...(categories === undefined ? {} : { categories }),
    ...(mean === undefined ? {} : { mean }),
    ...(deviation === undefined ? {} : { deviation }),
    ...limitsOf(knowledge),
  };
  return Object.keys(all).length > 1 ? all : undefined;
}

function limitsOf({ range, thresholds }: Knowledge): Pick<Known, 'min' | 'max' | 'limits'> {
  if (range?.from === 'clip') return { min: range.min, max: range.max, limits: 'clip' };
  if (thresholds !== undefined && thresholds.count > 1) return { min: thresholds.min, max: thresholds.max, limits: 'thresholds' };
  return {};
}
