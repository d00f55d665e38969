import { GATES, type Gate, type GateKind, type GateName, type Verdict } from './gate.js';
import { OF_RESOURCES, verdictOf, type Resources } from './judge.js';

/** What is known of a run in the midst of it. */
export interface SoFar {
  readonly rows: number;
  readonly rejected: number;
  /** More rows than these do not come; undefined where nobody knows. */
  readonly mostRows: number | undefined;
  /** Undefined where they are not to be looked at. */
  readonly resources: Resources | undefined;
}

/** The gates that end a run as soon as nothing to come can mend them: those that keep the predictions back, by figures that only get worse beyond their limit. */
export function stoppingGates(gates: readonly Gate[], by: 'row' | 'time'): readonly Gate[] {
  return gates.filter((gate) => gate.level !== 'warn' && limitOf(gate)?.by === by);
}

/** Is one of them broken for good? */
export function isBroken(gates: readonly Gate[], soFar: SoFar): boolean {
  return gates.some((gate) => judgeForGood(gate, soFar) !== undefined);
}

/** What became of the gates of a run that is stopped here, in their order: those that are broken for good fail, all others are unknown. Pure. */
export function judgeEarly(gates: readonly Gate[], soFar: SoFar): Verdict[] {
  return gates.map((gate) => {
    const broken = judgeForGood(gate, soFar);
    return broken === undefined ? verdictOf(gate, null) : { ...broken, row: soFar.rows };
  });
}

/**
 * After how many rows one of the gates is broken for good, to the row, however the rows were cut into chunks: what was known before this chunk, then the rows of the chunk, of which
 * those in `rejects` (counted from 1 over the whole input, ascending) were rejected. Undefined where each can still hold behind the chunk.
 */
export function breakingPoint(
  gates: readonly Gate[],
  before: Omit<SoFar, 'resources'>,
  chunk: { readonly rows: number; readonly rejects: readonly number[] },
): { readonly rows: number; readonly rejected: number } | undefined {
  const breaks = (rows: number, rejected: number): boolean => isBroken(gates, { ...before, rows, rejected, resources: undefined });
  if (breaks(before.rows, before.rejected)) return before;
  const end = before.rows + chunk.rows;
  // figures change at rejects; and between them only the number of rows does, which is looked at where it becomes too large
  const tooMany = gates.flatMap(({ name, max }) => (name === 'rows' && max !== undefined ? [Math.floor(max) + 1] : []));
  const points = [...new Set([...chunk.rejects, ...tooMany])].filter((row) => row > before.rows && row <= end).sort((a, b) => a - b);
  let rejected = before.rejected;
  let seen = 0;
  for (const rows of points) {
    for (; seen < chunk.rejects.length && (chunk.rejects[seen] ?? Infinity) <= rows; seen++) rejected++;
    if (breaks(rows, rejected)) return { rows, rejected };
  }
  return undefined;
}

/** A verdict that nothing to come can change; undefined where there is none. */
function judgeForGood(gate: Gate, soFar: SoFar): Verdict | undefined {
  const worsens = limitOf(gate);
  if (worsens === undefined) return undefined;
  // of the two limits only that towards which the figure goes is broken for good
  const verdict = verdictOf({ ...gate, [worsens.beyond === 'max' ? 'min' : 'max']: undefined }, valueOf(gate.name, soFar));
  return verdict.verdict === 'fail' ? { ...verdict, min: gate.min ?? null, max: gate.max ?? null } : undefined;
}

/** How a gate can be broken for good; undefined where it cannot. */
function limitOf({ name, ...limits }: Gate): GateKind['worsens'] {
  const { worsens }: GateKind = GATES[name];
  return worsens !== undefined && limits[worsens.beyond] !== undefined ? worsens : undefined;
}

function valueOf(name: GateName, { rows, rejected, mostRows, resources }: SoFar): number | null {
  if (name === 'rows') return rows;
  if (name === 'rejects') return rejected;
  // the least that it can still come to
  if (name === 'reject-rate') return mostRows === undefined || mostRows === 0 ? null : rejected / mostRows;
  return resources !== undefined && name in OF_RESOURCES ? OF_RESOURCES[name as keyof typeof OF_RESOURCES](resources) : null;
}
