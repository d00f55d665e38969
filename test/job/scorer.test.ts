import { ChildProcess, fork } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { ModelError, type ScorelineError } from '#src/errors/errors.js';
import { closeDeadRun } from '#src/job/close-dead-run.js';
import { memoryError } from '#src/job/failures.js';
import { openScorer, type ScoreHooks, type Scorer, type ScorerOptions } from '#src/job/scorer.js';
import type { CommitRecord } from '#src/journal/record.js';
import { verifyJournal } from '#src/journal/verify.js';
import type { RunEvent, ScoreOptions } from '#src/run/options.js';
import { score } from '#src/run/score.js';
import { fixture, ROOT, tempFolder } from '../support/command.js';
import { endlessModel, hungryModel } from './models.js';
import { childrenOf, scorerOf, stateOf, until } from './processes.js';

const open: Scorer[] = [];
afterEach(async () => {
  for (const scorer of open.splice(0)) await scorer.close();
  expect(childrenOf(process.pid)).toEqual([]); // nothing left, no zombie either
});

function opened(options?: ScorerOptions): Scorer {
  const scorer = openScorer(options);
  open.push(scorer);
  return scorer;
}

const never = (): ScoreHooks => ({ signal: new AbortController().signal });
const FOREST: Pick<ScoreOptions, 'model' | 'input'> = { model: fixture('adult', 'adult-forest.onnx'), input: fixture('adult', 'adult.csv') };

/** A folder with a model, rows that it never ends on, and where the scores go. */
function scene(
  model: Uint8Array = endlessModel(),
  rows = 'X\n1\n2\n',
): { readonly folder: string; readonly options: ScoreOptions & { output: string } } {
  const folder = tempFolder();
  writeFileSync(join(folder, 'm.onnx'), model);
  writeFileSync(join(folder, 'in.csv'), rows);
  return { folder, options: { model: join(folder, 'm.onnx'), input: join(folder, 'in.csv'), output: join(folder, 'out.csv'), workers: 1 } };
}

/** Kinds of the lines that a journal has so far. */
function kindsOf(journal: string): string[] {
  const text = existsSync(journal) ? readFileSync(journal, 'utf8') : '';
  return text.split('\n').slice(0, -1).map((line) => (JSON.parse(line) as { kind: string }).kind); // prettier-ignore
}
const tempsIn = (folder: string): string[] => readdirSync(folder).filter((name) => name.endsWith('.scoreline-tmp'));

describe('a run in a process of its own', () => {
  test('gives the same bytes and the same figures, and reports progress', async () => {
    const folder = tempFolder();
    const [here, there] = [join(folder, 'here.csv'), join(folder, 'there.csv')];
    const plain = await score({ ...FOREST, output: here });
    let rows = 0;
    const summary = await opened().score({ ...FOREST, output: there }, { ...never(), onProgress: (progress) => (rows = progress.rows) });
    expect(readFileSync(there).equals(readFileSync(here))).toBe(true);
    expect({ ...summary, runId: '', output: '', seconds: 0, peakMemoryBytes: 0, rejects: '', journal: '' }).toEqual({
      ...plain, runId: '', output: '', seconds: 0, peakMemoryBytes: 0, rejects: '', journal: '',
    }); // prettier-ignore
    expect(rows).toBeGreaterThan(0);
    expect(kindsOf(`${there}.journal.jsonl`)).toEqual(['START', 'PREPARE', 'COMMIT']);
  });

  test('that has ended is not ended again with its process: what stands at its output since is let be', async () => {
    const folder = tempFolder();
    const scorer = opened();
    await scorer.score({ ...FOREST, output: join(folder, 'out.csv') }, never());
    const state = join(folder, '.out.csv.scoreline-run'); // as of a run that comes after it
    writeFileSync(state, '', { mode: 0o600 });
    await scorer.close();
    await new Promise((resolve) => setTimeout(resolve, 1000));
    expect(existsSync(state)).toBe(true);
  });

  test('that died when all was published and recorded is done: no FAIL, and its COMMIT is told', async () => {
    const output = join(tempFolder(), 'out.csv');
    const options = { model: FOREST.model, input: fixture('adult', 'adult.csv'), output };
    const heard: RunEvent[] = [];
    const summary = await score({ ...options, onEvent: (event) => heard.push(event) });
    const commit = heard.at(-1)?.record as CommitRecord;
    const [begun, told] = [{ runId: summary.runId, journal: `${output}.journal.jsonl` }, [] as RunEvent[]];
    const onEvent = (event: RunEvent): void => void told.push(event);
    const died = new ModelError('runtime-crashed', 'the process is gone');
    const closed = await closeDeadRun(begun, options, died, { told: { started: true, ended: false }, onEvent, published: { summary, commit } });
    expect(closed).toEqual({ published: summary });
    expect(told).toMatchObject([{ kind: 'COMMIT', run: summary.runId, record: commit }]);
    expect(kindsOf(begun.journal)).toEqual(['START', 'PREPARE', 'COMMIT']);
  });

  test('throws what the run throws, with its class, place and advice', async () => {
    const folder = tempFolder();
    const options = { ...FOREST, input: fixture('types', 'types.csv'), output: join(folder, 'out.csv') };
    const plain: unknown = await score(options).catch((error: unknown) => error);
    const thrown: unknown = await opened().score(options, never()).catch((error: unknown) => error); // prettier-ignore
    expect(thrown).toEqual(plain);
    expect((thrown as Error).constructor).toBe((plain as Error).constructor);
  });

  test('scores what comes after a failure in the same process', async () => {
    const scorer = opened();
    const folder = tempFolder();
    await expect(scorer.score({ ...FOREST, input: join(folder, 'none.csv'), output: join(folder, 'a.csv') }, never())).rejects.toMatchObject({ code: 'input-missing' }); // prettier-ignore
    const first = await scorerOf(process.pid);
    await scorer.score({ ...FOREST, output: join(folder, 'b.csv') }, never());
    expect(await scorerOf(process.pid)).toBe(first);
  });
});

