import type { JobResult } from '../../job/run.js';
import { countText } from './figures.js';

/** What a run of a job came to, with its name. */
export type JobSummary = JobResult & { readonly job: string; readonly seconds: number };

/** `scoreline: job nightly: 2 published, 1 failed, 3 waiting (120 published before)`. */
export function jobText({ job, published, failures, failed, unfinished, waiting, untried, known }: JobSummary): string {
  const parts = [
    `${countText(published)} published`,
    ...(failed === 0 ? [] : [`${countText(failed)} failed`]),
    ...(unfinished === 0 ? [] : [`${countText(unfinished)} not moved or deleted`]),
    ...(failures.some(({ code }) => code === 'expected-input-missing') ? ['not all that was expected'] : []),
    ...(untried === 0 ? [] : [`${countText(untried)} not tried`]),
    ...(waiting === 0 ? [] : [`${countText(waiting)} waiting`]),
  ];
  return `scoreline: job ${job}: ${parts.join(', ')} (${countText(known)} published before)\n`;
}

/** The same as one JSON object a line. Keys are only ever added. */
export function jobLine(summary: JobSummary, time: Date): string {
  const { job, published, failures, unfinished, waiting, untried, known, passedOver, seconds } = summary;
  const level = failures.length === 0 ? 'info' : 'error';
  const message = jobText(summary).trim().replace('scoreline: ', '');
  const failed = failures.map(({ code, status }) => ({ code, status }));
  const fields = { code: 'job', message, job, published, failed, unfinished, waiting, untried, known, passedOver: passedOver.length, seconds };
  return `${JSON.stringify({ time: time.toISOString(), level, event: 'job', ...fields })}\n`;
}
