import { ScorelineError } from '../errors/errors.js';
import type { StatusName } from '../errors/statuses.js';
import type { Assembler } from '../format/format.js';
import type { Stage } from '../publish/stage.js';
import type { Accounting } from './accounting.js';
import type { Checkpoint } from './checkpoint.js';
import type { InputMark, Marks } from './input-mark.js';
import type { Warnings } from './warnings.js';

/** What a checkpoint is made of. */
export interface CheckpointParts {
  readonly chunkBytes: number;
  readonly threads: number;
  readonly output: Stage;
  /** Undefined while there is no reject. */
  readonly rejects: () => Stage | undefined;
  readonly accounting: Accounting;
  readonly assembler: Assembler;
  readonly warnings: Warnings;
  /** Makes a checkpoint durable, its staged files first. */
  readonly save: (checkpoint: Checkpoint, stages: readonly Stage[]) => Promise<void>;
}

/** Ends after which the same command may well succeed, so that what was done is worth keeping: a full disk, a lock that stays busy, a signal, a deadline. */
const PASSING: ReadonlySet<StatusName> = new Set(['io', 'locked', 'interrupt', 'terminate', 'deadline']);

/**
 * Makes checkpoints while the run goes on: of the accounts between two chunks at once, then, beside the pipeline, the staged files are synced as far as those accounts
 * reach, and what was synced is written down. One at a time. Between them a run pays nothing.
 */
export class Checkpointer implements Marks {
  #everyMs: number;
  readonly #clock: () => number;
  readonly #marks = new Map<number, InputMark>();
  #last: number;
  #parts: CheckpointParts | undefined;
  #underWay: Promise<void> | undefined;
  #failure: { readonly cause: unknown } | undefined;
  #durable: Checkpoint | undefined;
  #ended = false;
  #sealed = false;

  /** @param everyMs from the end of one checkpoint to the beginning of the next, at least; 0: after every chunk; Infinity: none. */
  constructor(everyMs: number, clock: () => number = () => performance.now()) {
    this.#everyMs = everyMs;
    this.#clock = clock;
    this.#last = clock();
  }

  /** The last point to go on from. */
  get durable(): Checkpoint | undefined {
    return this.#durable;
  }

  get isOn(): boolean {
    return this.#everyMs !== Infinity;
  }

  /** There is nothing that could be gone on from. */
  disable(): void {
    this.#everyMs = Infinity;
  }

  /** The run itself goes on from a checkpoint, which is the last one until there is another. */
  goesOn(from: Checkpoint | undefined): void {
    this.#durable = from;
  }

  /** Before the first chunk is committed. */
  start(parts: CheckpointParts): void {
    this.#parts = parts;
    this.#last = this.#clock();
  }

  wants(): boolean {
    const waits = this.#marks.size > 0 || this.#underWay !== undefined;
    return !this.#ended && (this.#everyMs === 0 || (!waits && this.#clock() - this.#last >= this.#everyMs));
  }

  mark(index: number, mark: InputMark): void {
    this.#marks.set(index, mark);
  }

  /** A chunk was committed. Throws what an earlier checkpoint failed with. */
  async committed(index: number): Promise<void> {
    this.#check();
    const mark = this.#marks.get(index);
    if (mark === undefined || this.#parts === undefined) return;
    this.#marks.delete(index);
    if (this.#everyMs === 0) await this.settle();
    if (this.#ended) return;
    const parts = this.#parts;
    this.#underWay = this.#make(takeCheckpoint(parts, mark), parts).finally(() => {
      this.#underWay = undefined;
      this.#last = this.#clock();
    });
  }

  /** Resolves when no checkpoint is under way, and none will be made any more where the run is over. Throws what one failed with. */
  async settle(over?: 'over'): Promise<void> {
    this.#ended ||= over !== undefined;
    await this.#underWay;
    this.#check();
  }

  /** The decision to publish is being written down: from here on the run is rolled forward or given up, never gone on from. */
  seal(): void {
    this.#sealed = true;
  }

  /** Is a run that ends like this to be gone on from? Then its staged files stay. */
  keeps(cause: Error | undefined): boolean {
    return !this.#sealed && this.#durable !== undefined && cause instanceof ScorelineError && PASSING.has(cause.statusName);
  }

  /** For a run that is given up: waits for what is under way. */
  async close(): Promise<void> {
    this.#ended = true;
    await this.#underWay;
  }

  async #make(checkpoint: Checkpoint, { output, rejects, save }: CheckpointParts): Promise<void> {
    try {
      await save(
        checkpoint,
        [output, rejects()].filter((stage) => stage !== undefined),
      );
      this.#durable = checkpoint;
    } catch (cause) {
      this.#failure = { cause };
    }
  }

  #check(): void {
    if (this.#failure !== undefined) throw this.#failure.cause;
  }
}

function takeCheckpoint({ chunkBytes, threads, output, rejects, accounting, assembler, warnings }: CheckpointParts, input: InputMark): Checkpoint {
  const staged = rejects();
  return {
    chunkBytes,
    threads,
    input,
    output: prefixOf(output),
    rejects: staged === undefined ? null : prefixOf(staged),
    accounting: accounting.snapshot(),
    assembler: assembler.snapshot(),
    warnings: warnings.snapshot(),
  };
}

function prefixOf(stage: Stage): Checkpoint['output'] {
  return { staged: stage.staged, bytes: stage.bytes, sha256: stage.digest() };
}
