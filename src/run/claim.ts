import { systemCode } from '../errors/system-code.js';
import { fateOf, thisProcess } from '../files/process-identity.js';
import { openJournal } from '../journal/writer.js';
import type { EntryDraft } from '../journal/entry.js';
import type { CommitRecord } from '../journal/record.js';
import { recordPublished, type LedgerDraft } from '../publish/ledger.js';
import { lockOutput, type OutputLock } from '../publish/output-lock.js';
import { removeStaged, rollForward, sweep } from '../publish/recover.js';
import type { RunState, TakenOver } from '../publish/run-state.js';
import { realTarget } from '../publish/target.js';
import { asCheckpoint } from './checkpoint.js';
import { withFallbackRows } from './ledger-line.js';
import type { RunSummary } from './options.js';
import type { Teller } from './teller.js';
import type { Warnings } from './warnings.js';

export interface ClaimOptions {
  /** The output as the user gave it. */
  readonly target: string;
  /** Id of this run. */
  readonly run: string;
  readonly warnings: Warnings;
  readonly waitMs: number;
  /** Whether a link under the name of the output is followed. */
  readonly followLinks: boolean;
  /** The rejects file that belongs to the output, as far as the caller knows. */
  readonly rejects: { readonly path: string; readonly followLinks: boolean } | undefined;
  readonly signal: AbortSignal | undefined;
  /** Hears of the ends that dead runs get. */
  readonly teller?: Teller;
}

/** What a run puts into its state file, to be said by another one in its place. */
export interface Outcome {
  readonly summary: RunSummary;
  /** Null for a run without journal, of whose end nobody wants to hear. */
  readonly commit: CommitRecord | null;
}

/**
 * What was found at the output. `fresh`: nothing that this run could use · `finished`: a dead run, the same as this one, had done all of it, and is published now ·
 * `checkpoint`: a dead run, the same as this one, has left a point to go on from; its temp files are still there.
 */
export type Found =
  { readonly kind: 'fresh' } | { readonly kind: 'finished'; readonly outcome: Outcome } | { readonly kind: 'checkpoint'; readonly state: RunState };

interface Held {
  readonly lock: OutputLock;
  /** True where what the dead run had prepared is published. */
  readonly forward: boolean;
}

/**
 * A run's claim on its output: the lock, and what dead runs have left there. Locking and rolling forward begin at once, so that they are over when the model is
 * loaded; what is found is used, or removed, when it is known which run this one is.
 */
export class OutputClaim {
  readonly #options: ClaimOptions;
  readonly #held: Promise<Held>;
  readonly #own = new Set<string>();
  #identity: string | undefined;
  #swept: Promise<void> = Promise.resolve();
  /** What a dead run has left is not settled yet. */
  #keep = false;
  /** It was looked at for what this run could use of it. */
  #isSettled = false;
  /** It is published, and its COMMIT could not be written: its state stays, for a later run to do that. */
  #unrecorded = false;

  constructor(options: ClaimOptions) {
    this.#options = options;
    this.#held = this.#take();
    this.#held.catch(() => undefined); // asked for later
  }

