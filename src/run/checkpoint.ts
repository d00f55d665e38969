import type { AssemblerSnapshot } from '../format/format.js';
import type { StagedPrefix } from '../publish/reopen.js';
import type { AccountingSnapshot } from './accounting.js';
import type { InputMark } from './input-mark.js';
import type { WarningsSnapshot } from './warnings.js';

/** A point between two chunks at which all that was written is durable, with what a later run needs to go on from it. Plain JSON. */
export interface Checkpoint {
  /** How the input is cut: the chunks so far are cut once more, and passed over. */
  readonly chunkBytes: number;
  /** Of each session: with another number the last bits of a score may change. */
  readonly threads: number;
  /** When the last chunk that counts was cut. */
  readonly input: InputMark;
  readonly output: StagedPrefix;
  /** null where there was no reject. */
  readonly rejects: StagedPrefix | null;
  readonly accounting: AccountingSnapshot;
  readonly assembler: AssemblerSnapshot;
  readonly warnings: WarningsSnapshot;
}

/** A run that is gone on from. */
export interface Point {
  /** Its id. */
  readonly run: string;
  readonly checkpoint: Checkpoint;
}

/**
 * The checkpoint in what a dead run wrote down; undefined where there is none. Its line is proven by a checksum, and its run by an identity in which this version of
 * Scoreline stands, so a look at the outline will do.
 */
export function asCheckpoint(value: unknown): Checkpoint | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { input, output, accounting, assembler, warnings } = value as Partial<Checkpoint>;
  const whole = [input, output, accounting, assembler, warnings].every((part) => typeof part === 'object');
  return whole ? (value as Checkpoint) : undefined;
}

/** The first row that a run will score that goes on from here, counted from 1. */
export function nextRow({ accounting }: Checkpoint): number {
  return accounting.sums.rowsIn + 1;
}
