import type { JobEnd } from '../event.js';
import type { Family } from './exposition.js';

/** Statuses with which a run of a job has done what it should: 0, and 3, published with a warning. */
const FINE: ReadonlySet<number> = new Set([0, 3]);

const LAST = 'scoreline_job_last_success_timestamp_seconds';

/** What Prometheus is told of a run of a job, which may have had several inputs, or none. `lastSuccess`: seconds since 1970, as an earlier run left it. Pure. */
export function jobFamilies(job: string, end: JobEnd, lastSuccess: number | undefined): readonly Family[] {
  const gauge = (name: string, help: string, value: number | undefined): Family => ({
    name,
    help,
    samples: value === undefined ? [] : [{ labels: { job }, value }],
  });
  const endedAt = Date.parse(end.at) / 1e3;
  const { known, ...states } = end.inputs ?? {};
  return [
    gauge('scoreline_job_exit_status', 'Exit status of the last run of the job.', end.status),
    gauge('scoreline_job_end_timestamp_seconds', 'When the last run of the job ended.', endedAt),
    gauge(LAST, 'When a run of the job last ended well, also one that had nothing to do.', FINE.has(end.status) ? endedAt : lastSuccess),
    gauge('scoreline_job_duration_seconds', 'How long the last run of the job took.', end.seconds),
    {
      name: 'scoreline_job_inputs',
      help: 'Inputs of the last run of the job, by what became of them.',
      samples: Object.entries(states).map(([state, value]) => ({ labels: { job, state }, value })),
    },
    gauge('scoreline_job_known_inputs', 'Inputs that had been published before.', known),
  ];
}

/** The family that is read again for the next run. */
export { LAST as LAST_JOB_SUCCESS };
