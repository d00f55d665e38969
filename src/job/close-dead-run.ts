import { ScorelineError } from '../errors/errors.js';
import { readEntries } from '../journal/reader.js';
import { openJournal } from '../journal/writer.js';
import { isSpecialOutput } from '../publish/open.js';
import { OutputClaim, type Outcome } from '../run/claim.js';
import { asCheckpoint, nextRow } from '../run/checkpoint.js';
import type { RunEvent, RunSummary, ScoreOptions } from '../run/options.js';
import { errorFigures, RunRecord } from '../run/record.js';
import { followsOf, placesOf, rejectsOf } from '../run/settings.js';
import type { BegunRun } from '../run/supervision.js';
import type { ToldBefore } from '../run/teller.js';
import { Warnings } from '../run/warnings.js';
import type { PlainOptions } from './protocol.js';

/** The kernel gives the lock of a dead process free at once; what it had started may hold it for some milliseconds more. */
const LOCK_WAIT_MS = 200;

/** What became of a run whose process is gone. */
export interface ClosedRun {
  /** It had all prepared, and is published now, or was before it died: then it has not failed. */
  readonly published?: RunSummary;
  /** The row from which the same command goes on, from 1. */
  readonly row?: number;
}

/** What the caller has heard of the run, and who tells it the rest. */
interface Heard {
  readonly told: ToldBefore;
  readonly onEvent: ((event: RunEvent) => void) | undefined;
  /** What the run said that it had done, when all was published and recorded. */
  readonly published: Outcome | undefined;
}

const UNHEARD: Heard = { told: { started: false, ended: false }, onEvent: undefined, published: undefined };

/**
 * Ends a run whose process is gone as the run itself would have. What it had prepared is published. Else it gets FAIL in
 * its journal, and its temp files go, unless it left a checkpoint for the same command to go on from. What cannot be done here does not hide why the process died; a later
 * start does it. The caller hears of its end exactly once.
 */
export async function closeDeadRun(
  begun: BegunRun | undefined,
  given: PlainOptions,
  error: ScorelineError,
  { told, onEvent, published }: Heard = UNHEARD,
): Promise<ClosedRun> {
  const options: ScoreOptions & PlainOptions = { ...given, ...(onEvent === undefined ? {} : { onEvent }) };
  const special = await isSpecialOutput(options.output, { followLinks: followsOf(options).output }).catch(() => true);
  const places = placesOf(options, special);
  if (begun === undefined) {
    await new RunRecord(options, places).fail(error);
    return {};
  }
  const { runId, journal } = begun;
  const record = new RunRecord(options, places, runId, told);
  const claim = special
    ? undefined
    : new OutputClaim({
        target: options.output,
        rejects: rejectsOf(places),
        followLinks: places.follows.output,
        run: runId,
        warnings: new Warnings(undefined),
        waitMs: LOCK_WAIT_MS,
        signal: undefined,
      });
  try {
    const left = await ours(claim, runId);
    const finished = left === undefined ? published : left.finished; // it had cleared away what would tell
    if (finished !== undefined) {
      const { summary, commit } = finished;
      if (commit !== null) record.teller.end({ kind: 'COMMIT', record: commit });
      return { published: summary };
    }
    if (journal !== undefined) await unlessRefused(() => failInJournal(journal, places.follows.journal, record, error));
    record.tellFailure(error);
    if (left !== undefined) {
      const found = await left.claim.settle(left.identity, true);
      if (found.kind === 'checkpoint') {
        left.claim.keep();
        const checkpoint = asCheckpoint(found.state.checkpoint);
        if (checkpoint !== undefined) return { row: nextRow(checkpoint) };
      }
    }
  } finally {
    await claim?.release();
  }
  return {};
}

/** What the dead run itself has left at its output; undefined where that is nothing, or another run has taken its place. */
async function ours(claim: OutputClaim | undefined, runId: string) {
  const lock = await unlessRefused(async () => claim?.lock());
  if (claim === undefined || lock?.found?.header.run !== runId) return undefined;
  return { claim, identity: lock.found.header.identity ?? undefined, finished: await claim.rolledForward() };
}

/** Another run may have ended it already, and it may have ended by itself; one that never started gets its START, too. */
async function failInJournal(path: string, followLinks: boolean, record: RunRecord, error: ScorelineError): Promise<void> {
  const journal = await openJournal(path, { followLinks });
  let open = false as boolean;
  await journal.hold(async (lines) => {
    open = lines.open.some(({ run }) => run === record.id);
    if (open) await lines.append({ kind: 'FAIL', run: record.id, record: { error: errorFigures(error) } });
  });
  if (!open && !(await isKnown(path, record.id))) await record.fail(error);
}

async function isKnown(journal: string, runId: string): Promise<boolean> {
  for await (const { run } of readEntries(journal)) if (run === runId) return true;
  return false;
}

async function unlessRefused<T>(act: () => Promise<T>): Promise<T | undefined> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof ScorelineError && error.code !== 'defect') return undefined;
    throw error;
  }
}
