import { JournalError } from '../../errors/errors.js';
import { didYouMean, nearMisses, slipsBetween } from '../../errors/nearest.js';
import type { JournalRun } from '../../journal/runs.js';

const MOST_LISTED = 5;

export function missingRun(id: string, ids: readonly string[]): JournalError {
  return new JournalError('run-missing', `the journal has no run whose id begins or ends with '${id}'${didYouMean(nearIds(id, ids))}`, {
    status: 'missing',
    fix: 'See the ids: scoreline journal show JOURNAL; runs of older files are seen with --rotated.',
  });
}

/** An id that was typed with a slip: as a whole, or as its beginning or its end of that length. */
function nearIds(id: string, ids: readonly string[]): readonly string[] {
  const wanted = id.toLowerCase();
  const near = nearMisses(wanted, ids);
  if (near.length > 0 || wanted.length < 4) return near;
  const slips = (run: string): number => Math.min(slipsBetween(wanted, run.slice(0, wanted.length)), slipsBetween(wanted, run.slice(-wanted.length)));
  return ids.filter((run) => slips(run) <= 2).sort((a, b) => slips(a) - slips(b)).slice(0, 3); // prettier-ignore
}

export function ambiguousRun(id: string, matches: readonly string[]): JournalError {
  const more = matches.length > MOST_LISTED ? `, … (${matches.length} in all)` : '';
  return new JournalError('run-ambiguous', `several runs have an id that begins or ends with '${id}': ${matches.slice(0, MOST_LISTED).join(', ')}${more}`, {
    status: 'usage',
    fix: 'Give more of the id.',
  });
} // prettier-ignore

export function openRun({ run, file }: JournalRun): JournalError {
  return new JournalError('run-open', `run ${run} has no end in the journal yet: it is running, or its process died and no later run has said so`, {
    status: 'missing',
    place: { file },
    fix: 'Report when it has ended; what is known by now: scoreline journal show --run ID.',
  });
}

export function noRun(): JournalError {
  return new JournalError('run-missing', 'the journal has no run', { status: 'missing', fix: 'Name the journal of a run that has ended.' });
}
