import { UsageError } from '../errors/errors.js';
import type { EntryDraft } from '../journal/entry.js';
import type { CommitRecord, FailRecord, StartRecord } from '../journal/record.js';
import { startOf } from '../journal/start-of.js';
import type { RunColumns, RunEvent } from './options.js';

/** What was told of a run in another process already. */
export interface ToldBefore {
  readonly started: boolean;
  readonly ended: boolean;
}

/** Tells a caller what the journal is told of a run, whether or not there is a journal: START and exactly one end. */
export class Teller {
  readonly #run: string;
  readonly #tell: ((event: RunEvent) => void) | undefined;
  #started: boolean;
  #ended: boolean;

  constructor(run: string, tell: ((event: RunEvent) => void) | undefined, before: ToldBefore = { started: false, ended: false }) {
    this.#run = run;
    this.#tell = tell;
    this.#started = before.started;
    this.#ended = before.ended;
  }

  /** Does anybody listen? */
  get isHeard(): boolean {
    return this.#tell !== undefined;
  }

  get started(): boolean {
    return this.#started;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Throws UsageError `callback-failed`, as the other two. */
  start(record: () => StartRecord, columns: RunColumns | null, at = new Date().toISOString()): void {
    if (this.#tell === undefined || this.#started) return;
    this.#started = true;
    this.#say({ kind: 'START', run: this.#run, at, record: record(), columns });
  }

  end(end: { readonly kind: 'COMMIT'; readonly record: CommitRecord } | { readonly kind: 'FAIL'; readonly record: FailRecord }, at?: string): void {
    if (this.#tell === undefined || this.#ended) return;
    this.#ended = true;
    this.#say({ ...end, run: this.#run, at: at ?? new Date().toISOString() });
  }

  /** The end of another run, which had died; its START is looked for in its journal. */
  async dead(draft: EntryDraft, journal: string | null): Promise<void> {
    if (this.#tell === undefined || (draft.kind !== 'ABORT' && draft.kind !== 'COMMIT')) return;
    const start = journal === null ? null : await startOf(journal, draft.run);
    this.#say({ ...draft, at: new Date().toISOString(), dead: { start } });
  }

  #say(event: RunEvent): void {
    try {
      this.#tell?.(event);
    } catch (cause) {
      throw new UsageError('callback-failed', `onEvent threw: ${cause instanceof Error ? cause.message : String(cause)}`, {
        cause,
        fix: 'Mend the callback: what it throws stops the run.',
      });
    }
  }
}
