import { existsSync, readFileSync, readlinkSync, realpathSync, writeFileSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { takeLock, type Lock } from '#src/files/lock.js';
import { JournalError } from '#src/errors/errors.js';
import { score, type RunSummary, type ScoreOptions } from '#src/index.js';
import { RunRecord } from '#src/run/record.js';
import { placesOf } from '#src/run/settings.js';
import { systemError } from '../messages/material.js';
import { failureOf, openFolder } from '../publish/folder.js';
import { journalLines, leftovers } from '../resume/world.js';
import { fixture } from '../support/command.js';

afterEach(() => void vi.restoreAllMocks());

/** A run of many chunks with a checkpoint after each. */
function scene(): ScoreOptions & { readonly input: string; readonly output: string } {
  const folder = realpathSync(openFolder());
  const input = join(folder, 'in.csv');
  writeFileSync(input, `id,x\n${Array.from({ length: 400 }, (_, row) => `${row},${row / 8}\n`).join('')}`);
  const output = join(folder, 'out.csv');
  return { model: fixture('types', 'single.onnx'), input, output, workers: 1, chunkBytes: 1000, checkpointEveryMs: 0, stringCodes: 'never' };
}

/** The same command, as the last one left things; expects that not all was scored again. */
async function goesOn(options: ScoreOptions & { readonly output: string }): Promise<RunSummary> {
  const again = await score(options);
  expect(again.resumed?.fromRow).toBeGreaterThan(1);
  expect(readFileSync(options.output, 'utf8').split('\n')).toHaveLength(402);
  expect(leftovers(options.output)).toEqual([]);
  return again;
}

/** Lets the sync of a line of that kind fail in the journal, as on a disk that is full. */
async function failLine(kind: string): Promise<void> {
  const handle = await open('/dev/null');
  const methods = Object.getPrototypeOf(handle) as FileHandle;
  await handle.close();
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with its handle
  const { datasync } = methods;
  vi.spyOn(methods, 'datasync').mockImplementation(function (this: FileHandle) {
    const path = readlinkSync(`/proc/self/fd/${this.fd}`);
    const last = path.endsWith('.journal.jsonl') ? readFileSync(path, 'utf8').trimEnd().split('\n').at(-1) : '';
    return last?.includes(`"kind":"${kind}"`) === true ? Promise.reject(systemError('ENOSPC', 'no space')) : datasync.call(this);
  });
}

test('a journal that is full when all rows are scored costs no more than the last chunk', async () => {
  const options = scene();
  await failLine('PREPARE');
  expect(await failureOf(score(options))).toMatchObject({ code: 'journal-write', status: 74 });
  expect([existsSync(options.output), leftovers(options.output).length]).toEqual([false, 2]);
  vi.restoreAllMocks();
  await goesOn(options);
});

test('a journal that stays locked when all rows are scored costs no more than the last chunk', async () => {
  const options = scene();
  const now = performance.now.bind(performance);
  let ahead = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => now() + ahead);
  let lock: Promise<Lock> | undefined;
  const onProgress = ({ rows }: { readonly rows: number }): void => {
    if (rows < 400 || lock !== undefined) return;
    lock = takeLock(`${options.output}.journal.jsonl.lock`, { mode: 0o600, waitMs: 10_000, onFallback: () => undefined });
    void lock.then(() => (timer = setInterval(() => (ahead += 3000), 50))); // nobody shall wait for as long as it takes
  };
  let timer: NodeJS.Timeout | undefined;
  expect(await failureOf(score({ ...options, onProgress }))).toMatchObject({ code: 'journal-locked', status: 75 });
  clearInterval(timer);
  await (await lock)?.release();
  await goesOn(options);
  expect(journalLines(options.output, 'START', 'ABORT', 'COMMIT').map(({ kind }) => kind)).toEqual(['START', 'ABORT', 'START', 'COMMIT']);
}, 60_000);

test('a run that ends by a lock that was busy has its end in the journal, as it tells it, once that is free; one that was refused has none', async () => {
  for (const [status, ends] of [
    ['locked', [75]],
    ['io', []],
  ] as const) {
    const options = scene();
    const record = new RunRecord(options, placesOf(options, false));
    await record.start();
    await record.fail(new JournalError('journal-test', 'cannot write', { status }));
    expect(journalLines(options.output, 'FAIL').map(({ error }) => (error as { status: number }).status)).toEqual(ends);
  }
});
