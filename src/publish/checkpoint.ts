import type { OutputLock } from './output-lock.js';
import type { Stage } from './stage.js';

/**
 * Writes a checkpoint down, beside a run that goes on: first the staged files are synced, as far as they reach by now and so at least as far as the checkpoint does,
 * then the line is, for it must not claim what the disk does not have. Throws OutputError (74): what failed to sync is given up for good.
 */
export async function saveCheckpoint(checkpoint: unknown, stages: readonly Stage[], lock: OutputLock): Promise<void> {
  await Promise.all(stages.map((stage) => stage.sync()));
  await lock.checkpoint(checkpoint);
}
