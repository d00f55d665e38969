import type { Gate } from '../../check/gates/gate.js';
import type { Contract } from '../../contract/contract.js';
import { didYouMean, nearMisses } from '../../errors/nearest.js';
import type { Plan } from '../../run/plan.js';
import { ok, warning, type Finding } from './finding.js';
import { countText } from './texts.js';

export interface GateRequest {
  readonly gates: readonly Gate[];
  readonly plan: Plan;
  readonly contract: Contract | undefined;
  readonly deadlineMs: number | undefined;
}

/** Gates that a run has no figure for: they would be told of as not judged, and hold nothing back. */
export function gateFindings(request: GateRequest): readonly Finding[] {
  const { gates } = request;
  if (gates.length === 0) return [];
  const lines = gates.flatMap((gate) => {
    const why = whyNot(gate, request);
    return why === undefined ? [] : [`${gate.name}${gate.column === undefined ? '' : `(${gate.column})`}: ${why}`];
  });
  if (lines.length === 0) return [ok('gates', `${countText(gates.length)}, each with a figure to look at`)];
  const text = `${countText(lines.length)} of ${countText(gates.length)} cannot be judged and would hold nothing back`;
  return [warning('gates', 'gate-not-judged', text, { lines, details: { gates: lines } })];
}

/** Why a gate would find nothing to look at; undefined where it does. */
function whyNot({ name, column }: Gate, { plan, contract, deadlineMs }: GateRequest): string | undefined {
  const fields = plan.layout.fields;
  const reads = fields.map((field) => field.name);
  const gives = plan.outputs.fields.map((field) => field.name);
  const expects = (has: (index: number) => boolean): boolean => fields.some((field, index) => (column === undefined || field.name === column) && has(index));
  switch (name) {
    case 'missing':
      return notIn(column, reads, 'the model reads no such column');
    case 'unseen':
      return notIn(column, reads, 'the model reads no such column') ?? (expects((index) => fields[index]?.expected?.categories !== undefined) ? undefined : 'nothing says which values are known');
    case 'out-of-range':
      return notIn(column, reads, 'the model reads no such column') ?? (expects((index) => fields[index]?.expected?.min !== undefined || fields[index]?.expected?.max !== undefined) ? undefined : 'the contract gives no range');
    case 'psi':
    case 'drifted':
      return notIn(column, [...reads, ...gives], 'there is no such column') ?? (contract?.baseline !== undefined || (name === 'drifted' && plan.known.some((known) => known !== undefined)) ? undefined : 'there is no baseline: scoreline profile makes one');
    case 'score-mean':
    case 'score-p05':
    case 'score-p50':
    case 'score-p95':
    case 'non-finite':
      return notIn(column, gives, 'the model gives no such column');
    case 'kpi':
      return notIn(column, Object.keys(contract?.kpi ?? {}), 'the contract has no such figure');
    case 'model-age':
      return contract?.trainedThrough === undefined ? 'the contract does not say when the training data ended (trainedThrough)' : undefined;
    case 'deadline-headroom':
      return deadlineMs === undefined ? 'there is no deadline' : undefined;
    default:
      return undefined; // of the whole run: there is always a figure
  }
} // prettier-ignore

function notIn(column: string | undefined, names: readonly string[], why: string): string | undefined {
  return column === undefined || names.includes(column) ? undefined : `${why}${didYouMean(nearMisses(column, names))}`;
}
