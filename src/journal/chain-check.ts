import { GENESIS, type Link } from './entry.js';
import type { ReadLine } from './reader.js';

export interface JournalProblem {
  /**
   * `damaged-line`: changed after it was written · `chain-broken`: lines are lost, added or out of order · `head-mismatch`: lines are cut from the end ·
   * `cut-tail`: only the last newline is · `head-missing`, `head-damaged` · `second-start`, `second-end`, `no-start`, `after-end`: the rule of runs.
   */
  readonly code: string;
  readonly file: string;
  /** Counts from 1; undefined where it is not about a line. */
  readonly line: number | undefined;
  readonly message: string;
}

/** What a crash in the midst of a write left; no run relied on it. */
export interface TornLine {
  readonly file: string;
  readonly line: number;
  readonly bytes: number;
}

/**
 * `current`: names the last line · `behind`: names an earlier one, a writer died between its line and its head; the next append mends it · `rotated`: the
 * file is empty and goes on from the head · the rest are problems, but `missing` where there is no line yet.
 */
export type HeadState = 'current' | 'behind' | 'rotated' | 'missing' | 'damaged' | 'mismatch';

interface Suspect extends TornLine {
  readonly fault: string;
}

/** Follows the chain from line to line, through one file after the other, and holds its end against the head. Pure. */
export class ChainCheck {
  readonly problems: JournalProblem[] = [];
  readonly torn: TornLine[] = [];
  entries = 0;
  /** Sequence number of the first line: above 1 the journal goes on from an earlier file. */
  firstSeq: number | undefined;
  readonly #head: Link | 'missing' | 'damaged';
  #last: Link | undefined;
  #headSeen = false;
  /** Lines since the last good one that do not prove themselves: torn if the chain passes over them, damaged if it does not. */
  #suspects: Suspect[] = [];
  #cut = false;

  constructor(head: Link | 'missing' | 'damaged') {
    this.#head = head;
  }

  add({ decoded, number, bytes, terminated }: ReadLine, file: string): void {
    if (!decoded.ok) {
      this.#suspects.push({ file, line: number, bytes: bytes.length, fault: decoded.fault });
      return;
    }
    const { link, entry } = decoded;
    this.entries++;
    this.firstSeq ??= link.seq;
    const before = this.#last ?? (this.#suspects.length > 0 || link.seq === 1 ? GENESIS : { seq: link.seq - 1, digest: entry.prev });
    const joins = entry.prev === before.digest && link.seq === before.seq + 1;
    if (!joins && this.#suspects.length === 0) {
      this.#report(
        'chain-broken',
        file,
        number,
        `line ${number} does not follow the line before: expected seq ${before.seq + 1}, found ${link.seq}, or another digest`,
      );
    }
    this.#settle(joins);
    this.#last = link;
    this.#headSeen ||= same(this.#head, link) || same(this.#head, { seq: link.seq - 1, digest: entry.prev });
    this.#cut = !terminated;
  }

  /** After the last line. */
  finish(file: string): HeadState {
    const state = this.#headState();
    this.#settle(state === 'current' || state === 'behind' || (state === 'missing' && this.entries === 0));
    if (state === 'missing' && this.entries > 0)
      this.#report('head-missing', file, undefined, 'the head file is missing: lines cut from the end would not be seen');
    if (state === 'damaged') this.#report('head-damaged', file, undefined, 'the head file holds something else than a head');
    if (state === 'mismatch') this.#report('head-mismatch', file, undefined, this.#mismatch());
    if (this.#cut && state === 'current') this.#report('cut-tail', file, undefined, 'the newline of the last line was there once and is missing');
    return state;
  }

  #headState(): HeadState {
    if (this.#head === 'damaged') return 'damaged';
    if (this.#head === 'missing') return this.#last?.seq === 1 ? 'behind' : 'missing';
    if (this.#last !== undefined && same(this.#head, this.#last)) return 'current';
    if (this.#headSeen) return 'behind';
    return this.entries === 0 && this.#suspects.length === 0 ? 'rotated' : 'mismatch';
  }

  #settle(passedOver: boolean): void {
    for (const { fault, ...line } of this.#suspects) {
      if (passedOver && fault === 'torn') this.torn.push(line);
      else this.#report('damaged-line', line.file, line.line, `line ${line.line} does not match its own digest (${fault})`);
    }
    this.#suspects = [];
  }

  #mismatch(): string {
    const seq = typeof this.#head === 'string' ? 0 : this.#head.seq;
    return `the head names line ${seq} of the chain, which is not here: the last one is ${this.#last?.seq ?? 'missing'}`;
  }

  #report(code: string, file: string, line: number | undefined, message: string): void {
    this.problems.push({ code, file, line, message });
  }
}

/** `bytes` is compared where both know it. */
function same(head: Link | 'missing' | 'damaged', link: { readonly seq: number; readonly digest: string; readonly bytes?: number }): boolean {
  if (typeof head === 'string') return false;
  return head.digest === link.digest && head.seq === link.seq && (link.bytes === undefined || head.bytes === link.bytes);
}