describe('native code that does not come back', () => {
  test('ends at the deadline, 124, with FAIL in the journal and nothing left', async () => {
    const { folder, options } = scene();
    const begun = performance.now();
    await expect(opened().score(options, { ...never(), deadlineMs: 1500 })).rejects.toMatchObject({ code: 'deadline', status: 124 });
    expect(performance.now() - begun).toBeLessThan(2000);
    expect(kindsOf(`${options.output}.journal.jsonl`)).toEqual(['START', 'FAIL']);
    expect(await verifyJournal(`${options.output}.journal.jsonl`)).toMatchObject({ ok: true, open: [] });
    expect([existsSync(options.output), tempsIn(folder)]).toEqual([false, []]);
  });

  test('ends when the caller stops it, by the reason that it gives, and the next call is served', async () => {
    const { options } = scene();
    const scorer = opened();
    const controller = new AbortController();
    const run = scorer.score(options, { signal: controller.signal });
    await until(() => kindsOf(`${options.output}.journal.jsonl`).includes('START'));
    controller.abort();
    await expect(run).rejects.toMatchObject({ code: 'interrupted', status: 130 });
    writeFileSync(options.input as string, 'X\n1000\n');
    await scorer.score(options, never());
    expect(readFileSync(options.output, 'utf8')).toBe('prediction\n1000\n');
    expect(kindsOf(`${options.output}.journal.jsonl`)).toEqual(['START', 'FAIL', 'START', 'PREPARE', 'COMMIT']);
  });

  test('is ended when it takes more memory than allowed, 69, with both figures', async () => {
    const { options } = scene(hungryModel(400 << 20));
    const error: unknown = await opened({ maxMemoryBytes: 300 << 20 }).score(options, never()).catch((thrown: unknown) => thrown); // prettier-ignore
    expect(error).toMatchObject({ code: 'memory-exceeded', status: 69, details: { limitBytes: 300 << 20 } });
    expect((error as Error).message).toMatch(/took \d+ MB of memory, and 300 MB were allowed/);
    expect(kindsOf(`${options.output}.journal.jsonl`)).toEqual(['START', 'FAIL']);
  });
});

describe('what a process is ended for', () => {
  test('names the input, and the row from which the same command goes on, where there is a checkpoint', async () => {
    const { options } = scene(endlessModel(), `X\n${'1000\n'.repeat(3000)}${'1\n'.repeat(500)}`);
    const wide = { ...options, chunkBytes: 4096, batchRows: 100, checkpointEveryMs: 0 };
    const error: unknown = await opened().score(wide, { ...never(), deadlineMs: 4000 }).catch((thrown: unknown) => thrown); // prettier-ignore
    expect(error).toMatchObject({ code: 'deadline', status: 124, place: { file: options.input } });
    const row = Number(/The same command goes on from row ([\d,]+)\.$/.exec((error as ScorelineError).fix ?? '')?.[1]?.replace(',', ''));
    expect(row).toBeGreaterThan(1);
    writeFileSync(options.input as string, readFileSync(options.input as string, 'utf8')); // as it was, under another time
    const state = readFileSync(join(dirname(options.output), '.out.csv.scoreline-run'), 'utf8');
    expect(state).toContain(`"rowsIn":${row - 1}`);
  });

  test('names the input and the limit as it was given, where that is memory', () => {
    expect(memoryError(2, 40 << 20, 'in.csv')).toMatchObject({ message: expect.stringContaining('took 40 MB of memory, and 2 bytes were') as string, place: { file: 'in.csv' } });
    expect(memoryError(300 << 20, 301 << 20, '-')).toMatchObject({ message: expect.stringContaining('and 300 MB were') as string, place: {} });
  }); // prettier-ignore
});

