import { realpath } from 'node:fs/promises';
import { systemCode } from '../errors/system-code.js';
import { ChainCheck, type HeadState, type JournalProblem, type TornLine } from './chain-check.js';
import type { Entry } from './entry.js';
import { readFailure } from './failure.js';
import { readHead } from './head.js';
import { readJournal } from './reader.js';
import { RunCheck, type RunProblem } from './run-check.js';

export interface VerifyOptions {
  /** Files that were rotated away, oldest first; without them the chain is proven from where the present file begins. */
  readonly rotated?: readonly string[];
  /** Told each entry that proves itself, in the journal's order. */
  readonly onEntry?: (entry: Entry) => void;
}

export interface VerifyReport {
  /** True where there is no problem. Torn lines and runs without an end are none. */
  readonly ok: boolean;
  readonly path: string;
  /** Lines that prove themselves. */
  readonly entries: number;
  readonly runs: number;
  /** Runs without an end: still running, or dead. */
  readonly open: readonly string[];
  readonly torn: readonly TornLine[];
  /** True where the first line goes on from an earlier file: then only `rotated` can show that nothing is missing before it. */
  readonly continues: boolean;
  readonly head: HeadState;
  readonly problems: readonly JournalProblem[];
}

const RULES: Readonly<Record<RunProblem, string>> = {
  'second-start': 'has a second START',
  'second-end': 'has ended before',
  'after-end': 'has ended before',
  'no-start': 'has no START',
};

/**
 * Proves a journal: each line against its digest, the chain from line to line, its end against the head, one START and at most one end a run. Read it under
 * no lock: a writer at work may leave the head behind for a moment. Throws JournalError (`journal-missing` 66, `journal-read` 74, `journal-permission` 77).
 */
export async function verifyJournal(path: string, options: VerifyOptions = {}): Promise<VerifyReport> {
  const head = await headOf(path);
  const chain = new ChainCheck(head);
  const broken: JournalProblem[] = [];
  let runs: RunCheck | undefined;
  for (const file of [...(options.rotated ?? []), path]) {
    for await (const line of lines(file, file === path && head !== 'missing')) {
      chain.add(line, file);
      if (!line.decoded.ok) continue;
      options.onEntry?.(line.decoded.entry);
      runs ??= new RunCheck(chain.firstSeq === 1);
      const problem = runs.add(line.decoded.entry);
      if (problem !== undefined) {
        const { run, kind } = line.decoded.entry;
        broken.push({ code: problem, file, line: line.number, message: `line ${line.number} is a ${kind} of run ${run}, which ${RULES[problem]}` });
      }
    }
  }
  const state = chain.finish(path);
  const problems = [...chain.problems, ...broken];
  return {
    ok: problems.length === 0,
    path,
    entries: chain.entries,
    runs: runs?.runs ?? 0,
    open: runs?.open ?? [],
    torn: chain.torn,
    continues: (chain.firstSeq ?? 1) > 1,
    head: state,
    problems,
  };
}

/** Head and lock stand beside the real file. */
async function headOf(path: string): ReturnType<typeof readHead> {
  try {
    const real = await realpath(path).catch(() => path);
    return await readHead(real);
  } catch (error) {
    throw readFailure(error, `${path}.head`);
  }
}

/** A journal just rotated away has a head and no file yet. */
async function* lines(path: string, mayBeMissing: boolean): ReturnType<typeof readJournal> {
  try {
    yield* readJournal(path);
  } catch (error) {
    if (!(mayBeMissing && systemCode(error) === 'journal-missing')) throw error;
  }
}
