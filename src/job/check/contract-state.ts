import { warnOfAge } from '../../contract/age.js';
import type { Contract, Kpi } from '../../contract/contract.js';
import type { ScoreOptions } from '../../run/options.js';
import type { Plan } from '../../run/plan.js';
import { ok, warning, type CheckWarning, type Finding } from './finding.js';
import { countText, pathText, plural } from './texts.js';

/** What the contract says of itself, and whether it still holds. That it belongs to the model, or to none, was proven as it was loaded. */
export function contractFindings(contract: Contract | undefined, options: ScoreOptions, nowMs: number): readonly Finding[] {
  if (contract === undefined) return [ok('contract', options.contract === 'none' ? 'set aside' : 'none')];
  const { path, model, schema, baseline, trainedThrough, expires, golden } = contract;
  const parts = [
    model === undefined ? 'made of data alone' : 'made for this model',
    ...(schema === undefined ? [] : [plural(schema.fields.length, 'field')]),
    ...(baseline === undefined ? [] : [`baseline of ${plural(baseline.rows, 'row')}`]),
    ...(golden === undefined ? [] : [plural(golden.length, 'golden row')]),
    ...(trainedThrough === undefined ? [] : [`trained through ${trainedThrough}`]),
    ...(expires === undefined ? [] : [`holds until ${expires}`]),
  ];
  const details = { path, trainedThrough: trainedThrough ?? null, expires: expires ?? null, baselineRows: baseline?.rows ?? null };
  const findings: Finding[] = [ok('contract', `${pathText(path)}: ${parts.join(', ')}`, { details })];
  warnOfAge(contract, nowMs, {
    add: (what, message) => {
      const fix = 'Train the model anew, or put a later date under expires where it is known to hold.';
      findings.push(warning('contract', what as CheckWarning, message, { fix }));
    },
  });
  return findings;
}

/** Names of the contract that neither input, model nor results have: what is said of them is said of nothing. One that was made of data alone may well know columns that this model does not read. */
export function contractFitFindings(contract: Contract | undefined, plan: Plan, columns: readonly string[]): readonly Finding[] {
  if (contract === undefined) return [];
  const { model, schema, rules = {}, baseline, outputs, kpi = {}, ids = [], target } = contract;
  const read = new Set(plan.layout.fields.map(({ name }) => name));
  const known = new Set([...read, ...columns, ...ids, ...(target === undefined ? [] : [target.column])]);
  const results = new Set(plan.goldenOutputs.fields.map(({ name }) => name));
  const ofColumns = [
    ...namesNotIn(schema?.fields.map(({ name }) => name), known, 'schema', 'neither the model nor the input has it'),
    ...namesNotIn(Object.keys(rules), read, 'rules', 'the model does not read it'),
    ...namesNotIn(baseline?.columns.map(({ name }) => name), read, 'baseline', 'the model does not read it'),
  ];
  const lines = [
    ...(model === undefined ? [] : ofColumns),
    ...namesNotIn(baseline?.scores.map(({ name }) => name), results, 'baseline', 'scoring does not give it'),
    ...namesNotIn(outputs?.map(({ name }) => name), results, 'outputs', 'scoring does not give it'),
    ...Object.entries(kpi).flatMap(([name, figure]) => namesNotIn(resultsOf(figure), results, `kpi ${name}`, 'scoring does not give it')),
    ...(schema === undefined ? [] : namesNotIn([...read], new Set(schema.fields.map(({ name }) => name)), 'schema', 'the model reads it, and there is no field for it')),
  ];
  if (lines.length === 0) return [];
  const fix = 'Measure it anew: scoreline profile TRAIN -m MODEL --update; or mend the names by hand.';
  return [warning('contract', 'contract-unread', `${plural(lines.length, 'name')} in it that model, input and results do not have`, { lines, fix, details: { names: lines } })];
} // prettier-ignore

function namesNotIn(names: readonly string[] = [], known: ReadonlySet<string>, where: string, why: string): readonly string[] {
  return names.filter((name) => !known.has(name)).map((name) => `${where}: ${JSON.stringify(name)}: ${why}`);
}

/** The result columns that a figure is worked out from. */
function resultsOf(figure: Kpi): readonly string[] {
  if ('shareAbove' in figure) return [figure.shareAbove.column];
  return Object.entries(figure.expectedValue).flatMap(([name, value]) => (typeof value === 'number' ? [name] : Object.keys(value as object)));
}

/** Beyond this the size of a file says that something is wrong with it: rows differ in length. */
const FACTOR = 2;

/** Whether an input of about so many rows is one that the contract calls usual. */
export function usualRowsFindings(contract: Contract | undefined, rows: number | undefined): readonly Finding[] {
  const { min, max } = contract?.usualRows ?? {};
  if (rows === undefined || ((min === undefined || rows * FACTOR >= min) && (max === undefined || rows <= max * FACTOR))) return [];
  const usual = [...(min === undefined ? [] : [`at least ${countText(min)}`]), ...(max === undefined ? [] : [`at most ${countText(max)}`])].join(' and ');
  return [warning('rows', 'unusual-rows', `about ${countText(rows)} rows by the size of the input; the contract calls ${usual} usual`, { details: { rows, min, max } })];
} // prettier-ignore
