import type { ResultColumn } from '../batch/result.js';
import type { WorkerSetup } from './protocol.js';

/** Says of each row what scored it, in a column of its own where one is asked for. */
export interface ScorerMarks {
  /** Every row is scored by a fallback, which is the model of this run. */
  readonly byFallback: boolean;
  /** The columns of a batch of so many tensor rows, with that column behind them. `saved`: tensor rows that the fallback scored. */
  mark(columns: readonly ResultColumn[], rows: number, saved: ReadonlySet<number> | undefined): readonly ResultColumn[];
}

export function openMarks({ scoredBy: name, byFallback = false }: WorkerSetup): ScorerMarks {
  if (name === undefined) return { byFallback, mark: (columns) => columns };
  const field = { name, type: 'string' } as const;
  const usual = byFallback ? 'fallback' : 'model';
  return {
    byFallback,
    mark(columns, rows, saved) {
      const values = new Array<string>(rows).fill(usual);
      for (const row of saved ?? []) values[row] = 'fallback';
      return [...columns, { field, values }];
    },
  };
}
