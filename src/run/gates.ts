import { judgeGates, verdictOf, type Measured, type Resources } from '../check/gates/judge.js';
import { GATES, type Gate, type Unit, type Verdict } from '../check/gates/gate.js';
import { kpiFigures } from '../check/kpi.js';
import { gapDays } from '../contract/age.js';
import type { Contract } from '../contract/contract.js';
import { WithheldError } from '../errors/errors.js';
import type { Accounting } from './accounting.js';
import type { DataFigures } from './figures.js';
import { gateMisfit, gateText, type GateScope, type Misfit } from './gate-fit.js';
import type { Plan } from './plan.js';
import type { Warnings } from './warnings.js';

/** What gates look at beside the figures that the journal keeps. */
export interface GateSource {
  readonly figures: DataFigures;
  readonly accounting: Accounting;
  readonly plan: Plan;
  readonly contract: Contract | undefined;
  readonly nowMs: number;
  readonly deadlineMs: number | undefined;
}

/** Holds a run's figures against the gates it was given, and against the number of rows that the contract calls usual. */
export function judgeRun(gates: readonly Gate[], source: GateSource): Verdict[] {
  const { plan, contract, deadlineMs } = source;
  const scope = { ...plan, contract, deadlineMs };
  const measured = measure(source);
  // a count of nothing is no figure: where nobody says which values are known, none is unseen
  return gatesOf(gates, contract).flatMap((gate) => (gateMisfit(gate, scope) === undefined ? judgeGates([gate], measured) : [verdictOf(gate, null)]));
}

/** All gates of a run: those that it was given, and the contract's own. */
export function gatesOf(given: readonly Gate[], contract: Contract | undefined): readonly Gate[] {
  return [...given, ...usual(contract, given)];
}

/** Who names a gate for rows says better. */
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
      // of few rows it is large by chance
      psi: new Map(
        [...figures.drift.columns, ...figures.drift.scores].map(({ column, psi, verdict }) => [column, verdict === 'too-few-rows' ? null : psi]),
      ),
    },
    kpi: new Map(accounting.kpis === undefined ? [] : kpiFigures(accounting.kpis).map(({ name, value }) => [name, value])),
    ...resourcesOf({ contract, plan, nowMs, deadlineMs, seconds: figures.seconds.total, memoryBytes: figures.peakMemoryBytes }),
  };
}

/** What a run has taken by now. */
export function resourcesOf(
  from: Pick<GateSource, 'contract' | 'plan' | 'nowMs' | 'deadlineMs'> & { readonly seconds: number; readonly memoryBytes: number },
): Resources {
  const { contract, plan, nowMs, deadlineMs, seconds, memoryBytes } = from;
  return {
    modelAgeDays: contract?.trainedThrough === undefined ? undefined : gapDays(contract.trainedThrough, nowMs),
    seconds,
    memoryBytes,
    deadlineSeconds: deadlineMs === undefined ? undefined : deadlineMs / 1000,
    memoryLimitBytes: plan.machine.memoryBytes,
  };
}

type Profiled = NonNullable<DataFigures['profile']>['scores'][number];

function scoreOf(column: Profiled | undefined): {
  readonly mean: number | null;
  readonly p05: number | null;
  readonly p50: number | null;
  readonly p95: number | null;
} {
  if (column?.kind !== 'number') return { mean: null, p05: null, p50: null, p95: null };
  const quantile = (name: 'p05' | 'p50' | 'p95'): number | null => (column.quantiles === null ? null : numberOf(column.quantiles[name]));
  return { mean: column.mean, p05: quantile('p05'), p50: quantile('p50'), p95: quantile('p95') };
}

/** Infinities are texts among figures. */
function numberOf(figure: number | string): number {
  return figure === 'inf' ? Infinity : figure === '-inf' ? -Infinity : Number(figure);
}

/** A gate in words: `psi of "age" is 0.41, expected at most 0.25`. */
export function verdictText({ name, column, worst, value, min, max }: Verdict): string {
  const { unit } = GATES[name];
  const limits = [...(min === null ? [] : [{ least: 'at least', limit: min }]), ...(max === null ? [] : [{ least: 'at most', limit: max }])];
  // as few digits as tell the value from its limits
  const digits = [4, 6, 9, 17].find((count) => limits.every(({ limit }) => value === null || figureText(value, unit, count) !== figureText(limit, unit, count)));
  const shown = (figure: number): string => figureText(figure, unit, digits ?? 17);
  const expected = limits.map(({ least, limit }) => `${least} ${shown(limit)}`).join(' and ');
  const of = column ?? worst;
  return `${name}${of === undefined ? '' : ` of ${JSON.stringify(of)}`} is ${value === null ? 'not known' : shown(value)}, expected ${expected}`;
} // prettier-ignore

