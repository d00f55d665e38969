import { systemCode } from '../errors/system-code.js';
import type { JobEnd, JobRun, SinkEvent } from './event.js';
import type { Sink, SinkWarning } from './sink.js';

/** What a sink may take for one thing that it is told, and all of them together once the run is over. */
const SINK_MS = 5000;

/** Sinks that hear of runs while those go on. Telling neither waits nor throws. */
export interface Sinks {
  readonly tell: (event: SinkEvent) => void;
  readonly jobBegun: (run: JobRun) => void;
  readonly jobEnded: (end: JobEnd) => void;
  /** Waits until all is told, but not beyond the time that sinks have; gives what went wrong. Never rejects. */
  close(): Promise<readonly SinkWarning[]>;
}

/** Joins sinks: each is told in order, none waits for another. */
export function joinSinks(sinks: readonly Sink[], limitMs = SINK_MS): Sinks {
  const lines = sinks.map((sink) => new SinkLine(sink, limitMs));
  return {
    tell: (event) => lines.forEach((line) => line.push((sink, signal) => sink.tell(event, signal))),
    jobBegun: (run) => lines.forEach((line) => line.push(async (sink, signal) => sink.jobBegun?.(run, signal))),
    jobEnded: (end) => lines.forEach((line) => line.push(async (sink, signal) => sink.jobEnded?.(end, signal))),
    async close() {
      await Promise.all(lines.map((line) => line.close()));
      return lines.flatMap((line) => line.warnings());
    },
  };
}

type Telling = (sink: Sink, signal: AbortSignal) => Promise<void>;

/** One sink and what it is told, in order. */
class SinkLine {
  readonly #sink: Sink;
  readonly #limitMs: number;
  readonly #over = new AbortController();
  readonly #failures = new Map<string, number>();
  #last: Promise<void> = Promise.resolve();

  constructor(sink: Sink, limitMs: number) {
    this.#sink = sink;
    this.#limitMs = sink.limitMs ?? limitMs;
  }

  push(telling: Telling): void {
    this.#last = this.#last.then(() => this.#tell(telling));
  }

  async close(): Promise<void> {
    this.push(async (sink, signal) => sink.close?.(signal));
    const timer = setTimeout(() => this.#over.abort(new LateError(this.#limitMs)), this.#limitMs);
    await this.#last;
    clearTimeout(timer);
  }

  warnings(): SinkWarning[] {
    return [...this.#failures].map(([found, times]) => this.#sink.warning(found, times));
  }

  async #tell(telling: Telling): Promise<void> {
    const own = new AbortController();
    const timer = setTimeout(() => own.abort(new LateError(this.#limitMs)), this.#limitMs);
    const signal = AbortSignal.any([own.signal, this.#over.signal]);
    try {
      signal.throwIfAborted();
      const told = telling(this.#sink, signal);
      await (this.#sink.limitMs === undefined ? Promise.race([told, aborted(signal)]) : told);
    } catch (error) {
      const found = describe(error);
      this.#failures.set(found, (this.#failures.get(found) ?? 0) + 1);
    } finally {
      clearTimeout(timer);
    }
  }
}

/** A sink took longer than it may. */
class LateError extends Error {
  constructor(limitMs: number) {
    super(`no answer within ${limitMs / 1000} s`);
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason as Error);
    else signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'the operation is not permitted',
  EROFS: 'the filesystem is read-only',
  ENOENT: 'its folder does not exist',
  ENOTDIR: 'a part of the path that should be a folder is a file',
  EISDIR: 'it is a folder',
  ENXIO: 'it is a pipe or a device',
  ENOSPC: 'no space left on the device',
  EDQUOT: 'the disk quota is used up',
  ECONNREFUSED: 'the connection was refused',
  ENOTFOUND: 'there is no such host',
  EAI_AGAIN: 'the host name cannot be looked up',
};

function describe(error: unknown): string {
  const own = error instanceof Error ? error.message : String(error);
  return REASONS[systemCode(error)] ?? own;
}
