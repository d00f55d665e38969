import { open, stat } from 'node:fs/promises';
import { ContractError, ModelError, ScorelineError } from '../errors/errors.js';
import { isRules } from '../model/rules/is-rules.js';
import { isSpecialOutput } from '../publish/open.js';
import { FALLBACK_CAUSES, type FallbackCause, type FallbackOptions, type RunSummary, type ScoreOptions } from './options.js';
import { followsOf } from './settings.js';

/** One run of a command that may take two. */
export interface Attempt {
  readonly options: ScoreOptions;
  /** To be called with the run's id. */
  readonly begun: (runId: string) => void;
  /** To be called before anything of the input is read. */
  readonly reading: () => void;
  /** A fallback stands ready for the end of its time. */
  readonly sparesTime: boolean;
}

/**
 * Scores, and where that fails by a cause that the fallback is for, scores the whole input by the fallback: a second run, with an id of its own, into the same output. Throws what the first
 * run throws where no fallback is for it, or the input cannot be read again, and what the second throws.
 */
export async function withFallback(options: ScoreOptions, attempt: (attempt: Attempt) => Promise<RunSummary>): Promise<RunSummary> {
  const { fallback } = options;
  let runId: string | undefined;
  let isRead = false as boolean;
  const begun = (id: string): void => void (runId = id);
  const reading = (): void => void (isRead = true);
  const sparesTime = fallback !== undefined && isFor(fallback, 'deadline');
  try {
    return await attempt({ options, begun, reading, sparesTime });
  } catch (error) {
    const cause = causeOf(error);
    if (fallback === undefined || cause === undefined || !isFor(fallback, cause) || runId === undefined || options.signal?.aborted === true)
      throw error;
    if (isRead) await refuseUnrepeatable(options, error as ScorelineError);
    const second = await secondRun(options, fallback, { of: runId, failure: error as ScorelineError });
    return await attempt({ options: second, begun: () => undefined, reading: () => undefined, sparesTime: false });
  }
}

/** Is the fallback for this? */
export function isFor({ on = FALLBACK_CAUSES }: FallbackOptions, cause: FallbackCause): boolean {
  return on.includes(cause);
}

/** ModelErrors that say that the runtime gave up, not that the model is a wrong one. */
const CRASHES: ReadonlySet<string> = new Set(['runtime-crashed', 'memory-exceeded', 'out-of-memory', 'model-memory', 'runtime-failed']);

/** What a whole run may be scored again for; undefined where another model would not change it: wrong input, a full disk, a signal. */
export function causeOf(error: unknown): FallbackCause | undefined {
  if (!(error instanceof ScorelineError) || error.code.startsWith('fallback-')) return undefined;
  const { code } = error;
  if (code === 'gate-fallback') return 'gate';
  if (code === 'deadline') return 'deadline';
  if (CRASHES.has(code)) return 'crash';
  if (code === 'golden-mismatch' || error instanceof ContractError) return 'contract';
  return error instanceof ModelError ? 'load' : undefined;
}

/**
 * The options as they are for the fallback. Columns and thresholds were said of the model: an older model takes them as well, rules have names and values of their own. The contract is the
 * fallback's own.
 */
export function forFallback({ fallback, ...options }: ScoreOptions, isOfRules: boolean): ScoreOptions {
  const dropped: readonly string[] = isOfRules ? ['contract', ...OF_A_MODEL] : ['contract'];
  const kept = Object.fromEntries(Object.entries(options).filter(([name]) => !dropped.includes(name))) as typeof options;
  return { ...kept, model: fallback?.model ?? options.model };
}

/** Options that mean nothing to rules. */
const OF_A_MODEL = ['features', 'bind', 'label', 'threshold', 'positiveClass'] as const satisfies readonly (keyof ScoreOptions)[];

async function secondRun(
  options: ScoreOptions,
  { model }: FallbackOptions,
  { of, failure }: { readonly of: string; readonly failure: ScorelineError },
): Promise<ScoreOptions> {
  const { ledger, gates } = options;
  const why = failure.code;
  return {
    ...((await fallbackAlone(options)) ?? options),
    insteadOf: { of, model: options.model, why, said: failure.message, statusName: failure.statusName },
    // what such a gate asked for is done
    ...(gates === undefined ? {} : { gates: gates.map((gate) => (gate.level === 'fallback' ? { ...gate, level: 'warn' as const } : gate)) }),
    ...(ledger === undefined ? {} : { ledger: { ...ledger, entry: { ...ledger.entry, fallback: { model, why } } } }),
  };
}

/** The options of a run by the fallback alone; undefined where there is none. */
export async function fallbackAlone(options: ScoreOptions): Promise<ScoreOptions | undefined> {
  const { fallback } = options;
  return fallback && forFallback(options, await isRulesFile(fallback.model));
}

/** A file that cannot be read is told of when it is loaded. */
async function isRulesFile(path: string): Promise<boolean> {
  const file = await open(path).catch(() => undefined);
  try {
    const { buffer, bytesRead } = (await file?.read(Buffer.alloc(4096), 0, 4096, 0).catch(() => undefined)) ?? {
      buffer: Buffer.alloc(0),
      bytesRead: 0,
    };
    return isRules(buffer.subarray(0, bytesRead));
  } finally {
    await file?.close();
  }
}

/** What came through a pipe is gone, and what went into one is with its reader. Throws the failure, which then says so. */
async function refuseUnrepeatable(options: ScoreOptions, failure: ScorelineError): Promise<void> {
  const once = await whyOnce(options);
  if (once === undefined) return;
  throw failure.withFix(`${failure.fix === undefined ? '' : `${failure.fix} `}The fallback could not take over, because ${once}.`);
}

/** Why a run that has begun to read cannot be done a second time; undefined where it can. */
export async function whyOnce(options: ScoreOptions): Promise<string | undefined> {
  if (await isReadOnce(options.input)) return 'the input came through a pipe and is partly read: give the input as a file';
  if (!(await isSpecialOutput(options.output, { followLinks: followsOf(options).output }))) return undefined;
  return 'the output is no file, and may hold rows already: give -o FILE';
}

async function isReadOnce(input: ScoreOptions['input']): Promise<boolean> {
  if (typeof input !== 'string' || input === '-') return true;
  const found = await stat(input).catch(() => undefined);
  return found?.isFile() !== true;
}
