import { gravest, statusOf, type StatusName } from '../../errors/statuses.js';
import { checkJob } from '../../job/check/check-job.js';
import { checkScore } from '../../job/check/check-score.js';
import type { Finding } from '../../job/check/finding.js';
import { loadJob } from '../../job/load.js';
import type { Context } from '../command.js';
import type { SettingsOf } from '../flag.js';
import { checkJson } from '../job/check-json.js';
import { checkText } from '../job/check-text.js';
import type { CHECK_FLAGS } from '../job/flags.js';
import { flagKeys } from '../job-keys.js';
import { commandPath } from '../../sinks/notify/environment.js';
import { stateDirectory, toScoreOptions } from '../score-options.js';
import { usageError } from '../usage.js';

/**
 * `scoreline check`: tries everything that a run, or a run of a job, needs, and changes nothing. Ends with the gravest of what failed. Throws what is wrong with the command line
 * or the job file itself.
 */
export async function runCheck(settings: SettingsOf<typeof CHECK_FLAGS>, { effects, reporter }: Context): Promise<StatusName> {
  const { json, ...score } = settings;
  const begunMs = performance.now();
  const { input } = score;
  if (input === undefined) {
    throw usageError('missing-job', 'nothing to check is given', 'For example: scoreline check nightly.yaml, or: scoreline check -m MODEL INPUT');
  }
  const findings = isJobFile(input)
    ? await checkFile(input, effects)
    : await checkScore(toScoreOptions(score, effects), { deadlineMs: score.deadline, nowMs: effects.now().getTime(), signal: effects.signal });
  const status = gravest(findings.flatMap(({ error }) => (error === undefined ? [] : [error.statusName])));
  const seconds = (performance.now() - begunMs) / 1e3;
  const { verbose, quiet } = reporter.people;
  effects.stdout.write(
    json === true ? checkJson(input, findings, statusOf(status), seconds) : checkText({ what: input, findings, seconds, verbose, quiet }),
  );
  return status;
}

async function checkFile(file: string, { readText, env, now, signal }: Context['effects']): Promise<readonly Finding[]> {
  const keys = flagKeys(readText);
  const job = await loadJob(file, keys, stateDirectory(env));
  return checkJob(job, { nowMs: now().getTime(), deadlineMs: keys.settings().deadline, path: commandPath(env), signal });
}

/** No format of data is called so. */
function isJobFile(path: string): boolean {
  return /\.ya?ml$/i.test(path);
}