  /** Throws `output-locked` as soon as that is known; what else keeps the output from being claimed is told in its turn. */
  async unlessBusy(): Promise<void> {
    await this.#held.catch((error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'output-locked') throw error;
    });
  }

  /** The lock, held. Throws as lockOutput and rollForward. */
  async lock(): Promise<OutputLock> {
    return (await this.#held).lock;
  }

  /** What the dead run had done, where it was published in its place; undefined where there was nothing to publish. */
  async rolledForward(): Promise<Outcome | undefined> {
    const { lock, forward } = await this.#held;
    return forward ? (lock.found?.prepared?.outcome as Outcome) : undefined;
  }

  /**
   * Settles what a dead run has left: it gets its end in its journal, and all that this run does not go on with is removed.
   *
   * @param identity of this run; undefined where it is the same as no other.
   * @param resumes whether it may go on from a checkpoint.
   */
  async settle(identity: string | undefined, resumes: boolean): Promise<Found> {
    const { lock, forward } = await this.#held;
    this.#isSettled = true;
    this.#identity = identity;
    const dead = lock.found;
    const same = identity !== undefined && dead?.header.identity === identity;
    const found = dead === undefined ? { kind: 'fresh' as const } : await this.#settle(dead, forward, same, resumes);
    // A checkpoint is there to be used until this run has written that it goes on from it.
    this.#keep = found.kind === 'checkpoint';
    if (found.kind === 'checkpoint') {
      // Also by the checkpoint's own word: after a power cut it may be there, and the line that announced its file not.
      const { output, rejects } = asCheckpoint(found.state.checkpoint) ?? {};
      for (const staged of [...found.state.staged, output, rejects]) if (staged) this.#own.add(staged.staged);
    }
    this.#swept = sweep(lock, (path) => this.#own.has(path));
    return found;
  }

  /** This run begins, and says so in the state file. */
  async begin(header: { journal: string | undefined; ledger: LedgerDraft | undefined }, takenOver?: TakenOver): Promise<void> {
    const { journal = null, ledger = null } = header;
    const [run, identity] = [this.#options.run, this.#identity ?? null];
    await (await this.lock()).begin({ run, identity, journal, ledger, process: thisProcess() }, takenOver);
    this.#keep = false;
    this.#unrecorded = false;
  }

  /** Of a file that is about to be staged. */
  readonly announce = async (of: 'output' | 'rejects', staged: string, path: string): Promise<void> => {
    this.#own.add(staged);
    await (await this.lock()).staged({ of, path, staged });
  };

  /** The state file stays behind when the claim is given back: a later run goes on from what it says. */
  keep(): void {
    this.#keep = true;
  }

  /** What a dead run had prepared is published, and this run failed before it could see whether that was the same as itself: the state file stays for a run that stands in for it. */
  async keepPublished(): Promise<void> {
    const held = await this.#held.catch(() => undefined);
    if (held?.forward === true && !this.#isSettled) this.#keep = true;
  }

  /** Gives the output back. What cannot be removed then is no fault of the run. */
  async release(): Promise<void> {
    const held = await this.#held.catch(() => undefined);
    await this.#swept;
    await held?.lock.release(this.#keep || this.#unrecorded ? 'keep' : undefined).catch(() => undefined);
  }

  async #take(): Promise<Held> {
    const { target, waitMs, followLinks, signal, warnings } = this.#options;
    const onFallback = (): void =>
      warnings.add('output-lock-file', 'flock(1) is not installed: a lock file with the owner’s pid is used for the output instead');
    const lock = await lockOutput(target, { waitMs, followLinks, onFallback, ...(signal === undefined ? {} : { signal }) });
    try {
      const forward = await this.#rollForward(lock);
      this.#keep = lock.found !== undefined && !forward;
      return { lock, forward };
    } catch (error) {
      await lock.release('keep').catch(() => undefined);
      throw error;
    }
  }

  /** Publishes and records what a dead run had prepared, whichever run this one is. True where that was done. */
  async #rollForward(lock: OutputLock): Promise<boolean> {
    const dead = lock.found;
    if (dead?.prepared === undefined || !(await rollForward(lock, dead.prepared, await this.#rejects()))) return false;
    const { run, ledger } = dead.header;
    const { summary, commit } = dead.prepared.outcome as Outcome;
    if (ledger !== null && dead.prepared.output !== null) await recordPublished(withFallbackRows(ledger, summary), run, dead.prepared.output);
    if (commit !== null) this.#unrecorded = (await this.#end(dead, { kind: 'COMMIT', run, record: commit })) === 'refused';
    this.#warn('recovered', `run ${run} had died while it published '${this.#options.target}': its files were put in their place`);
    return true;
  }

  /** The real path of the rejects file; undefined where there is none, and where its folder is gone. */
  async #rejects(): Promise<string | undefined> {
    const { rejects } = this.#options;
    return rejects && realTarget(rejects.path, rejects).catch(() => undefined);
  }

  async #settle(dead: RunState, forward: boolean, same: boolean, resumes: boolean): Promise<Found> {
    if (forward) return same ? { kind: 'finished', outcome: dead.prepared?.outcome as Outcome } : { kind: 'fresh' };
    const { run, process } = dead.header;
    const reason = fateOf(process) === 'rebooted' ? 'rebooted' : 'died';
    await this.#end(dead, { kind: 'ABORT', run, record: { reason, by: this.#options.run } });
    if (same && resumes && dead.checkpoint !== undefined && dead.prepared === undefined) return { kind: 'checkpoint', state: dead };
    await removeStaged(dead.staged);
    return { kind: 'fresh' };
  }

  /**
   * The end of a dead run in its journal, if it has none there yet. A journal that cannot be told does not keep this run from its own work: `refused`, or `gone` where even its
   * folder is, and nothing is left to be told.
   */
  async #end({ header }: RunState, draft: EntryDraft): Promise<'told' | 'refused' | 'gone'> {
    let open = header.journal === null; // one without a journal has no end anywhere
    try {
      if (header.journal !== null) {
        const journal = await openJournal(header.journal, { followLinks: false }); // it is a real path
        await journal.hold(async (lines) => {
          open = lines.open.some(({ run }) => run === header.run);
          if (open) await lines.append(draft);
        });
      }
      if (open) await this.#options.teller?.dead(draft, header.journal);
      return 'told';
    } catch (error) {
      this.#warn(
        'end-not-recorded',
        `run ${header.run} had died, and its journal could not be told: ${error instanceof Error ? error.message : String(error)}`,
      );
      return systemCode(error) === 'journal-folder-missing' ? 'gone' : 'refused';
    }
  }

  #warn(code: string, message: string): void {
    this.#options.warnings.add(code, message);
  }
}
