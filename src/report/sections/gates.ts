import { statusOf } from '../../errors/statuses.js';
import type { Cell, Section } from '../content.js';
import { bytesText, countText, numberText, secondsText, shareText } from '../figures.js';
import { firstRows } from '../first-rows.js';
import type { ErrorFacts, GateFacts, ReportRun } from '../material.js';

/** Did a gate say that something is wrong? One that could not be judged did not. */
export function isBroken({ verdict }: GateFacts): boolean {
  return verdict === 'fail';
}

/** Was it a gate that kept the predictions back? They are whole, and lie beside the output. */
export function isWithheld({ status }: ErrorFacts): boolean {
  return status === WITHHELD;
}

const WITHHELD = statusOf('withheld');

/** Gates with their limits and verdicts, and the figures that the contract calls kpi. */
export function gatesSection({ figures: { gates = [], kpi = [] } }: ReportRun): Section | undefined {
  if (gates.length === 0 && kpi.length === 0) return undefined;
  return {
    id: 'gates',
    title: gates.length === 0 ? 'Business figures' : 'Gates',
    blocks: [
      ...(gates.length === 0 ? [] : [{
        kind: 'table' as const,
        table: {
          caption: 'Gates',
          head: [{ name: 'gate' }, { name: 'verdict' }, { name: 'value', right: true }, { name: 'limit', right: true }, { name: 'otherwise' }],
          ...firstRows(gates.map((gate) => [gate.column === null ? gate.name : `${gate.name} (${gate.column})`, verdictCell(gate), figureText(gate, gate.value), limitText(gate), gate.level])),
        },
      }]),
      ...(kpi.length === 0 ? [] : [{
        kind: 'table' as const,
        table: {
          caption: 'Business figures (kpi)',
          head: [{ name: 'figure' }, { name: 'value', right: true }],
          ...firstRows(kpi.map(({ name, value }) => [name, numberText(value)])),
        },
      }]),
    ],
  };
} // prettier-ignore

function verdictCell({ verdict, level }: GateFacts): Cell {
  if (verdict === 'pass') return { text: 'held', level: 'good' };
  if (verdict !== 'fail') return { text: 'not known', level: 'note' };
  return { text: 'broken', level: level === 'warn' ? 'warning' : 'failed' };
}

function limitText(gate: GateFacts): string {
  const { min = null, max = null } = gate;
  const sides = [...(min === null ? [] : [`≥ ${figureText(gate, min)}`]), ...(max === null ? [] : [`≤ ${figureText(gate, max)}`])];
  return sides.length === 0 ? '-' : sides.join(', ');
}

const SHARES: ReadonlySet<string> = new Set([
  'reject-rate',
  'missing',
  'unseen',
  'out-of-range',
  'non-finite',
  'deadline-headroom',
  'memory-headroom',
]);

/** A figure in the unit of its gate. */
function figureText({ name }: GateFacts, value: number | null): string {
  if (value === null) return '-';
  if (SHARES.has(name)) return shareText(value);
  if (name === 'seconds') return secondsText(value);
  if (name === 'memory') return bytesText(value);
  return name === 'rows' || name === 'rejects' || name === 'drifted' ? countText(value) : numberText(value);
}
