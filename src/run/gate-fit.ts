import type { Gate } from '../check/gates/gate.js';
import type { Contract } from '../contract/contract.js';
import { UsageError } from '../errors/errors.js';
import { didYouMean, nearMisses } from '../errors/nearest.js';
import type { ScoreOptions } from './options.js';
import type { Plan } from './plan.js';

/** What gates can look at. */
export interface GateScope extends Pick<Plan, 'layout' | 'outputs' | 'known'> {
  readonly contract: Contract | undefined;
  readonly deadlineMs: number | undefined;
}

/** Why a gate would find nothing to look at: its `name` is none that there is, or the run has no such `figure`. */
export interface Misfit {
  readonly of: 'name' | 'figure';
  readonly why: string;
}

/**
 * Refuses gates that name what is not there: who withholds by a slip withholds nothing. A fallback may read and give other columns: there such a gate is told as one that could
 * not be judged.
 *
 * @throws UsageError `gate-misnamed`
 */
export function checkGates({ gates = [], insteadOf }: ScoreOptions, scope: Omit<GateScope, 'deadlineMs'>): void {
  if (insteadOf !== undefined) return;
  for (const gate of gates) {
    const misfit = gateMisfit(gate, { ...scope, deadlineMs: undefined });
    if (misfit?.of !== 'name') continue;
    throw new UsageError('gate-misnamed', `--gate ${gateText(gate)} would look at nothing: ${misfit.why}`, {
      fix: 'scoreline inspect MODEL lists what it reads and gives; the contract beside it has its kpi.',
      details: { gate: gate.name, column: gate.column },
    });
  }
}

/** `psi(age)`. */
export function gateText({ name, column }: { readonly name: string; readonly column?: string | null | undefined }): string {
  return column === undefined || column === null ? name : `${name}(${column})`;
}

/** Undefined where there is something to look at. */
export function gateMisfit({ name, column }: Gate, { layout: { fields }, outputs, known, contract, deadlineMs }: GateScope): Misfit | undefined {
  const reads = fields.map((field) => field.name);
  const gives = outputs.fields.map((field) => field.name);
  const texts = outputs.fields.filter(({ type }) => type === 'string').map((field) => field.name);
  const expects = (has: (index: number) => boolean): boolean => fields.some((field, index) => (column === undefined || field.name === column) && has(index));
  switch (name) {
    case 'missing':
      return notIn(column, reads, NOT_READ);
    case 'unseen':
      return notIn(column, reads, NOT_READ) ?? lacking(expects((index) => fields[index]?.expected?.categories !== undefined), 'nothing says which values are known');
    case 'out-of-range':
      return notIn(column, reads, NOT_READ) ?? lacking(expects((index) => fields[index]?.expected?.min !== undefined || fields[index]?.expected?.max !== undefined), 'the contract gives no range');
    case 'psi':
      return notIn(column, [...reads, ...gives], 'the model neither reads nor gives such a column') ?? lacking(contract?.baseline !== undefined, NO_BASELINE);
    case 'drifted':
      return lacking(contract?.baseline !== undefined || known.some((each) => each !== undefined), NO_BASELINE);
    case 'non-finite':
      return notIn(column, gives, NOT_GIVEN);
    case 'score-mean':
    case 'score-p05':
    case 'score-p50':
    case 'score-p95':
      return notIn(column, gives, NOT_GIVEN) ?? (column !== undefined && texts.includes(column) ? { of: 'name', why: 'that column holds texts' } : undefined);
    case 'kpi':
      return notIn(column, Object.keys(contract?.kpi ?? {}), 'the contract has no such figure');
    case 'model-age':
      return lacking(contract?.trainedThrough !== undefined, 'the contract does not say when the training data ended (trainedThrough)');
    case 'deadline-headroom':
      return lacking(deadlineMs !== undefined, 'there is no deadline');
    default:
      return undefined; // of the whole run: there is always a figure
  }
} // prettier-ignore

const NOT_READ = 'the model reads no such column';
const NOT_GIVEN = 'the model gives no such column';
const NO_BASELINE = 'there is no baseline: scoreline profile makes one';

function notIn(column: string | undefined, names: readonly string[], why: string): Misfit | undefined {
  return column === undefined || names.includes(column) ? undefined : { of: 'name', why: `${why}${didYouMean(nearMisses(column, names))}` };
}

function lacking(isThere: boolean, why: string): Misfit | undefined {
  return isThere ? undefined : { of: 'figure', why };
}
