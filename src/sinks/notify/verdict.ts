import type { EndFacts, GateFacts, SinkEvent, StartFacts } from '../event.js';
import { exitStatus } from '../exit-status.js';

/** What is worth a command: published though a gate does not hold; published, but scored by the fallback, all or some rows; not published, because of a gate. */
export type VerdictName = 'warned' | 'fallback' | 'withheld';

/** The end of a run with a verdict. */
export interface Verdict {
  readonly verdict: VerdictName;
  /** Exit status that the run stands for. */
  readonly status: number;
  /** In words, one line. */
  readonly message: string;
  /** Gates that do not hold. */
  readonly gates: readonly GateFacts[];
  readonly event: EndEvent;
  /** Undefined where it is not known. */
  readonly start: StartFacts | undefined;
}

export type EndEvent = Extract<SinkEvent, { readonly kind: 'COMMIT' | 'FAIL' }>;

/** Code of a run in whose place the fallback begins another one at once. */
export const GIVEN_OVER = 'gate-fallback';

const WITHHELD = 76;

/** Warnings that say why a run with a verdict was published all the same. */
const REASONS: ReadonlySet<string> = new Set(['gate-failed', 'fallback-scored', 'rows-by-fallback']);

/** The verdict of a run that has ended; undefined where it has none: all is well, or it failed for another reason. */
export function verdictOf(event: EndEvent, start: StartFacts | undefined): Verdict | undefined {
  const { record } = event;
  const gates = failedGates(record);
  const name = nameOf(record, gates);
  if (name === undefined) return undefined;
  const reasons = (record.warnings ?? []).filter(({ code }) => REASONS.has(code)).map(({ message }) => message);
  return { verdict: name, status: exitStatus(record), message: record.error?.message ?? reasons.join('; '), gates, event, start };
}

function nameOf({ error, fallback }: EndFacts, failed: readonly GateFacts[]): VerdictName | undefined {
  if (error !== undefined) return error.status === WITHHELD ? 'withheld' : undefined;
  if (fallback !== undefined && fallback !== null) return 'fallback';
  return failed.length > 0 ? 'warned' : undefined;
}

function failedGates({ gates }: EndFacts): readonly GateFacts[] {
  return (gates ?? []).filter(({ verdict }) => verdict === 'fail');
}

/** Gates by name and column, each once: `rows, psi(age)`. */
export function gatesText(gates: readonly GateFacts[]): string {
  return [...new Set(gates.map(({ name, column }) => (column === null ? name : `${name}(${column})`)))].join(', ');
}
