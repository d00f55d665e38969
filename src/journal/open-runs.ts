import { asProcessIdentity, fateOf, type ProcessIdentity } from '../files/process-identity.js';
import { TERMINAL, type Entry, type EntryDraft } from './entry.js';

/** A run that has not ended: it is at work, or dead. */
export interface OpenRun {
  readonly run: string;
  /** It has written PREPARE: what it was about to publish is rolled forward by whoever takes the lock of its output, and by nobody else. */
  readonly prepared: boolean;
  /** Which process it is; null where its START does not say. */
  readonly process: ProcessIdentity | null;
}

/** A head stays small whatever happens: of more runs than these the oldest are forgotten. */
const MAX_OPEN = 1000;

/** The open runs after one more line. */
export function nextOpen(open: readonly OpenRun[], line: Pick<Entry, 'run' | 'kind'> & { readonly process?: unknown }): readonly OpenRun[] {
  if (line.kind === 'START') return [...open, { run: line.run, prepared: false, process: asProcessIdentity(line.process) ?? null }].slice(-MAX_OPEN);
  if (line.kind === 'PREPARE') return open.map((entry) => (entry.run === line.run ? { ...entry, prepared: true } : entry));
  return TERMINAL.has(line.kind) ? open.filter(({ run }) => run !== line.run) : open;
}

/** The ABORTs of those runs whose process is surely dead, `by` the run that finds them. */
export function abortsOfDead(open: readonly OpenRun[], by: string): EntryDraft[] {
  return open.flatMap(({ run, prepared, process }) => {
    const fate = process === null || prepared ? 'unknown' : fateOf(process);
    return fate === 'died' || fate === 'rebooted' ? [{ kind: 'ABORT', run, record: { reason: fate, by } } as const] : [];
  });
}
