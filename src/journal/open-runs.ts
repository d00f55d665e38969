import { asProcessIdentity, fateOf, type ProcessIdentity } from '../files/process-identity.js';
import { TERMINAL, type Entry, type EntryDraft } from './entry.js';

/** A run that has not ended: it is at work, or dead. */
export interface OpenRun {
  readonly run: string;
  /**
   * The output of its PREPARE, null before that: what it was about to publish there is rolled forward by whoever takes the lock of that output, and by nobody
   * else.
   */
  readonly prepared: string | null;
  /** Which process it is; null where its START does not say. */
  readonly process: ProcessIdentity | null;
}

type RunLine = Pick<Entry, 'run' | 'kind'> & { readonly process?: unknown; readonly output?: unknown };

/** A head stays small whatever happens: of more runs than these the oldest are forgotten. */
const MAX_OPEN = 1000;

/** The open runs after one more line. */
export function nextOpen(open: readonly OpenRun[], line: RunLine): readonly OpenRun[] {
  if (line.kind === 'START') return [...open, { run: line.run, prepared: null, process: asProcessIdentity(line.process) ?? null }].slice(-MAX_OPEN);
  if (line.kind === 'PREPARE') return open.map((entry) => (entry.run === line.run ? { ...entry, prepared: pathOf(line.output) } : entry));
  return TERMINAL.has(line.kind) ? open.filter(({ run }) => run !== line.run) : open;
}

function pathOf(output: unknown): string {
  return typeof output === 'object' && output !== null && 'path' in output && typeof output.path === 'string' ? output.path : '';
}

/**
 * The ABORTs of those runs whose process is surely dead, `by` the run that finds them.
 *
 * @param held the output whose lock that run holds: whatever could be rolled forward there has been, so who is still open had died before it could be.
 */
export function abortsOfDead(open: readonly OpenRun[], by: string, held: string | undefined): EntryDraft[] {
  return open.flatMap(({ run, prepared, process }) => {
    const fate = process === null || (prepared !== null && prepared !== held) ? 'unknown' : fateOf(process);
    return fate === 'died' || fate === 'rebooted' ? [{ kind: 'ABORT', run, record: { reason: fate, by } } as const] : [];
  });
}