/** A figure with its unit, to so many digits. */
function figureText(figure: number, unit: Unit, digits: number): string {
  const number = (of: number): string => String(Number(of.toPrecision(digits)));
  switch (unit) {
    case 'share':
      return `${number(figure * 100)}%`;
    case 'bytes':
      return `${number(figure / 2 ** 20)} MB`;
    case 'seconds':
      return `${number(figure)} s`;
    case 'days':
      return `${number(figure)} days`;
    case 'rows':
      return String(figure);
    case 'number':
    case 'distance':
      return number(figure);
  }
}

/** What became of predictions that are withheld. */
export interface Held {
  /** Path of the file that keeps them. */
  readonly aside?: string | undefined;
  /** Name of a stream that has them already, or a part of them. */
  readonly seen?: string | undefined;
  /** Path of the rejects, where they were published. */
  readonly rejects?: string | undefined;
}

interface Acting {
  readonly warnings: Warnings;
  readonly held: Held;
  readonly hasFallback: boolean;
  /** What the gates could look at. */
  readonly scope: GateScope;
}

function misfitOf({ name, column, min, max, level }: Verdict, scope: GateScope): Misfit | undefined {
  return gateMisfit({ name, column: column ?? undefined, min: min ?? undefined, max: max ?? undefined, level }, scope);
}

/**
 * Acts on the verdicts of a whole run: a gate of level `warn` that does not hold is a warning, and so is one that could not be judged.
 *
 * @throws WithheldError, see withheld().
 */
export function actOn(verdicts: readonly Verdict[], { warnings, held, hasFallback, scope }: Acting): void {
  for (const verdict of verdicts) {
    if (verdict.verdict === 'unknown') warnings.add('gate-not-judged', `the gate ${gateText(verdict)} could not be judged: ${misfitOf(verdict, scope)?.why ?? 'the run has no such figure, or too few rows for it'}`);
  }
  warnOfFailed(verdicts, warnings);
  if (verdicts.some(isHeld)) throw withheld(verdicts, { held, hasFallback });
} // prettier-ignore

/** Gates of level `warn` that do not hold. */
export function warnOfFailed(verdicts: readonly Verdict[], warnings: Warnings): void {
  for (const verdict of verdicts) if (verdict.verdict === 'fail' && verdict.level === 'warn') warnings.add('gate-failed', verdictText(verdict));
}

/** Does it keep the predictions back? */
export function isHeld({ verdict, level }: Verdict): boolean {
  return verdict === 'fail' && level !== 'warn';
}

/** WithheldError `gate-withheld`, or `gate-fallback` where such a gate does not hold and there is a fallback; without one it withholds, too. */
export function withheld(verdicts: readonly Verdict[], { held, hasFallback }: { readonly held: Held; readonly hasFallback: boolean }): WithheldError {
  const failed = verdicts.filter(isHeld);
  const row = failed[0]?.row;
  const fallsBack = hasFallback && failed.some(({ level }) => level === 'fallback');
  const stopped = row === undefined ? '' : `, and the run was stopped ${row === 0 ? 'before the first row' : `after row ${row.toLocaleString('en-US')}`}`;
  const more = failed.length === 1 ? '' : `, and ${failed.length - 1} more`;
  return new WithheldError(fallsBack ? 'gate-fallback' : 'gate-withheld', `the predictions are withheld${stopped}: ${failed.map(verdictText)[0] ?? ''}${more}`, {
    details: { gates: failed, ...(held.aside === undefined ? {} : { aside: held.aside }) },
    fix: `${whereabouts(held, row !== undefined)}${held.rejects === undefined ? '' : ` Rejected rows are in ${held.rejects}.`} Look at the input and the journal; where the data is right, change the gate.`,
  });
} // prettier-ignore

function whereabouts({ aside, seen }: Held, isStopped: boolean): string {
  if (aside !== undefined) return `They are kept in ${aside}; what was published before is as it was.`;
  if (seen !== undefined) {
    const name = seen === 'stream' ? 'The output stream' : seen;
    const spool = seen === 'stdout' ? '; with --spool-stdout it would have none' : '';
    return `${name} has ${isStopped ? 'a part of them' : 'them'} already, and only this error and the exit status say that they do not count${spool}.`;
  }
  return isStopped ? 'Nothing was published, and nothing of them is kept: they are not whole.' : 'Nothing was published.';
}
