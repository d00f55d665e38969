import { GATES, type Gate, type GateName, type Verdict } from './gate.js';

/** What a run has taken so far. */
export interface Resources {
  readonly modelAgeDays: number | undefined;
  readonly seconds: number;
  readonly memoryBytes: number;
  readonly deadlineSeconds: number | undefined;
  readonly memoryLimitBytes: number | undefined;
}

/** The figures of a run that gates look at. Shares of columns are of the rows scored. */
export interface Measured extends Resources {
  readonly rows: { readonly in: number; readonly scored: number; readonly rejected: number };
  /** By column that the model reads: rows with such a value. */
  readonly columns: ReadonlyMap<string, { readonly missing: number; readonly unseen: number; readonly outOfRange: number }>;
  /** By column of the output. */
  readonly scores: ReadonlyMap<
    string,
    {
      readonly mean: number | null;
      readonly p05: number | null;
      readonly p50: number | null;
      readonly p95: number | null;
      readonly nonFinite: number;
    }
  >;
  /** Undefined where there is nothing to compare with. */
  readonly drift: { readonly drifted: number; readonly psi: ReadonlyMap<string, number | null> } | undefined;
  readonly kpi: ReadonlyMap<string, number | null>;
}

/** Holds a run's figures against its gates, in their order. Pure. */
export function judgeGates(gates: readonly Gate[], measured: Measured): Verdict[] {
  return gates.map((gate) => {
    const value = VALUES[gate.name](measured, gate.column);
    const worst = value === null ? undefined : worstOf(gate, value, measured);
    return { ...verdictOf(gate, value), ...(worst === undefined ? {} : { worst }) };
  });
}

/** The column that a gate on all columns has its value from; undefined where it looks at one, or at the whole run. */
function worstOf({ name, column }: Gate, value: number, measured: Measured): string | undefined {
  if (column !== undefined || GATES[name].column !== 'may') return undefined;
  const names = [...measured.columns.keys(), ...measured.scores.keys()];
  return names.find((each) => VALUES[name](measured, each) === value);
}

/** A gate and the figure that it looks at; null where the run has no such figure. */
export function verdictOf({ name, column, min, max, level }: Gate, value: number | null): Verdict {
  const isBroken = value !== null && ((min !== undefined && !(value >= min)) || (max !== undefined && !(value <= max)));
  const verdict = value === null ? 'unknown' : isBroken ? 'fail' : 'pass';
  return { name, column: column ?? null, value, min: min ?? null, max: max ?? null, level, verdict };
}

/** Of what was taken; pure. */
export const OF_RESOURCES = {
  'model-age': ({ modelAgeDays }) => modelAgeDays ?? null,
  seconds: ({ seconds }) => seconds,
  memory: ({ memoryBytes }) => memoryBytes,
  'deadline-headroom': ({ seconds, deadlineSeconds }) => (deadlineSeconds === undefined ? null : 1 - seconds / deadlineSeconds),
  'memory-headroom': ({ memoryBytes, memoryLimitBytes }) => (memoryLimitBytes === undefined ? null : 1 - memoryBytes / memoryLimitBytes),
} as const satisfies Partial<Record<GateName, (resources: Resources) => number | null>>;

type Value = (measured: Measured, column: string | undefined) => number | null;

const VALUES: Readonly<Record<GateName, Value>> = {
  'reject-rate': ({ rows }) => share(rows.rejected, rows.in),
  rejects: ({ rows }) => rows.rejected,
  rows: ({ rows }) => rows.in,
  missing: (measured, column) => worstColumn(measured, column, ({ missing }) => missing),
  unseen: (measured, column) => worstColumn(measured, column, ({ unseen }) => unseen),
  'out-of-range': (measured, column) => worstColumn(measured, column, ({ outOfRange }) => outOfRange),
  psi: ({ drift }, column) => (drift === undefined ? null : column === undefined ? greatest(drift.psi.values()) : (drift.psi.get(column) ?? null)),
  drifted: ({ drift }) => drift?.drifted ?? null,
  'score-mean': ({ scores }, column = '') => scores.get(column)?.mean ?? null,
  'score-p05': ({ scores }, column = '') => scores.get(column)?.p05 ?? null,
  'score-p50': ({ scores }, column = '') => scores.get(column)?.p50 ?? null,
  'score-p95': ({ scores }, column = '') => scores.get(column)?.p95 ?? null,
  'non-finite': ({ scores, rows }, column) => {
    const looked = column === undefined ? [...scores.values()] : [scores.get(column)].filter((score) => score !== undefined);
    return looked.length === 0 ? null : greatest(looked.map(({ nonFinite }) => share(nonFinite, rows.scored)));
  },
  kpi: ({ kpi }, name = '') => kpi.get(name) ?? null,
  ...OF_RESOURCES,
};

function worstColumn(
  { columns, rows }: Measured,
  column: string | undefined,
  count: (of: { readonly missing: number; readonly unseen: number; readonly outOfRange: number }) => number,
): number | null {
  if (column !== undefined) {
    const found = columns.get(column);
    return found === undefined ? null : share(count(found), rows.scored);
  }
  return greatest([...columns.values()].map((of) => share(count(of), rows.scored)));
}

/** Null where there is nothing to have a share of. */
function share(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}

function greatest(values: Iterable<number | null>): number | null {
  let found: number | null = null;
  for (const value of values) if (value !== null && (found === null || value > found)) found = value;
  return found;
}
