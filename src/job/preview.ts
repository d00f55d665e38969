import { zonedTime } from './clock.js';
import { History } from './history.js';
import { listInputs } from './inputs.js';
import type { Job } from './job.js';
import { foreignState } from './job-file.js';
import { planJobRun, type RunPlan } from './plan-run.js';
import { ledgerOf } from './state.js';

export interface PreviewOptions {
  readonly rescore: boolean;
  readonly nowMs: number;
  readonly signal: AbortSignal;
}

/** What a run of the job would do now. Takes no lock, waits for nothing, changes nothing. Throws as runJob, but for the lock. */
export async function previewJob(job: Job, { rescore, nowMs, signal }: PreviewOptions): Promise<RunPlan> {
  const history = await History.open(ledgerOf(job), job.identity);
  const foreign = await foreignState(job, history);
  if (foreign !== undefined) throw foreign;
  const { date } = zonedTime(nowMs, job.zone);
  return planJobRun(job, history, await listInputs(job, nowMs), { rescore, run: 'RUN', date, nowMs, signal });
}
