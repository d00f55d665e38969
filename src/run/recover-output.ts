import { randomBytes } from 'node:crypto';
import { runId } from '../journal/run-id.js';
import { systemCode } from '../errors/system-code.js';
import { OutputClaim } from './claim.js';
import type { ScoreOptions, Warning } from './options.js';
import { Teller } from './teller.js';
import { Warnings } from './warnings.js';

/**
 * Does for an output what a run that died while it published it has left to do, up to its COMMIT; nothing where none has. Gives what is to be said of that: `recovered`, or that
 * its end could not be recorded (`end-not-recorded`).
 *
 * @param of the output and the rejects file that belongs to it. Links under their own names are not followed.
 * @param onEvent told the end that a dead run gets.
 * @param ledger what a run that would have recorded itself in that ledger has left, and what nobody knows of, is removed where it cannot be published: no run goes on with it.
 *
 * @throws OutputError `output-locked` (75) where a run is writing it; as the publishing of an output.
 */
export async function recoverOutput(
  of: { readonly output: string; readonly rejects: string | null },
  { signal, ledger, onEvent }: { readonly signal: AbortSignal; readonly ledger?: string; readonly onEvent?: ScoreOptions['onEvent'] },
): Promise<readonly Warning[]> {
  const warnings = new Warnings(undefined);
  const run = runId(Date.now(), randomBytes(10));
  const claim = new OutputClaim({
    target: of.output,
    rejects: of.rejects === null ? undefined : { path: of.rejects, followLinks: false },
    followLinks: false,
    run,
    warnings,
    waitMs: 0,
    signal,
    teller: new Teller(run, onEvent),
  });
  try {
    const { found } = await claim.lock();
    if (ledger !== undefined && (found === undefined || found.header.ledger?.path === ledger)) await claim.settle(undefined, false);
  } catch (error) {
    // with its folder went all that could be left to do there
    if (systemCode(error) !== 'output-folder-missing') throw error;
  } finally {
    await claim.release();
  }
  return warnings.list();
}
