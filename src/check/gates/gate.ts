/** What happens when a gate does not hold: the run is published with a warning (3), is not published (76), or is scored again by the fallback. */
export const LEVELS = ['warn', 'withhold', 'fallback'] as const;
export type Level = (typeof LEVELS)[number];

/** A limit on one of a run's own figures. */
export interface Gate {
  readonly name: GateName;
  /** The column that it looks at; undefined: the whole run, or of all columns the one that is furthest off. */
  readonly column: string | undefined;
  /** At least one of them; inclusive. In the unit of the gate: a share is 0 … 1, a time seconds, a size bytes. */
  readonly min: number | undefined;
  readonly max: number | undefined;
  readonly level: Level;
}

/** `distance`: a number that is never negative. */
export type Unit = 'share' | 'number' | 'distance' | 'rows' | 'seconds' | 'bytes' | 'days';

/** Whether a gate looks at one column: it must name one, may, or must not. */
export type ColumnUse = 'must' | 'may' | 'none';

export interface GateKind {
  readonly about: string;
  readonly unit: Unit;
  readonly column: ColumnUse;
  /** It can only get worse while a run goes on, row by row or as time passes: where it is beyond such a limit, reading on is pointless. */
  readonly worsens?: { readonly by: 'row' | 'time'; readonly beyond: 'min' | 'max' };
}

const MORE_ROWS = { by: 'row', beyond: 'max' } as const;
const LATER = { by: 'time', beyond: 'max' } as const;
const LESS_LEFT = { by: 'time', beyond: 'min' } as const;

/** Every gate there is. */
export const GATES = {
  // a share can sink again, unless it is known beforehand of how many rows it is
  'reject-rate': { about: 'rejected rows, of all rows', unit: 'share', column: 'none', worsens: MORE_ROWS },
  rejects: { about: 'rejected rows', unit: 'rows', column: 'none', worsens: MORE_ROWS },
  rows: { about: 'rows of the input', unit: 'rows', column: 'none', worsens: MORE_ROWS },
  missing: { about: 'missing values, of the rows scored', unit: 'share', column: 'may' },
  unseen: { about: 'values that the model has never seen, of the rows scored', unit: 'share', column: 'may' },
  'out-of-range': { about: 'numbers outside the range of the contract, of the rows scored', unit: 'share', column: 'may' },
  psi: {
    about: 'population stability index against the baseline; of the column that is furthest off where none is named',
    unit: 'distance',
    column: 'may',
  },
  drifted: { about: 'columns and scores that have drifted', unit: 'distance', column: 'none' },
  'score-mean': { about: 'mean of a column of scores', unit: 'number', column: 'must' },
  'score-p05': { about: '5% of the scores of a column are at most this', unit: 'number', column: 'must' },
  'score-p50': { about: 'median of a column of scores', unit: 'number', column: 'must' },
  'score-p95': { about: '95% of the scores of a column are at most this', unit: 'number', column: 'must' },
  'non-finite': { about: 'scores that are NaN or infinite, of all scores', unit: 'share', column: 'may' },
  kpi: { about: 'a figure of the contract, by its name in the place of a column', unit: 'number', column: 'must' },
  'model-age': { about: 'days since the training data ended (trainedThrough of the contract)', unit: 'days', column: 'none', worsens: LATER },
  seconds: { about: 'seconds that the run took', unit: 'seconds', column: 'none', worsens: LATER },
  memory: { about: 'peak memory of the process', unit: 'bytes', column: 'none', worsens: LATER },
  'deadline-headroom': { about: 'what was left of the deadline, as a share of it', unit: 'share', column: 'none', worsens: LESS_LEFT },
  'memory-headroom': {
    about: 'what was left of the memory that the process may use, as a share of it',
    unit: 'share',
    column: 'none',
    worsens: LESS_LEFT,
  },
} as const satisfies Readonly<Record<string, GateKind>>;

export type GateName = keyof typeof GATES;

/** What became of a gate. `value` is null where the run has no such figure; a gate that cannot be judged is no reason to withhold, but is told. */
export interface Verdict {
  readonly name: GateName;
  readonly column: string | null;
  readonly value: number | null;
  /** Where no column is named and the value is that of the one that is furthest off: its name. */
  readonly worst?: string;
  readonly min: number | null;
  readonly max: number | null;
  readonly level: Level;
  readonly verdict: 'pass' | 'fail' | 'unknown';
  /** Of a run that was stopped early by its gates, in those that were broken: after how many rows that was known. The value is that of these rows. */
  readonly row?: number;
}
