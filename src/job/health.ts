import { ScorelineError } from '../errors/errors.js';
import { judgeExpectation, unmetExpectation } from './expectation.js';
import { History, type Failure, type Known } from './history.js';
import { listInputs, PASSED_OVER } from './inputs.js';
import type { Job } from './job.js';
import { foreignState } from './job-file.js';
import { readHolder, type Holder } from './lock.js';
import { planJobRun } from './plan-run.js';
import { judgeStanding } from './standing.js';
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
  /** What the fallback scored since the model last scored all rows of an input: inputs of which it scored any row, and rows. */
  readonly byFallback: { readonly inputs: number; readonly rows: number };
  /** Links, names that are not in UTF-8 and the like among the inputs: never scored. */
  readonly passedOver: number;
  /** Published predictions that are gone though their input is there, and such as are other bytes by now. */
  readonly outputsGone: readonly string[];
  readonly outputsChanged: readonly string[];
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
 * input fails, a folder cannot be read, the state is another job file's. Warning: a file is still to be moved or deleted, an entry among the inputs is passed over, predictions are gone or
 * changed, the fallback scored the last input or rows of it, the ledger is damaged, nothing was published yet. Throws as reading the ledger.
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

  const foreign = await foreignState(job, history);
  if (foreign !== undefined) critical.push(`${foreign.message} [${foreign.code}]`);
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
  const byFallback = sinceModel(known);
  if (byFallback.length > 0) warning.push(fallbackText(byFallback));
  if (history.damaged > 0) warning.push(`the ledger has ${history.damaged} damaged lines`);
  const [passed] = inputs.passedOver;
  if (passed !== undefined)
    warning.push(`${plural(inputs.passedOver.length, 'entry', 'entries')} passed over (${PASSED_OVER[passed.reason]}): ${passed.path}`);
  const { gone, changed } = inputs.standing;
  if (gone[0] !== undefined) warning.push(`${plural(gone.length, 'published output')} gone: ${gone[0]}`);
  if (changed[0] !== undefined) warning.push(`${plural(changed.length, 'published output')} changed since: ${changed[0]}`);

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
    byFallback: { inputs: byFallback.length, rows: byFallback.reduce((sum, { published: done }) => sum + (done?.fallback?.rows ?? 0), 0) },
    passedOver: inputs.passedOver.length,
    outputsGone: gone,
    outputsChanged: changed,
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

/** Inputs of which the fallback scored rows since the model last scored all of one, newest first: once it does so again there is nothing left to warn of. */
function sinceModel(known: readonly Known[]): readonly Known[] {
  const published = newest(known, Infinity).toReversed();
  const byModel = published.findIndex(({ published: done }) => done?.fallback === undefined);
  return byModel === -1 ? published : published.slice(0, byModel);
}

/** The newest first. */
function fallbackText(inputs: readonly Known[]): string {
  const [latest] = inputs;
  const { model, why, rows = 0 } = latest?.published?.fallback ?? { why: '' };
  const path = latest?.path ?? '';
  const said = why === 'rows' ? `${plural(rows, 'row')} of ${path} scored by the fallback` : `${path} was scored by the fallback ${model ?? ''}`;
  return `${said}${inputs.length === 1 ? '' : `, and ${inputs.length - 1} before it`} [${why}]`;
}

/** What a run would find; a folder that cannot be read is a finding, too. */
async function look(job: Job, history: History, nowMs: number, signal: AbortSignal) {
  try {
    const listing = await listInputs(job, nowMs);
    const { todo, waiting, published, passedOver } = await planJobRun(job, history, listing, {
      rescore: false,
      run: 'RUN',
      date: '2000-01-01',
      nowMs,
      signal,
      readFiles: false,
    });
    const others = newest(history.all()).filter(({ name, sha256 }) => !published.some(({ known }) => known.name === name && known.sha256 === sha256));
    const { gone, changed } = await judgeStanding(published.map(({ known }) => known), history, signal); // prettier-ignore
    const { changed: alsoChanged } = await judgeStanding(others, history, signal); // whose input went may go itself
    return { todo, waiting: waiting.length, passedOver, standing: { gone, changed: [...changed, ...alsoChanged] }, error: undefined };
  } catch (error) {
    if (error instanceof ScorelineError) return { todo: [], waiting: 0, passedOver: [], standing: { gone: [], changed: [] }, error };
    throw error;
  }
}

/** So many outputs, the newest, are looked after though their inputs are gone. */
const LOOKED_AFTER = 100;

function newest(known: readonly Known[], most = LOOKED_AFTER): readonly Known[] {
  const published = known.filter(({ published: done }) => done !== undefined);
  return published.sort((a, b) => (a.published?.at ?? '').localeCompare(b.published?.at ?? '')).slice(-most);
}

function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** `45 s`, `12 min`, `26 h`, `3 days`. */
export function ageText(seconds: number): string {
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.floor(seconds / 3600)} h` : `${Math.floor(seconds / 86_400)} days`;
}
