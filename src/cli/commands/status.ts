import { ScorelineError } from '../../errors/errors.js';
import { asDefect } from '../../errors/transfer.js';
import { ageText, judgeHealth, LEVELS, type Health } from '../../job/health.js';
import { loadJob } from '../../job/load.js';
import type { Context, Ending } from '../command.js';
import type { SettingsOf } from '../flag.js';
import type { STATUS_FLAGS } from '../job/flags.js';
import { flagKeys } from '../job-keys.js';
import { escapeControl } from '../report/escape.js';
import { stateDirectory } from '../score-options.js';
import { jobFile } from './job-file.js';

/**
 * `scoreline status`: one line for a monitor, with figures behind a bar, or one JSON object; ends with 0 ok, 1 warning, 2 critical, 3 unknown, and never with anything else once
 * its flags are read: to a monitor an error of ours is an unknown.
 */
export async function runStatus(settings: SettingsOf<typeof STATUS_FLAGS>, { effects }: Context): Promise<Ending> {
  const { job: file, maxAge, json } = settings;
  const path = jobFile('status', file);
  try {
    const job = await loadJob(path, flagKeys(effects.readText), stateDirectory(effects.env));
    const health = await judgeHealth(job, { maxAgeMs: maxAge, nowMs: effects.now().getTime(), signal: effects.signal });
    effects.stdout.write(json === true ? healthJson(health) : healthLine(health, maxAge));
    return { status: LEVELS[health.level] };
  } catch (error) {
    const own = error instanceof ScorelineError ? error : asDefect(error);
    effects.stdout.write(json === true ? unknownJson(own) : `SCORELINE UNKNOWN - ${oneLine(`${own.message} [${own.code}]`)}\n`);
    return { status: LEVELS.unknown };
  }
}

/** `SCORELINE OK - nightly: last published 3 h ago | age=10800s;;93600 published=12c ready=0 waiting=0 failing=0`, as the Monitoring Plugins have it. */
function healthLine(health: Health, maxAgeMs: number | undefined): string {
  const { level, job, reasons, lastPublished: last, published, ready, waiting, failing, running } = health;
  const facts = [
    ...reasons,
    ...(last === undefined ? [] : [`last published ${ageText(last.ageSeconds)} ago`]),
    ...(running === undefined ? [] : [`running since ${running.since} (pid ${running.pid})`]),
    ...(ready === 0 ? [] : [`${ready} ready`]),
    ...(waiting === 0 ? [] : [`${waiting} waiting`]),
  ];
  const limit = maxAgeMs === undefined ? '' : `;;${Math.round(maxAgeMs / 1000)}`;
  const figures = [
    ...(last === undefined ? [] : [`age=${last.ageSeconds}s${limit}`]),
    `published=${published}c`,
    `ready=${ready}`,
    `waiting=${waiting}`,
    `failing=${failing.length}`,
    `running=${running === undefined ? 0 : 1}`,
  ];
  return `SCORELINE ${level.toUpperCase()} - ${oneLine(`${job}: ${facts.join('; ')}`)} | ${figures.join(' ')}\n`;
}

/** What stands before the bar must not hold one. */
function oneLine(text: string): string {
  return escapeControl(text).replaceAll('|', '/');
}

function healthJson(health: Health): string {
  const { lastPublished = null, running = null, expectation = null, ...rest } = health;
  return `${JSON.stringify({ status: LEVELS[health.level], ...rest, lastPublished, running, expectation })}\n`;
}

function unknownJson({ code, message, place, fix }: ScorelineError): string {
  return `${JSON.stringify({ status: LEVELS.unknown, level: 'unknown', reasons: [message], error: { code, message, place, fix: fix ?? null } })}\n`;
}
