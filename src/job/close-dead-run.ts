import { JournalError, type ScorelineError } from '../errors/errors.js';
import { TERMINAL } from '../journal/entry.js';
import { readEntries } from '../journal/reader.js';
import { openJournal } from '../journal/writer.js';
import { isSpecialOutput } from '../publish/open.js';
import { errorFigures, RunRecord } from '../run/record.js';
import { placesOf } from '../run/settings.js';
import type { BegunRun } from '../run/supervision.js';
import type { PlainOptions } from './protocol.js';

/**
 * Ends a run whose process is gone as the run itself would have: by FAIL in its journal, unless it came so far by itself. A journal that cannot be written
 * does not hide why the process died.
 */
export async function closeDeadRun({ runId, journal }: BegunRun, options: PlainOptions, error: ScorelineError): Promise<void> {
  if (journal === undefined) return;
  try {
    const found = await findRun(journal, runId);
    if (found === 'unknown') await new RunRecord(options, placesOf(options, await isSpecialOutput(options.output)), runId).fail(error);
    if (found === 'open') await (await openJournal(journal)).append({ kind: 'FAIL', run: runId, record: { error: errorFigures(error) } });
  } catch (failure) {
    if (!(failure instanceof JournalError)) throw failure;
  }
}

async function findRun(journal: string, runId: string): Promise<'unknown' | 'open' | 'ended'> {
  let found: 'unknown' | 'open' | 'ended' = 'unknown';
  try {
    for await (const { run, kind } of readEntries(journal)) if (run === runId) found = TERMINAL.has(kind) ? 'ended' : 'open';
  } catch (error) {
    if (!(error instanceof JournalError && error.code === 'journal-missing')) throw error;
  }
  return found;
}
