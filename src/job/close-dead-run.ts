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
 * Ends a run whose process is gone as the run itself would have: by FAIL in its journal, unless it came so far by itself; a run that never began gets a START, too. A journal
 * that cannot be written does not hide why the process died.
 */
export async function closeDeadRun(begun: BegunRun | undefined, options: PlainOptions, error: ScorelineError): Promise<void> {
  const special = await isSpecialOutput(options.output).catch(() => true);
  const record = new RunRecord(options, placesOf(options, special), begun?.runId);
  try {
    const found = begun?.journal === undefined ? 'unknown' : await findRun(begun.journal, begun.runId);
    if (found === 'unknown') await record.fail(error);
    if (found === 'open' && begun?.journal !== undefined) {
      await (await openJournal(begun.journal)).append({ kind: 'FAIL', run: begun.runId, record: { error: errorFigures(error) } });
    }
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
