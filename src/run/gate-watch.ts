import type { RowReject } from '../batch/reject.js';
import { breakingPoint, isBroken, judgeEarly, stoppingGates, type SoFar } from '../check/gates/early.js';
import type { Gate, Verdict } from '../check/gates/gate.js';
import type { Resources } from '../check/gates/judge.js';

/** How often time and memory are looked at between two chunks: a chunk may take long, or never come. */
const EVERY_MS = 200;

export interface WatchParts {
  /** All gates of the run. */
  readonly gates: readonly Gate[];
  /** What was counted before the first chunk of this run, by the run that it goes on from. */
  readonly before: { readonly rows: number; readonly rejected: number };
  /** More rows than these do not come; undefined where nobody knows. */
  readonly mostRows: number | undefined;
  readonly resources: () => Resources;
  /** Called where time or memory break a gate while nothing is committed. */
  readonly alarm: (verdicts: readonly Verdict[]) => void;
}

/**
 * Looks out for gates that are broken for good while a run goes on. What rows say is judged row by row in their order, so that it does not depend on how the work was cut; time and memory
 * are looked at with each chunk, and in between by the clock.
 */
export class GateWatch {
  readonly #parts: WatchParts;
  readonly #byRow: readonly Gate[];
  readonly #byTime: readonly Gate[];
  #so: { readonly rows: number; readonly rejected: number };
  #verdicts: readonly Verdict[] | undefined;
  #clock: NodeJS.Timeout | undefined;

  constructor(parts: WatchParts) {
    this.#parts = parts;
    this.#byRow = stoppingGates(parts.gates, 'row');
    this.#byTime = stoppingGates(parts.gates, 'time');
    this.#so = parts.before;
  }

  /** What became of the gates where one of them has stopped the run; undefined while none has. */
  get verdicts(): readonly Verdict[] | undefined {
    return this.#verdicts;
  }

  /** Before the first chunk. What is broken by then is found at once. */
  begin(): void {
    this.counted({ records: 0 }, []);
    if (this.#byTime.length === 0 || this.#verdicts !== undefined) return;
    this.#clock = setInterval(() => {
      this.#judgeTime();
      if (this.#verdicts !== undefined) this.#parts.alarm(this.#verdicts);
    }, EVERY_MS).unref();
  }

  /** A chunk of so many rows was counted, with its rejects, in order and by their rows in the whole input. */
  counted({ records }: { readonly records: number }, rejects: readonly RowReject[]): void {
    if (this.#verdicts !== undefined) return;
    if (this.#byRow.length > 0) {
      this.#judgeRows(
        records,
        rejects.map(({ row }) => row),
      );
    }
    this.#so = { rows: this.#so.rows + records, rejected: this.#so.rejected + rejects.length };
    this.#judgeTime();
  }

  /** After the last chunk: from here on the run is judged as a whole. */
  end(): void {
    clearInterval(this.#clock);
  }

  #judgeRows(rows: number, rejects: readonly number[]): void {
    const { mostRows } = this.#parts;
    const point = breakingPoint(this.#byRow, { ...this.#so, mostRows }, { rows, rejects });
    if (point !== undefined) this.#stop({ ...point, mostRows, resources: undefined });
  }

  #judgeTime(): void {
    if (this.#byTime.length === 0 || this.#verdicts !== undefined) return;
    const soFar: SoFar = { ...this.#so, mostRows: this.#parts.mostRows, resources: this.#parts.resources() };
    if (isBroken(this.#byTime, soFar)) this.#stop(soFar);
  }

  #stop(soFar: SoFar): void {
    this.#verdicts = judgeEarly(this.#parts.gates, soFar);
    this.end();
  }
}
