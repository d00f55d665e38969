import { relative } from 'node:path';
import { PASSED_OVER } from '../../job/inputs.js';
import type { Job } from '../../job/job.js';
import type { RunPlan } from '../../job/plan-run.js';
import { escapeControl } from '../report/escape.js';
import { bytesText, countText, secondsText } from '../report/figures.js';

/** What `scoreline run --dry-run` prints: a line for each input that is to be scored, refused, waited for or passed over. */
export function jobPlanText(job: Job, { todo, published, waiting, passedOver }: RunPlan, nowMs: number): string {
  const short = (path: string): string => escapeControl(relative('', path) || path);
  const scored = todo.filter(({ refusal }) => refusal === undefined).length;
  const counts = [`${countText(scored)} to score`, `${countText(waiting.length)} waiting`, `${countText(published.length)} published before`];
  const lines = [
    ...todo.map(({ path, paths, stamp, refusal, attempts }) =>
      refusal === undefined
        ? `score   ${short(path)} (${bytesText(stamp.bytes)}${attempts === 0 ? '' : `, attempt ${attempts + 1}`}) -> ${short(paths.output)}`
        : `refuse  ${short(path)}: ${escapeControl(refusal.message)} [${refusal.code}]`,
    ),
    ...waiting.map(({ path, reason, modifiedMs }) =>
      reason === 'no-marker'
        ? `wait    ${short(path)} (no ${job.doneMarker ?? ''} beside it)`
        : `wait    ${short(path)} (changed ${secondsText(Math.max(0, nowMs - modifiedMs) / 1000)} ago)`,
    ),
    ...passedOver.map(({ path, reason }) => `pass    ${short(path)} (${PASSED_OVER[reason]})`),
  ];
  return `job ${job.name}: ${counts.join(', ')}\n${lines.map((line) => `  ${line}\n`).join('')}`;
}
