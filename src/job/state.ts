import { join } from 'node:path';
import type { Job } from './job.js';

/** The ledger of a job: which inputs it has published. */
export function ledgerOf({ stateDir, name }: Pick<Job, 'stateDir' | 'name'>): string {
  return join(stateDir, `${name}.ledger.jsonl`);
}

/** The lock of a job: one run at a time. */
export function lockOf({ stateDir, name }: Pick<Job, 'stateDir' | 'name'>): string {
  return join(stateDir, `${name}.lock`);
}
