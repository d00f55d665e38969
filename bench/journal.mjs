// What a run of ours says of itself: the seconds by stage and the chunks that the byte decoder declined, from its journal.
import { readFileSync } from 'node:fs';

/** The last run of a journal, which must have published; stages are in seconds, those of workers added up over them. */
export function lastRun(path) {
  const commit = JSON.parse(readFileSync(path, 'utf8').trimEnd().split('\n').at(-1));
  if (commit.kind !== 'COMMIT') throw new Error(`${path} ends in ${commit.kind}`);
  return { stages: commit.seconds, decoder: commit.decoder };
}
