import { UsageError } from '../errors/errors.js';
import { withFallback } from '../run/fallback.js';
import type { Progress, RunEvent, RunSummary, ScoreOptions, Warning } from '../run/options.js';
import { ScoringChild } from './child.js';
import { namedDescriptors } from './descriptors.js';
import { memoryUnseen } from './failures.js';
import { residentBytes } from './memory.js';
import type { PlainOptions } from './protocol.js';
import { supervise, type SuperviseOptions } from './supervise.js';

export interface ScorerOptions {
  /** Largest resident memory of the scoring process; it is ended when it takes more. */
  readonly maxMemoryBytes?: number;
  /** The scoring process yields to everything else that wants the processor. */
  readonly lowPriority?: boolean;
}

/** What a caller hears of a run, and how it stops it. */
export interface ScoreHooks {
  /** Its reason, where that is an error of ours, is what the run ends with. */
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
  readonly onWarning?: (warning: Warning) => void;
  /** As the option of `score`; a run whose process died gets its end all the same. */
  readonly onEvent?: (event: RunEvent) => void;
  /** The run ends with `deadline` (124) so long after the call, wherever it is. */
  readonly deadlineMs?: number;
  /** How much of that has passed when the call comes; default 0. */
  readonly elapsedMs?: number;
}

/** Scores in a process of its own, one run after the other; workers and sessions stay warm between runs by the same model. */
export interface Scorer {
  /**
   * One run, with paths or `-` for input and output. Throws what the run throws, and: `deadline` (124), ModelError `memory-exceeded` and `runtime-crashed` (69),
   * `no-process` (74), UsageError `memory-unseen`. A process that died is replaced for the next call. Calls take turns.
   */
  score(options: ScoreOptions, hooks: ScoreHooks): Promise<RunSummary>;
  /** Ends the process. A run under way must be stopped first, by its signal. */
  close(): Promise<void>;
}

/** The share of a deadline that is kept back for a fallback. */
const KEPT_SHARE = 0.2;
/** But so much at least, as a process has to start, and never more than half. */
const LEAST_KEPT_MS = 3000;

function keptOf(deadlineMs: number): number {
  return Math.round(Math.min(deadlineMs / 2, Math.max(deadlineMs * KEPT_SHARE, LEAST_KEPT_MS)));
}

type FollowHooks = Pick<SuperviseOptions, 'onBegun' | 'onReading' | 'keptMs'>;

/** Opens a scorer; its process is started by the first call. */
export function openScorer(options: ScorerOptions = {}): Scorer {
  let child: ScoringChild | undefined;
  let turn: Promise<unknown> = Promise.resolve();

  async function asAsked(plain: PlainOptions, hooks: ScoreHooks): Promise<RunSummary> {
    if (plain.fallback === undefined) return score(plain, hooks);
    const { deadlineMs = 0, elapsedMs = 0, signal } = hooks;
    const begunMs = performance.now();
    return withFallback({ ...plain, signal }, (attempt) =>
      score(plainOptions(attempt.options), {
        ...hooks,
        elapsedMs: elapsedMs + performance.now() - begunMs,
        keptMs: attempt.sparesTime ? keptOf(deadlineMs) : 0,
        onBegun: attempt.begun,
        onReading: attempt.reading,
      }),
    );
  }

  async function score(plain: PlainOptions, hooks: ScoreHooks & FollowHooks): Promise<RunSummary> {
    if (options.maxMemoryBytes !== undefined && residentBytes(process.pid) === undefined) throw memoryUnseen();
    const descriptors = namedDescriptors(plain);
    if (child?.isUsable === true && descriptors.some((each) => !child?.descriptors.includes(each))) await child.close();
    if (child?.isUsable !== true) child = new ScoringChild({ descriptors, lowPriority: options.lowPriority ?? false });
    return supervise(child, plain, { ...hooks, maxMemoryBytes: options.maxMemoryBytes });
  }

  return {
    score(given, hooks) {
      const next = turn.then(() => asAsked(plainOptions(given), hooks));
      turn = next.catch(() => undefined);
      return next;
    },
    async close() {
      await turn;
      await child?.close();
    },
  };
}

/** What stays on this side. */
const HERE = { signal: undefined, onProgress: undefined, onWarning: undefined, onEvent: undefined };

/** Options without what cannot cross to another process. Throws UsageError `bad-option` for a stream. */
function plainOptions(options: ScoreOptions): PlainOptions {
  const { input, output } = options;
  if (typeof input !== 'string' || typeof output !== 'string') {
    throw new UsageError('bad-option', `option ${typeof input === 'string' ? 'output' : 'input'}: found a stream, expected a path`, {
      fix: 'A run in a process of its own reads and writes files, and - for stdin and stdout.',
    });
  }
  return { ...options, input, output, ...HERE };
}
