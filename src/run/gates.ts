import { judgeGates, type Measured } from '../check/gates/judge.js';
import { GATES, type Gate, type Verdict } from '../check/gates/gate.js';
import { kpiFigures } from '../check/kpi.js';
import { gapDays } from '../contract/age.js';
import type { Contract } from '../contract/contract.js';
import { WithheldError } from '../errors/errors.js';
import type { RunFigures } from '../journal/record.js';
import type { Accounting } from './accounting.js';
import type { Plan } from './plan.js';
import type { Warnings } from './warnings.js';

/** What gates look at beside the figures that the journal keeps. */
export interface GateSource {
  readonly figures: RunFigures;
  readonly accounting: Accounting;
  readonly plan: Plan;
  readonly contract: Contract | undefined;
  readonly nowMs: number;
  readonly deadlineMs: number | undefined;
}

/** Holds a run's figures against the gates it was given, and against the number of rows that the contract calls usual. */
export function judgeRun(gates: readonly Gate[], source: GateSource): Verdict[] {
  return judgeGates([...gates, ...usual(source.contract, gates)], measure(source));
}

/** Of the contract's own; who names a gate for rows says better. */
function usual(contract: Contract | undefined, given: readonly Gate[]): Gate[] {
  const { min, max } = contract?.usualRows ?? {};
  if ((min === undefined && max === undefined) || given.some(({ name }) => name === 'rows')) return [];
  return [{ name: 'rows', column: undefined, min, max, level: 'warn' }];
}

function measure({ figures, accounting, plan, contract, nowMs, deadlineMs }: GateSource): Measured {
  const rowsBy = (list: readonly { readonly column: string; readonly rows: number }[] | undefined): ReadonlyMap<string, number> =>
    new Map(list?.map(({ column, rows }) => [column, rows]));
  const [missing, unseen, outOfRange] = [rowsBy(figures.missing), rowsBy(figures.unseen), rowsBy(figures.outOfRange)];
  const profiled = new Map(figures.profile?.scores.map((column) => [column.name, column]));
  return {
    rows: { in: accounting.rowsIn, scored: accounting.scored, rejected: accounting.rejected },
    columns: new Map(
      plan.layout.fields.map(({ name }) => [
        name,
        { missing: missing.get(name) ?? 0, unseen: unseen.get(name) ?? 0, outOfRange: outOfRange.get(name) ?? 0 },
      ]),
    ),
    scores: new Map(figures.predictions.map(({ column, nonFinite }) => [column, { ...scoreOf(profiled.get(column)), nonFinite }])),
    drift: figures.drift && {
      drifted: figures.drift.drifted,
      psi: new Map([...figures.drift.columns, ...figures.drift.scores].map(({ column, psi }) => [column, psi])),
    },
    kpi: new Map(accounting.kpis === undefined ? [] : kpiFigures(accounting.kpis).map(({ name, value }) => [name, value])),
    modelAgeDays: contract?.trainedThrough === undefined ? undefined : gapDays(contract.trainedThrough, nowMs),
    seconds: figures.seconds.total,
    memoryBytes: figures.peakMemoryBytes,
    deadlineSeconds: deadlineMs === undefined ? undefined : deadlineMs / 1000,
    memoryLimitBytes: plan.machine.memoryBytes,
  };
}

type Profiled = NonNullable<RunFigures['profile']>['scores'][number];

function scoreOf(column: Profiled | undefined): {
  readonly mean: number | null;
  readonly p05: number | null;
  readonly p50: number | null;
  readonly p95: number | null;
} {
  if (column?.kind !== 'number') return { mean: null, p05: null, p50: null, p95: null };
  const quantile = (name: 'p05' | 'p50' | 'p95'): number | null => (column.quantiles === null ? null : column.quantiles[name]);
  return { mean: column.mean, p05: quantile('p05'), p50: quantile('p50'), p95: quantile('p95') };
}

/** A gate in words: `psi of "age" is 0.41, expected at most 0.25`. */
export function verdictText({ name, column, value, min, max }: Verdict): string {
  const unit = GATES[name].unit;
  const shown = (number: number): string => (unit === 'share' ? `${Number((number * 100).toPrecision(4))}%` : String(Number(number.toPrecision(6))));
  const limits = [...(min === null ? [] : [`at least ${shown(min)}`]), ...(max === null ? [] : [`at most ${shown(max)}`])].join(' and ');
  return `${name}${column === null ? '' : ` of ${JSON.stringify(column)}`} is ${value === null ? 'not known' : shown(value)}, expected ${limits}`;
}

/**
 * Acts on verdicts: a gate of level `warn` that does not hold is a warning, and so is one that could not be judged.
 *
 * @throws WithheldError `gate-withheld`, or `gate-fallback` where such a gate does not hold and there is a fallback; without one it withholds, too.
 */
export function actOn(
  verdicts: readonly Verdict[],
  { warnings, aside, hasFallback }: { readonly warnings: Warnings; readonly aside: string | undefined; readonly hasFallback: boolean },
): void {
  for (const verdict of verdicts) {
    if (verdict.verdict === 'unknown')
      warnings.add(
        'gate-not-judged',
        `the gate ${verdict.name}${verdict.column === null ? '' : `(${verdict.column})`} could not be judged: the run has no such figure`,
      );
    if (verdict.verdict === 'fail' && verdict.level === 'warn') warnings.add('gate-failed', verdictText(verdict));
  }
  const failed = verdicts.filter(({ verdict, level }) => verdict === 'fail' && level !== 'warn');
  const [first] = failed;
  if (first === undefined) return;
  const fallsBack = hasFallback && failed.some(({ level }) => level === 'fallback');
  const more = failed.length === 1 ? '' : `, and ${failed.length - 1} more`;
  throw new WithheldError(fallsBack ? 'gate-fallback' : 'gate-withheld', `the predictions are withheld: ${failed.map(verdictText)[0] ?? ''}${more}`, {
    details: { gates: failed, ...(aside === undefined ? {} : { aside }) },
    fix: `${aside === undefined ? 'Nothing was published.' : `They are kept in ${aside}; what was published before is as it was.`} Look at the input and the journal; where the data is right, change the gate.`,
  });
}
