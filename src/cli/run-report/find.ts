import { readJournal } from '../../journal/reader.js';
import { RunMerge, type JournalRun } from '../../journal/runs.js';
import type { ReportRun } from '../../report/material.js';
import { trendPoint, type TrendPoint } from '../../report/trend.js';
import type { LineFaults } from '../journal/faults.js';
import { isRun, jobOf } from '../journal/filter.js';
import { reportRun } from './material.js';
import { ambiguousRun, missingRun, noRun, openRun } from './refusals.js';

export interface FoundRun {
  readonly run: ReportRun;
  /** The last runs before it and itself, oldest first. */
  readonly trend: readonly TrendPoint[];
}

/** Ids that a message may propose. */
const MOST_IDS = 1000;
/** Jobs or models whose last runs are held at a time, for the trend. */
const MOST_TRENDS = 1000;

/**
 * Reads journals once through and finds a run: the one whose id begins or ends with `id`, else the one that ended last. Each of `journals` is one, its files oldest
 * first. Holds no more than that run and the few figures of the last `runs` of each job. Throws what reading throws, and JournalError `run-missing`, `run-open`
 * (66) and `run-ambiguous` (64).
 */
export async function findRun(journals: readonly (readonly string[])[], id: string | undefined, runs: number, faults: LineFaults): Promise<FoundRun> {
  const search = new Search(id, runs);
  for (const files of journals) {
    const merge = new RunMerge();
    search.begin();
    for (const file of files) {
      for await (const { decoded, number } of readJournal(file)) {
        if (!decoded.ok) faults.add(decoded.fault, file, number);
        else {
          faults.good++;
          for (const run of merge.add(decoded.entry, file)) search.take(run);
        }
      }
    }
    for (const run of merge.rest()) search.take(run);
  }
  return search.found();
}

class Search {
  readonly #id: string | undefined;
  readonly #runs: number;
  readonly #trends = new Map<string, readonly TrendPoint[]>();
  readonly #ids: string[] = [];
  readonly #matches: string[] = [];
  #best: FoundRun | undefined;
  #open: JournalRun | undefined;

  constructor(id: string | undefined, runs: number) {
    this.#id = id;
    this.#runs = runs;
  }

  /** The next journal: trends do not go on from one to the other. */
  begin(): void {
    this.#trends.clear();
  }

  take(run: JournalRun): void {
    this.#ids.push(run.run);
    if (this.#ids.length > MOST_IDS) this.#ids.shift();
    const isAsked = this.#id === undefined || isRun(run, this.#id);
    if (isAsked && this.#id !== undefined) this.#matches.push(run.run);
    const ended = reportRun(run);
    if (ended === undefined) {
      if (isAsked) this.#open = run;
      return;
    }
    const trend = this.#extend(run, ended);
    if (isAsked && (this.#best === undefined || ended.endedMs >= this.#best.run.endedMs)) this.#best = { run: ended, trend };
  }

  found(): FoundRun {
    if (this.#id !== undefined && this.#matches.length > 1) throw ambiguousRun(this.#id, this.#matches);
    if (this.#best !== undefined) return this.#best;
    if (this.#open !== undefined) throw openRun(this.#open);
    throw this.#id === undefined ? noRun() : missingRun(this.#id, this.#ids);
  }

  #extend(run: JournalRun, ended: ReportRun): readonly TrendPoint[] {
    const job = jobOf(run);
    const key = job === undefined ? `model ${run.start?.model.path ?? ''}` : `job ${job}`;
    const trend = [...(this.#trends.get(key) ?? []), trendPoint(ended)].slice(-this.#runs);
    this.#trends.delete(key);
    this.#trends.set(key, trend);
    const [oldest] = this.#trends.size > MOST_TRENDS ? this.#trends.keys() : [];
    if (oldest !== undefined) this.#trends.delete(oldest);
    return trend;
  }
}