test('a process that cannot be killed is given up: the next call has another, and closing waits for neither', async () => {
  const { options } = scene();
  const scorer = opened();
  const kill = vi.spyOn(ChildProcess.prototype, 'kill').mockReturnValue(true); // as one that waits for a device
  let stuck = 0;
  try {
    const run = scorer.score(options, { ...never(), deadlineMs: 1000 });
    stuck = await scorerOf(process.pid);
    process.kill(stuck, 'SIGSTOP'); // it would end itself once nobody listens
    await expect(run).rejects.toMatchObject({ code: 'deadline' });
  } finally {
    kill.mockRestore();
  }
  writeFileSync(options.input as string, 'X\n1000\n');
  await scorer.score({ ...options, output: join(dirname(options.output), 'next.csv') }, never());
  expect(await scorerOf(process.pid, stuck)).not.toBe(stuck);
  await scorer.close();
  process.kill(stuck, 'SIGKILL');
  await until(() => stateOf(stuck) === undefined);
}, 30_000);

test('a scoring process ends with its supervisor, also while it starts', async () => {
  const path = join(ROOT, 'dist', 'job', 'scoring-process.js');
  for (const ms of [0, 40, 80]) {
    const child = fork(path, [], { serialization: 'advanced', stdio: 'ignore' });
    const ended = new Promise((resolve) => child.once('exit', (_, signal) => resolve(signal)));
    await wait(ms);
    child.disconnect();
    const how = await Promise.race([ended, wait(10_000, 'is still there')]);
    if (how !== 'SIGKILL') child.kill('SIGKILL');
    expect(how).toBe('SIGKILL');
  }
}, 60_000);

describe('a run that never began', () => {
  test('has START and FAIL all the same: here its deadline passed while its process started', async () => {
    const { options } = scene();
    await expect(opened().score(options, { ...never(), deadlineMs: 60_000, elapsedMs: 60_000 })).rejects.toMatchObject({ code: 'deadline' });
    expect(kindsOf(`${options.output}.journal.jsonl`)).toEqual(['START', 'FAIL']);
  });

  test('where no process can be started', async () => {
    const { options } = scene();
    const path = process.execPath;
    process.execPath = '/nowhere/node';
    try {
      await expect(opened().score(options, never())).rejects.toMatchObject({ code: 'no-process', status: 74 });
    } finally {
      process.execPath = path;
    }
    expect(kindsOf(`${options.output}.journal.jsonl`)).toEqual(['START', 'FAIL']);
  });
});

describe('a scoring process that dies', () => {
  test.each([
    ['SIGSEGV', 'runtime-crashed', /SIGSEGV/],
    ['SIGABRT', 'runtime-crashed', /SIGABRT/],
    ['SIGKILL', 'memory-exceeded', /SIGKILL/],
  ] as const)('by %s is a failure of its run, 69, and the next call has a process of its own', async (signal, code, says) => {
    const { options } = scene();
    const scorer = opened();
    const run = scorer.score(options, never());
    const pid = await scorerOf(process.pid);
    await until(() => kindsOf(`${options.output}.journal.jsonl`).includes('START'));
    process.kill(pid, signal);
    await expect(run).rejects.toMatchObject({ code, status: 69, message: expect.stringMatching(says) as string });
    const journal = `${options.output}.journal.jsonl`;
    expect(JSON.parse(readFileSync(journal, 'utf8').trim().split('\n').at(-1) ?? '')).toMatchObject({ kind: 'FAIL', error: { code, status: 69 } });
    expect(stateOf(pid)).toBeUndefined();
    expect(readdirSync(dirname(options.output)).filter((name) => name.startsWith('.'))).toEqual([]);
    writeFileSync(options.input as string, 'X\n1000\n');
    expect(await scorer.score(options, never())).toMatchObject({ scored: 1 });
    expect(await verifyJournal(journal)).toMatchObject({ ok: true, open: [], problems: [] });
  });
});
