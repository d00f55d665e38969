import { ScorelineError } from '../errors/errors.js';
import { judgeExpectation, unmetExpectation } from './expectation.js';
import { History, type Failure, type Known } from './history.js';
import { listInputs } from './inputs.js';
import type { Job } from './job.js';
import { readHolder, type Holder } from './lock.js';
import { planJobRun } from './plan-run.js';
import { ledgerOf } from './state.js';

/** Nagios: the status of the command. */
export const LEVELS = { ok: 0, warning: 1, critical: 2, unknown: 3 } as const;
export type Level = keyof typeof LEVELS;

/** How a job does, for monitors. Times are ISO 8601. */
export interface Health {
  readonly level: Level;
  /** Why it is not ok, gravest first. */
  readonly reasons: readonly string[];
  readonly job: string;
  readonly lastPublished: { readonly at: string; readonly input: string; readonly output: string; readonly ageSeconds: number } | undefined;
  /** Inputs ever published. */
  readonly published: number;
  /** Inputs that are ready and were not tried yet. */
  readonly ready: number;
  readonly waiting: number;
  /** Inputs that are there and failed when they were tried last. */
  readonly failing: readonly { readonly input: string; readonly attempts: number; readonly last: Failure }[];
  /** Published inputs whose file is still to be moved or deleted. */
  readonly unsettled: number;
  readonly running: Holder | undefined;
  readonly expectation: { readonly due: boolean; readonly found: number; readonly wanted: number } | undefined;
}

export interface HealthOptions {
  readonly maxAgeMs: number | undefined;
  readonly nowMs: number;
  readonly signal: AbortSignal;
}

/**
 * Judges a job by its ledger, its folders and the clock. Takes no lock and changes nothing. Critical: the last publication is older than asked for, an expectation is not met, an
 * input fails, a folder cannot be read. Warning: a file is still to be moved or deleted, the ledger is damaged, nothing was published yet. Throws as reading the ledger.
 */
export async function judgeHealth(job: Job, { maxAgeMs, nowMs, signal }: HealthOptions): Promise<Health> {
  const history = await History.open(ledgerOf(job), job.identity, 'any');
  const known = history.all();
  const holder = await readHolder(job);
  const critical: string[] = [];
  const warning: string[] = [];

  const last = lastPublished(known, nowMs);
  if (maxAgeMs !== undefined && last !== undefined && nowMs - Date.parse(last.at) > maxAgeMs)
    critical.push(`nothing published for ${ageText(last.ageSeconds)}`);
  if (last === undefined) (maxAgeMs === undefined ? warning : critical).push('nothing published yet');

  const inputs = await look(job, history, nowMs, signal);
  if (inputs.error !== undefined) critical.push(inputs.error.message);
  const failing = inputs.todo.flatMap(({ path, sha256, name }) => {
    const failure = history.get(name, sha256)?.failure;
    return failure === undefined ? [] : [{ input: path, attempts: history.get(name, sha256)?.attempts ?? 0, last: failure }];
  });
  const [worst] = failing;
  if (worst !== undefined) {
    const others = failing.length === 1 ? '' : `, and ${failing.length - 1} more`;
    critical.push(
      `${worst.input} fails (${worst.attempts} attempt${worst.attempts === 1 ? '' : 's'}): ${worst.last.message} [${worst.last.code}]${others}`,
    );
  }
  const refused = inputs.todo.find(({ refusal }) => refusal !== undefined);
  if (refused?.refusal !== undefined) critical.push(`${refused.path}: ${refused.refusal.message} [${refused.refusal.code}]`);

  const { expect } = job;
  const expected = expect === undefined ? undefined : judgeExpectation(expect, known.map(({ firstAt }) => Date.parse(firstAt)), nowMs, job.zone); // prettier-ignore
  const unmet = expect === undefined || expected === undefined ? undefined : unmetExpectation(expect, expected, inputs.waiting);
  if (unmet !== undefined) critical.push(unmet.message);

  const unsettled = known.filter(({ published, settled }) => published !== undefined && !settled).length;
  if (unsettled > 0 && holder === undefined) warning.push(`${unsettled} published input${unsettled === 1 ? ' is' : 's are'} still to be ${job.after.kind === 'move' ? 'moved' : job.after.kind === 'delete' ? 'deleted' : 'settled'}`); // prettier-ignore
  if (history.damaged > 0) warning.push(`the ledger has ${history.damaged} damaged lines`);

  return {
    level: critical.length > 0 ? 'critical' : warning.length > 0 ? 'warning' : 'ok',
    reasons: [...critical, ...warning],
    job: job.name,
    lastPublished: last,
    published: known.filter(({ published }) => published !== undefined).length,
    ready: inputs.todo.length - failing.length,
    waiting: inputs.waiting,
    failing,
    unsettled,
    running: holder,
    expectation: expect === undefined || expected === undefined ? undefined : { due: expected.due, found: expected.found, wanted: expect.new },
  };
}

function lastPublished(known: readonly Known[], nowMs: number): Health['lastPublished'] {
  let last: Known | undefined;
  for (const each of known) if (each.published !== undefined && each.published.at > (last?.published?.at ?? '')) last = each;
  if (last?.published === undefined) return undefined;
  const { at, output } = last.published;
  return { at, input: last.path, output: output.path, ageSeconds: Math.max(0, Math.round((nowMs - Date.parse(at)) / 1000)) };
}

/** What a run would find; a folder that cannot be read is a finding, too. */
async function look(job: Job, history: History, nowMs: number, signal: AbortSignal) {
  try {
    const listing = await listInputs(job, nowMs);
    const { todo, waiting } = await planJobRun(job, history, listing, {
      rescore: false,
      run: 'RUN',
      date: '2000-01-01',
      nowMs,
      signal,
      readFiles: false,
    });
    return { todo, waiting: waiting.length, error: undefined };
  } catch (error) {
    if (error instanceof ScorelineError) return { todo: [], waiting: 0, error };
    throw error;
  }
}

/** `45 s`, `12 min`, `26 h`, `3 days`. */
export function ageText(seconds: number): string {
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.floor(seconds / 3600)} h` : `${Math.floor(seconds / 86_400)} days`;
}
