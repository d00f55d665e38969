import { Writable } from 'node:stream';
import { InterruptedError } from '../../errors/errors.js';
import { omit } from '../omit.js';
import type { FormatName } from '../../format/format.js';
import type { Progress, RunSummary, ScoreOptions } from '../../run/options.js';

/** What the first rows of an input came to. */
export interface Trial {
  readonly summary: RunSummary;
  readonly outputBytes: number;
}

const TRIAL_ROWS = 1000;

/** Scores the first rows into nothing: session, golden rows and types are tried, and no file is written. Throws as `score`. */
export async function tryFirstRows(options: ScoreOptions, format: FormatName): Promise<Trial> {
  const { scoreOnce } = await import('../../run/score.js');
  const sink = new Counter();
  const rest = omit(withoutTraces(options, format), 'expectRows');
  const summary = await scoreOnce({ ...rest, output: sink, limit: Math.min(TRIAL_ROWS, options.limit ?? TRIAL_ROWS) });
  return { summary, outputBytes: sink.bytes };
}

/** How quick the scoring of an input is, as its first part shows. */
export interface Pace {
  readonly bytesPerSecond: number;
  /** Bytes of output for a byte of input. */
  readonly outputShare: number;
}

/** Scores for about so many milliseconds into nothing. Undefined where that is too short to tell. */
export async function measurePace(options: ScoreOptions, format: FormatName, ms: number, signal: AbortSignal): Promise<Pace | undefined> {
  const { scoreOnce } = await import('../../run/score.js');
  const stop = new AbortController();
  const onAbort = (): void => stop.abort();
  signal.addEventListener('abort', onAbort, { once: true });
  const sink = new Counter();
  const seen: (Pick<Progress, 'bytes' | 'seconds'> & { readonly written: number })[] = [];
  let timer: NodeJS.Timeout | undefined;
  try {
    await scoreOnce({
      ...withoutTraces(options, format),
      output: sink,
      signal: stop.signal,
      onProgress: ({ bytes, seconds }) => {
        // the session is up, and the first chunk is through: from here on it is the pace that counts
        timer ??= setTimeout(() => stop.abort(), ms);
        seen.push({ bytes, seconds, written: sink.bytes });
      },
    });
  } catch (error) {
    if (!(error instanceof InterruptedError)) throw error;
    signal.throwIfAborted();
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
  const [first, last] = [seen[0], seen.at(-1)];
  if (first === undefined || last === undefined || last.seconds - first.seconds < 0.02) return undefined;
  const bytes = last.bytes - first.bytes;
  return { bytesPerSecond: bytes / (last.seconds - first.seconds), outputShare: (last.written - first.written) / bytes };
}

/** The options of a run that leaves nothing behind, and fails for no row. */
function withoutTraces(options: ScoreOptions, format: FormatName): ScoreOptions {
  const rest = omit(options, 'rejects', 'noClobber', 'stateDir', 'ledger');
  return { ...rest, outputFormat: format === 'arrow' ? 'arrows' : format, journal: false, maxRejects: { kind: 'share', share: 1 } };
}

/** Takes everything and keeps nothing but the count. */
class Counter extends Writable {
  bytes = 0;

  override _write(piece: Uint8Array, _encoding: string, done: () => void): void {
    this.bytes += piece.length;
    done();
  }
}
