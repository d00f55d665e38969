import type { LedgerDraft } from '../publish/ledger.js';
import type { RunSummary } from './options.js';

/** A line for a ledger with what only the end of a run tells: how many rows a fallback scored, all of them or single ones. */
export function withFallbackRows(draft: LedgerDraft, { byFallback }: Pick<RunSummary, 'byFallback'>): LedgerDraft {
  if (byFallback === undefined) return draft;
  const whole = draft.entry['fallback'] as object | undefined;
  return { ...draft, entry: { ...draft.entry, fallback: { ...(whole ?? { why: 'rows' }), rows: byFallback } } };
}
