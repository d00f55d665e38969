import { judgeEarly } from '../../check/gates/early.js';
import type { Gate, Verdict } from '../../check/gates/gate.js';
import { verdictOf } from '../../check/gates/judge.js';
import type { Contract } from '../../contract/contract.js';
import { gateMisfit, gateText } from '../../run/gate-fit.js';
import { gatesOf, isHeld, resourcesOf, verdictText, withheld } from '../../run/gates.js';
import type { DriftFigures } from '../../profile/drift.js';
import type { Plan } from '../../run/plan.js';
import { failed, ok, warning, type Finding } from './finding.js';
import { countText } from './texts.js';

export interface GateRequest {
  readonly gates: readonly Gate[];
  readonly plan: Plan;
  readonly contract: Contract | undefined;
  readonly deadlineMs: number | undefined;
  readonly nowMs: number;
  readonly hasFallback: boolean;
  /** What was seen of the input. */
  readonly rows: number;
  readonly rejected: number;
  /** That is all of it. */
  readonly isWhole: boolean;
  /** How far the rows are from the baseline, where all of them were scored. */
  readonly drift: DriftFigures | undefined;
}

/** Gates that a run has no figure for: they would be told of as not judged, and hold nothing back. And gates that are broken by now, whatever the rows behind hold. */
export function gateFindings(request: GateRequest): readonly Finding[] {
  const { gates } = request;
  const broken = brokenFindings(request);
  const lines = gates.flatMap((gate) => {
    const misfit = gateMisfit(gate, { ...request.plan, ...request });
    if (misfit !== undefined) return [`${gateText(gate)}: ${misfit.why}`];
    return isUntold(gate, request.drift) ? [`${gateText(gate)}: too few rows for it, ${countText(request.rows)} in all`] : [];
  });
  if (lines.length > 0) {
    const text = `${countText(lines.length)} of ${countText(gates.length)} cannot be judged and would hold nothing back`;
    return [...broken, warning('gates', 'gate-not-judged', text, { lines, details: { gates: lines } })];
  }
  return gates.length === 0 || broken.length > 0 ? broken : [ok('gates', `${countText(gates.length)}, each with a figure to look at`)];
}

/** A distance that may be chance, of so few rows as there are. */
function isUntold({ name, column }: Gate, drift: DriftFigures | undefined): boolean {
  if (name !== 'psi' || drift === undefined) return false;
  return [...drift.columns, ...drift.scores].every((each) => each.verdict === 'too-few-rows' || (column !== undefined && each.column !== column));
}

function brokenFindings(request: GateRequest): readonly Finding[] {
  const { rows, hasFallback } = request;
  const verdicts = judged(request).filter(({ verdict }) => verdict === 'fail');
  const held = verdicts.filter(isHeld);
  const read = `${countText(rows)} ${request.isWhole ? 'rows' : 'rows read'}`;
  const textOf = (verdict: Verdict): string => (verdict.name === 'model-age' ? verdictText(verdict) : `${verdictText(verdict)}, after ${read}`);
  const sure = withheld(verdicts, { held: {}, hasFallback });
  if (held.length > 0 && sure.code === 'gate-withheld') {
    const fix = 'Look at the input; where the data is right, change the gate.';
    return [failed('gates', sure, { text: `a run would be withheld: ${textOf(held[0] ?? verdicts[0] ?? NONE)}`, lines: verdicts.slice(1).map(textOf), fix, details: { gates: verdicts } })];
  }
  if (verdicts.length === 0) return [];
  const lines = verdicts.map(textOf);
  return [warning('gates', 'gate-fails', held.length > 0 ? 'a gate would have the fallback score all rows' : 'a run would end with a warning (3)', { lines, details: { gates: verdicts } })];
} // prettier-ignore

const NONE: Verdict = { name: 'rows', column: null, value: null, min: null, max: null, level: 'warn', verdict: 'unknown' };

/** What is known of the gates before a run: the age of the model, and what rows and rejects alone can break. */
function judged({ gates, plan, contract, deadlineMs, nowMs, rows, rejected, isWhole }: GateRequest): readonly Verdict[] {
  const resources = resourcesOf({ contract, plan, nowMs, deadlineMs, seconds: 0, memoryBytes: 0 });
  const all = gatesOf(gates, contract);
  if (!isWhole) return judgeEarly(all, { rows, rejected, mostRows: undefined, resources });
  const values: Readonly<Partial<Record<Gate['name'], number | null>>> = {
    rows,
    rejects: rejected,
    'reject-rate': rows === 0 ? null : rejected / rows,
    'model-age': resources.modelAgeDays ?? null,
  };
  return all.map((gate) => verdictOf(gate, values[gate.name] ?? null));
}
