import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { History, publishedEntry } from '#src/job/history.js';
import { appendToLedger } from '#src/publish/ledger.js';
import { tempFolder } from '../support/command.js';
import { jobFolder, readLedger } from './folder.js';

const DAY_MS = 86_400_000;
const OLD = '2026-01-01T00:00:00.000Z';
const NEW = '2026-03-01T00:00:00.000Z';

/** What a ledger says of the nth input of many. */
function file(index: number) {
  const stamp = { device: '1', inode: String(index), bytes: 3, mtimeNs: '4', ctimeNs: '5' };
  const paths = { output: `/o/${index}`, rejects: null, journal: null, templates: '' };
  return { name: `${index}.csv`, sha256: 'f'.repeat(64), path: `/in/${index}.csv`, stamp, paths };
}

async function historyOf(count: number): Promise<History> {
  const path = join(tempFolder(), 'l.jsonl');
  const published = Array.from({ length: count }, (_, index) => {
    const output = { path: `/o/${index}`, bytes: 1, sha256: 'x' };
    return { ...publishedEntry(file(index)), at: OLD, run: 'r', output };
  });
  await appendToLedger(path, published);
  const history = await History.open(path, 'name-and-content');
  await history.ofJobFile({ file: '/j.yaml', real: '/j.yaml', below: 'j.yaml' }, OLD);
  return history;
}

describe('a ledger that is compacted', () => {
  test('forgets inputs that have been gone for long enough, and no others', async () => {
    const history = await historyOf(200);
    const all = history.all();
    await history.gone(all.slice(0, 100), OLD);
    await history.gone(all.slice(100, 150), NEW);
    await history.seen([all[0]!]); // is there again
    await history.compact(Date.parse(OLD) + DAY_MS);
    const again = await History.open(history.path, 'name-and-content');
    expect(again.all().map(({ name }) => name)).toEqual(
      [0, ...Array.from({ length: 100 }, (_, index) => 100 + index)].map((index) => `${index}.csv`),
    );
    expect(again.get('120.csv', file(120).sha256)).toMatchObject({ goneAt: NEW });
    expect(again.jobFile).toEqual({ file: '/j.yaml', real: '/j.yaml', below: 'j.yaml' });
    const bytes = readFileSync(history.path);
    await again.compact(Date.parse(OLD) + DAY_MS);
    expect(readFileSync(history.path)).toEqual(bytes); // not rewritten for nothing
  }, 60_000);

  test('keeps them all until then', async () => {
    const history = await historyOf(200);
    await history.gone(history.all(), NEW);
    await history.compact(Date.parse(NEW) - 1);
    expect((await History.open(history.path, 'name-and-content')).all()).toHaveLength(200);
  }, 60_000);

  test('counts an input that was moved or deleted from then on, and one that was kept not at all', async () => {
    const history = await historyOf(2);
    await history.settled(file(0), 'deleted', OLD);
    await history.settled(file(1), 'kept', OLD);
    expect(history.all().map(({ goneAt }) => goneAt)).toEqual(expect.arrayContaining([OLD, undefined]));
    expect(history.get('1.csv', file(1).sha256)).not.toHaveProperty('goneAt');
  });
});

test('a run notes once that an input is gone, or holds another content, and that it is there again', async () => {
  const job = jobFolder();
  const kinds = async (): Promise<unknown[]> =>
    (await readLedger(job.file('nightly.ledger.jsonl'))).lines.map(({ kind, name }) => [kind, name]).slice(-2);
  job.input('a.csv', 1);
  job.input('b.csv', 1);
  await job.run();
  rmSync(job.file('inbox/a.csv'));
  await job.run();
  expect((await kinds()).at(-1)).toEqual(['gone', 'a.csv']);
  const before = job.read('nightly.ledger.jsonl');
  await job.run();
  expect(job.read('nightly.ledger.jsonl')).toBe(before);
  job.input('a.csv', 1);
  await job.run();
  expect((await kinds()).at(-1)).toEqual(['seen', 'a.csv']);
  job.input('b.csv', 2);
  await job.run();
  expect((await kinds()).at(-1)).toEqual(['gone', 'b.csv']); // of the content before
  expect(job.journal().filter((kind) => kind === 'COMMIT')).toHaveLength(3);
}, 60_000);
