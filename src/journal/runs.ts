import { TERMINAL, type Entry } from './entry.js';
import { runTime } from './run-id.js';

type EntryOf<K extends Entry['kind']> = Extract<Entry, { readonly kind: K }>;

/** `open`: without an end, so still running, or dead and not closed by a later run yet. */
export const RUN_STATUSES = ['committed', 'failed', 'aborted', 'open'] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

/** One run, from all its lines. */
export interface JournalRun {
  readonly run: string;
  readonly status: RunStatus;
  /** Milliseconds since 1970: of its START, else what its id says. */
  readonly startedMs: number;
  readonly endedMs: number | undefined;
  /** The file that holds the line read last. */
  readonly file: string;
  /** Missing where the journal was rotated and the file before is not at hand. */
  readonly start: EntryOf<'START'> | undefined;
  readonly checkpoints: number;
  readonly prepare: EntryOf<'PREPARE'> | undefined;
  readonly end: EntryOf<'COMMIT' | 'FAIL' | 'ABORT'> | undefined;
}

/** Runs that are held until their end comes. Beyond that the oldest is given out without an end, so that memory stays bounded. */
export const MAX_OPEN_RUNS = 10_000;

const STATUSES = { COMMIT: 'committed', FAIL: 'failed', ABORT: 'aborted' } as const;

/** Puts the lines of a journal together as runs. Fed in the journal's order, gives each run when it ends. Pure. */
export class RunMerge {
  readonly #open = new Map<string, JournalRun>();
  readonly #maxOpen: number;

  constructor(maxOpen = MAX_OPEN_RUNS) {
    this.#maxOpen = maxOpen;
  }

  /** The runs that are over with this line: the one it ends, or one that has been open for too long. */
  add(entry: Entry, file: string): JournalRun[] {
    const run = joined(this.#open.get(entry.run) ?? opened(entry, file), entry, file);
    if (TERMINAL.has(entry.kind)) {
      this.#open.delete(entry.run);
      return [run];
    }
    this.#open.set(entry.run, run);
    const [oldest] = this.#open.size > this.#maxOpen ? this.#open.values() : [];
    if (oldest === undefined) return [];
    this.#open.delete(oldest.run);
    return [oldest];
  }

  /** Runs without an end, in the order of their start. */
  rest(): JournalRun[] {
    return [...this.#open.values()];
  }
}

function opened(entry: Entry, file: string): JournalRun {
  const { run } = entry;
  const fromId = runTime(run);
  return {
    run,
    status: 'open',
    startedMs: Number.isFinite(fromId) ? fromId : Date.parse(entry.at),
    endedMs: undefined,
    file,
    start: undefined,
    checkpoints: 0,
    prepare: undefined,
    end: undefined,
  };
}

function joined(run: JournalRun, entry: Entry, file: string): JournalRun {
  switch (entry.kind) {
    case 'START':
      return { ...run, file, start: entry, startedMs: Date.parse(entry.at) };
    case 'CHECKPOINT':
      return { ...run, file, checkpoints: run.checkpoints + 1 };
    case 'PREPARE':
      return { ...run, file, prepare: entry };
    default:
      return { ...run, file, end: entry, endedMs: Date.parse(entry.at), status: STATUSES[entry.kind] };
  }
}
