import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { score, type ScoreOptions } from '#src/index.js';
import { COMMAND, ROOT, scoreline, type Ended } from '../support/command.js';

/** Lines of a journal of some kinds. */
export function journalLines(output: string, ...kinds: readonly string[]): Record<string, unknown>[] {
  const lines = readFileSync(`${output}.journal.jsonl`, 'utf8').trim().split('\n');
  const entries = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  return entries.filter(({ kind }) => kinds.length === 0 || kinds.includes(kind as string));
}

/** What a run leaves that must not depend on how often it was interrupted. */
export interface Result {
  readonly output: string;
  readonly rejects: string | undefined;
  /** Its COMMIT without what tells one run from another, or how long it took. */
  readonly commit: Record<string, unknown>;
}

export function resultOf(output: string): Result {
  const own = ['v', 'seq', 'run', 'at', 'prev', 'digest', 'seconds', 'cpu', 'peakMemoryBytes'];
  const commit = Object.fromEntries(Object.entries(journalLines(output, 'COMMIT').at(-1) ?? {}).filter(([name]) => !own.includes(name)));
  for (const name of ['output', 'rejects']) delete (commit[name] as { path?: string } | null)?.path;
  let rejects: string | undefined;
  try {
    rejects = readFileSync(`${output}.rejects.csv`, 'latin1');
  } catch {
    // a clean run has none
  }
  return { output: readFileSync(output, 'latin1'), rejects, commit };
}

/** Files of a run that are there only until it is over. */
export function leftovers(output: string): string[] {
  return readdirSync(dirname(output)).filter((name) => name.startsWith(`.${basename(output)}`));
}

/** Checkpoints that the run into this output has made durable by now. */
export function checkpointsOf(output: string): number {
  try {
    const state = readFileSync(join(dirname(output), `.${basename(output)}.scoreline-run`), 'latin1');
    return state.split('\n').filter((line) => line.startsWith('{"kind":"checkpoint"')).length;
  } catch {
    return 0;
  }
}

/** Runs the command until `enough` of the output says so, then kills it as `kill -9` does; gives how it ended, which may be by itself. */
export async function killed(args: readonly string[], enough: () => boolean, delayMs = 0): Promise<NodeJS.Signals | number | null> {
  const child = spawn(process.execPath, [COMMAND, ...args], { cwd: ROOT, env: { PATH: process.env['PATH'] ?? '' }, stdio: 'ignore' });
  let timer: NodeJS.Timeout | undefined;
  const watch = setInterval(() => {
    if (!enough()) return;
    clearInterval(watch);
    timer = setTimeout(() => child.kill('SIGKILL'), delayMs);
  }, 1);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status, signal) => {
      clearInterval(watch);
      clearTimeout(timer);
      resolve(signal ?? status);
    });
  });
}

export async function succeeds(args: readonly string[]): Promise<Ended> {
  const ended = await scoreline(args);
  if (ended.status !== 0) throw new Error(`status ${ended.status}: ${ended.stderr}`);
  return ended;
}

/** Scores, and is interrupted once so many rows are committed; gives whether it was, or had ended before. */
export async function interruptedAfter(rows: number, options: Omit<ScoreOptions, 'signal' | 'onProgress'>): Promise<boolean> {
  const controller = new AbortController();
  try {
    await score({ ...options, signal: controller.signal, onProgress: (progress) => progress.rows >= rows && controller.abort() });
    return false;
  } catch (error) {
    if ((error as { code?: string }).code !== 'interrupted') throw error;
    return true;
  }
}
